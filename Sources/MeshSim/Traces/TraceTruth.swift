/// What really happened, for those who check what a gateway makes of the clusters' parts: all spans
/// of a trace by the true time, who has them, and which are lost.
struct TraceTruth: Sendable {
    var store: TraceStore

    /// A trace that a store may have; nil if there is none.
    func trace(_ id: TraceIdentity, at now: Int64) -> RequestTrace? {
        guard let number = store.mesh.identities.number(of: id), number.count > 0,
            number.count <= store.mesh.arrivals.count(door: number.door, by: now)
        else { return nil }
        return store.mesh.trace(number)
    }

    /// The traces that begin in a time, microseconds since 1970, the newest first.
    func traces(from start: Int64, to end: Int64, at now: Int64) -> [RequestTrace] {
        store.numbers(from: start, to: end, at: now).map(store.mesh.trace)
            .filter { (start...max(start, end)).contains($0.spans[0].start) }
    }

    func text(of trace: RequestTrace) -> JSONText {
        var json = JSONText()
        json.raw("{\"traceID\":\"\(trace.id.longText)\",\"spans\":")
        json.array(trace.spans) { json, span in
            json.raw("{\"number\":\(span.number)")
            if let parent = span.parentNumber { json.raw(",\"parent\":\(parent)") }
            json.raw(",\"spanID\":\"\(hexadecimal(span.spanID))\",\"parentSpanID\":")
            json.raw("\"\(span.parentSpanID == 0 ? "" : hexadecimal(span.parentSpanID))\"")
            json.raw(",\"name\":")
            json.string(span.name)
            json.raw(",\"kind\":\"\(span.kind.text)\",\"service\":")
            json.string(span.place.service)
            json.raw(",\"cluster\":\"\(span.place.cluster)\",\"node\":\"\(span.place.node)\"")
            json.raw(",\"start\":\(span.start),\"end\":\(span.end),\"skew\":")
            json.raw("\(store.plan.skew(of: span.place.cluster)),\"isError\":")
            json.raw("\(span.failure != nil),\"stores\":")
            json.array(span.stores) { $0.string($1) }
            json.raw("}")
        }
        json.raw("}")
        return json
    }
}
