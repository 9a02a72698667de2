/// Drops the spans that are equal to an earlier one in everything: replicated stores, retried
/// exports. The one that stays is said to be in the clusters of both.
///
/// Jaeger drops what has an equal hash (`adjuster/hash.go`); here the spans themselves are compared,
/// so that no two different spans count as one.
@Sendable func dropExactCopies(_ trace: inout MergingTrace) {
    let index = SpanIndex(trace.spans)
    guard !index.repeated.isEmpty else { return }
    var isCopy = Array(repeating: false, count: trace.spans.count)
    var latest: (left: [String], right: [String], united: [String]) = ([], [], [])
    for first in index.repeated {
        var originals: [Int] = []
        for place in index.places(from: Int(first)) {
            // So many different spans of one id are nobody's recording. What remains of their
            // copies, the next step re-unites.
            let original = originals.prefix(16).first {
                trace.spans[place].isCopy(of: trace.spans[$0])
            }
            guard let original else {
                originals.append(place)
                continue
            }
            isCopy[place] = true
            let (left, right) = (trace.spans[original].clusters, trace.spans[place].clusters)
            if left != latest.left || right != latest.right {
                latest = (left, right, trace.united(left, right))
            }
            trace.spans[original].clusters = latest.united
        }
    }
    trace.remove(isCopy)
}

extension Span {
    /// Whether everything is equal but the clusters where they are.
    fileprivate func isCopy(of other: Span) -> Bool {
        startTime == other.startTime && endTime == other.endTime && kind == other.kind
            && spanID == other.spanID && parentSpanID == other.parentSpanID
            && traceID == other.traceID && name == other.name && status == other.status
            && flags == other.flags && dropped == other.dropped && traceState == other.traceState
            && attributes == other.attributes && resource == other.resource && scope == other.scope
            && events == other.events && links == other.links && warnings == other.warnings
    }
}
