/// Puts the root first and the others in the order of their starts: clients of Jaeger take a trace's
/// name and time from its first span. Of two that start together the longer comes first, so that
/// parents precede their children.
@Sendable func orderSpans(_ trace: inout MergingTrace) {
    let first = trace.firstSpan
    let places = trace.spans.indices.map { SpanPlace($0, of: trace.spans) }.sorted()
    var ordered: [Span] = []
    ordered.reserveCapacity(places.count)
    func append(_ index: Int) {
        ordered.append(trace.spans[index])
        ordered[ordered.count - 1].resource = trace.resources[Int(trace.resourceOfSpan[index])]
    }
    if let first { append(first) }
    for place in places where place.index != first { append(place.index) }
    trace.spans = ordered
    trace.resources = []
    trace.resourceOfSpan = []
}

extension MergingTrace {
    /// The earliest root; where there is none the earliest span whose parent is not here, and where
    /// all have parents the earliest. Correcting clock skew moves none of them.
    var firstSpan: Int? {
        var first: SpanPlace?
        func take(_ index: Int) {
            let place = SpanPlace(index, of: spans)
            if first.map({ place < $0 }) ?? true { first = place }
        }
        for index in spans.indices where spans[index].parentSpanID == .none { take(index) }
        if first == nil {
            let places = SpanIndex(spans)
            for index in spans.indices where places.first(spans[index].parentSpanID) == nil {
                take(index)
            }
        }
        if first == nil { spans.indices.forEach(take) }
        return first?.index
    }
}

/// Where a span belongs among those of its trace.
private struct SpanPlace: Comparable {
    var start: Int64
    var duration: Int64
    var id: UInt64
    var index: Int

    init(_ index: Int, of spans: [Span]) {
        start = spans[index].startTime
        duration = spans[index].endTime.subtractingSaturated(spans[index].startTime)
        id = spans[index].spanID.rawValue
        self.index = index
    }

    static func < (left: SpanPlace, right: SpanPlace) -> Bool {
        if left.start != right.start { return left.start < right.start }
        if left.duration != right.duration { return left.duration > right.duration }
        return (left.id, left.index) < (right.id, right.index)
    }
}
