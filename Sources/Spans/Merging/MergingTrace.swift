/// A trace while its fragments become one.
struct MergingTrace {
    let settings: TraceMerger.Settings
    /// Fragment after fragment in the inventory's order, each in its store's order, until they are
    /// put in order.
    var spans: [Span]
    var warnings: [String]
    /// Where the spans of each fragment are that has not been merged before, until the first copy is
    /// dropped.
    let parts: [Range<Int>]
    /// The place of each cluster in the inventory.
    private let ranks: [String: Int]
    /// The different resources of the spans, once equal ones are one.
    var resources: [Resource] = []
    /// Which of the resources is each span's, once equal ones are one.
    var resourceOfSpan: [Int32] = []

    init(_ fragments: [TraceFragment], settings: TraceMerger.Settings) {
        self.settings = settings
        var ranks: [String: Int] = [:]
        for name in settings.clusters where ranks[name] == nil { ranks[name] = ranks.count }
        let unlisted = Set(
            fragments.lazy.flatMap { fragment in
                [fragment.cluster] + Set(fragment.trace.spans.lazy.flatMap(\.clusters))
            }
        ).subtracting(ranks.keys)
        for name in unlisted.sorted() { ranks[name] = ranks.count }
        self.ranks = ranks

        let places = fragments.indices.sorted {
            let (left, right) = (
                ranks[fragments[$0].cluster] ?? 0, ranks[fragments[$1].cluster] ?? 0
            )
            return left == right ? $0 < $1 : left < right
        }
        spans = []
        spans.reserveCapacity(fragments.reduce(0) { $0 + $1.trace.spans.count })
        warnings = []
        var parts: [Range<Int>] = []
        for place in places {
            let fragment = fragments[place]
            let start = spans.count
            let clusters = [fragment.cluster]
            spans += fragment.trace.spans
            var isMerged = false
            for index in start..<spans.count {
                if spans[index].clusters.isEmpty {
                    spans[index].clusters = clusters
                } else {
                    isMerged = true
                }
            }
            if !isMerged { parts.append(start..<spans.count) }
            for warning in fragment.trace.warnings where !warnings.contains(warning) {
                warnings.append(warning)
            }
        }
        self.parts = parts
    }

    /// The clusters that hold copies of one of two spans, in the inventory's order.
    func united(_ left: [String], _ right: [String]) -> [String] {
        let added = right.filter { !left.contains($0) }
        guard !added.isEmpty else { return left }
        return (left + added).sorted { (ranks[$0] ?? 0, $0) < (ranks[$1] ?? 0, $1) }
    }

    /// Leaves out the spans that are marked.
    mutating func remove(_ isRemoved: [Bool]) {
        var kept = 0
        for index in spans.indices where !isRemoved[index] {
            if kept != index { spans.swapAt(kept, index) }
            kept += 1
        }
        spans.removeLast(spans.count - kept)
    }

    mutating func warn(_ text: String) {
        if !warnings.contains(text) { warnings.append(text) }
    }
}

extension Span {
    /// Says it once.
    mutating func warn(_ text: String) {
        if !warnings.contains(text) { warnings.append(text) }
    }
}
