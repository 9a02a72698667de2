import Spans
import TestSupport

/// A trace as it happened, and what clusters' stores hold of it.
struct GeneratedTrace {
    /// As it happened: every id its own, clocks right.
    private(set) var truth: [Span] = []
    /// As recorders said it: Zipkin's with shared ids, hosts with wrong clocks.
    private(set) var recorded: [Span] = []
    var random: SeededGenerator
    private let hasSharedIDs: Bool
    /// Nanoseconds, by service.
    private let clocks: [Int64]
    static let clusters = ["east", "west", "ap"]

    /// `skews` says whether the hosts' clocks differ, by more than anything lasts.
    init(seed: UInt64, spans limit: Int, sharesIDs: Bool, skews: Bool) {
        var random = SeededGenerator(seed: seed)
        hasSharedIDs = sharesIDs
        clocks =
            [0]
            + (0..<5).map { _ in
                skews ? Int64.random(in: -9...9, using: &random) * 5_000_000_000 : 0
            }
        self.random = random
        let length: Int64 = 2_000_000_000
        add(
            parent: nil, service: 0, kind: .server, start: 1_700_000_000_000_000_000, length: length
        )
        var next = 0
        while next < truth.count, truth.count < limit {
            grow(next)
            next += 1
        }
    }

    /// What a span did: nothing, steps of its own, calls.
    private mutating func grow(_ place: Int) {
        let span = truth[place]
        guard span.kind != .client, span.duration >= 40_000 else { return }
        let service = Int(span.resource.serviceName.dropFirst(8)) ?? 0
        let calls = Int64.random(in: 0...4, using: &random)
        let slot =
            (place == 0 ? max(calls, 1) : calls) == 0
            ? 0 : span.duration / max(calls, 1) / 8_000 * 8_000
        guard slot >= 16_000 else { return }
        for call in 0..<max(calls, place == 0 ? 1 : 0) {
            let start = span.startTime + call * slot + 2_000
            if Bool.random(using: &random) {
                add(
                    parent: place, service: service, kind: .internal, start: start, length: slot / 2
                )
                continue
            }
            add(parent: place, service: service, kind: .client, start: start, length: slot / 2)
            // As long there as back.
            add(
                parent: truth.count - 1, service: Int.random(in: 0...5, using: &random),
                kind: .server,
                start: start + slot / 8, length: slot / 4)
        }
    }

    private mutating func add(
        parent: Int?, service: Int, kind: SpanKind, start: Int64, length: Int64
    ) {
        let name = "operation \(truth.count)"
        var span = Span(
            traceID: TraceID(high: 1, low: 2),
            spanID: SpanID(UInt64.random(in: 1 << 40 ... .max, using: &random)),
            parentSpanID: parent.map { truth[$0].spanID } ?? .none, name: name, kind: kind,
            startTime: start, endTime: start + length,
            attributes: [
                Attribute("number", .int(Int64(truth.count))), Attribute("peer", .string("p")),
            ],
            events: [Event(time: start + 1_000, name: "began")],
            resource: Resource(attributes: [
                Attribute("host.name", .string("host-\(service)")),
                Attribute("service.name", .string("service-\(service)")),
            ]))
        truth.append(span)
        if let parent { span.parentSpanID = recorded[parent].spanID }
        if kind == .server, let parent, hasSharedIDs, Bool.random(using: &random) {
            span.spanID = recorded[parent].spanID
            span.parentSpanID = recorded[parent].parentSpanID
        }
        span.startTime += clocks[service]
        span.endTime += clocks[service]
        span.events[0].time += clocks[service]
        recorded.append(span)
    }

    /// The recorded spans over the clusters: each in one at least, some in several, some of those
    /// with more said or in another order.
    mutating func fragments(enriches: Bool) -> [TraceFragment] {
        var parts = Self.clusters.map {
            TraceFragment(cluster: $0, trace: Trace(id: TraceID(high: 1, low: 2)))
        }
        for span in recorded {
            let home = Int.random(in: parts.indices, using: &random)
            for place in parts.indices
            where place == home || Int.random(in: 0..<4, using: &random) == 0 {
                var copy = span
                if enriches, place != home {
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: copy.attributes.append(Attribute("seen.\(place)", .bool(true)))
                    case 1: copy.attributes.reverse()
                    case 2: copy.resource.attributes.append(Attribute("pod.\(place)", .int(1)))
                    default: copy.events.append(Event(time: copy.endTime, name: "kept \(place)"))
                    }
                }
                parts[place].trace.spans.append(copy)
            }
        }
        return parts
    }
}

extension Trace {
    /// What a store answers that makes its own fragment ready for people.
    func adjustedByStore() -> Trace {
        let settings = TraceMerger.Settings(maximumClockSkewAdjustment: 60_000_000_000)
        var trace = TraceMerger(settings).merge([TraceFragment(cluster: "", trace: self)])
        for index in trace.spans.indices {
            trace.spans[index].clusters = []
            trace.spans[index].resource.attributes.removeAll { $0.key == "cluster" }
        }
        return trace
    }
}
