/// Makes one of the copies of a span that something was added to on their ways: a collector's
/// attributes, a warning, another order.
///
/// Copies are the spans with equal trace, id, kind, service, start and duration. Times count as equal
/// within a microsecond: one store may say them in microseconds (Jaeger's v1 API) and another in
/// nanoseconds. The first in the inventory's order wins where they differ, and nothing of the others
/// is lost.
@Sendable func reuniteEnrichedCopies(_ trace: inout MergingTrace) {
    let index = SpanIndex(trace.spans)
    guard !index.repeated.isEmpty else { return }
    var isCopy = Array(repeating: false, count: trace.spans.count)
    for first in index.repeated {
        let places = index.places(from: Int(first))
        for copies in copies(among: places, of: trace.spans) where copies.count > 1 {
            let ordered = copies.sorted()
            let original = ordered[0]
            for copy in ordered.dropFirst() {
                isCopy[copy] = true
                let clusters = trace.united(
                    trace.spans[original].clusters, trace.spans[copy].clusters)
                trace.spans[original].unite(with: trace.spans[copy])
                trace.spans[original].clusters = clusters
            }
        }
    }
    trace.remove(isCopy)
}

/// The spans at these places, which have one id, by what they are copies of.
private func copies(among places: [Int], of spans: [Span]) -> [[Int]] {
    struct Recorder: Hashable {
        var trace: TraceID
        var kind: SpanKind
        var service: String
    }
    var recorders: [Recorder: [Int]] = [:]
    for place in places {
        let span = spans[place]
        let recorder = Recorder(
            trace: span.traceID, kind: span.kind, service: span.resource.serviceName)
        recorders[recorder, default: []].append(place)
    }
    return recorders.values.flatMap { places -> [[Int]] in
        guard places.count > 1 else { return [] }
        return runs(of: places) { spans[$0].startTime }
            .flatMap {
                runs(of: $0) { spans[$0].endTime.subtractingSaturated(spans[$0].startTime) }
            }
    }
}

/// The places by time, together where all times are within a microsecond of the first.
private func runs(of places: [Int], by time: (Int) -> Int64) -> [[Int]] {
    let ordered = places.map { (time: time($0), place: $0) }.sorted { $0 < $1 }
    var runs: [[Int]] = []
    var start: Int64 = 0
    for (time, place) in ordered {
        if runs.isEmpty || time.subtractingSaturated(start) >= 1_000 {
            runs.append([])
            start = time
        }
        runs[runs.count - 1].append(place)
    }
    return runs
}
