/// Chooses ids that no span of a trace has, counting up from one as Jaeger does
/// (`adjuster/spaniduniquifier.go`).
struct NewSpanIDs {
    private var latest: UInt64 = 0

    /// The next one; nil where there is none left.
    mutating func next(besides index: SpanIndex) -> SpanID? {
        while latest < .max {
            latest += 1
            if index.first(SpanID(latest)) == nil { return SpanID(latest) }
        }
        return nil
    }
}

extension MergingTrace {
    /// Which of several spans that had one id is the parent of a span that names it; nil where none
    /// can be.
    ///
    /// What is done inside a service is recorded by it, so the same service counts most, except for
    /// a span that a call or a message began; then that the parent lasted when the span began; then
    /// that a store has both. The earlier in the list wins a tie.
    func parent(of child: Int, among candidates: [Int]) -> Int? {
        if candidates.count == 1 { return candidates[0] == child ? nil : candidates[0] }
        var best: (place: Int, score: Int)?
        for place in candidates where place != child {
            let (span, parent) = (spans[child], spans[place])
            var score = 0
            if span.kind != .server, span.kind != .consumer,
                span.resource.serviceName == parent.resource.serviceName
            {
                score += 4
            }
            if (parent.startTime...max(parent.startTime, parent.endTime)).contains(span.startTime) {
                score += 2
            }
            if span.clusters.contains(where: parent.clusters.contains) { score += 1 }
            if best.map({ $0.score < score }) ?? true { best = (place, score) }
        }
        return best?.place
    }
}
