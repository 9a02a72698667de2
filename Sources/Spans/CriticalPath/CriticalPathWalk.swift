/// The way back through one trace.
struct CriticalPathWalk {
    private let spans: [Span]
    private let tree: SpanTree
    /// Each span's times within its parents'.
    private var starts: [Int64]
    private var ends: [Int64]
    /// The children that hold their parent up, those that end last first.
    private var children: [[Int]]
    /// How many of a span's children the path has passed.
    private var passed: [Int]

    init(_ spans: [Span], _ tree: SpanTree) {
        self.spans = spans
        self.tree = tree
        starts = spans.map(\.startTime)
        // A span that ends before it begins takes no time.
        ends = spans.map { max($0.startTime, $0.endTime) }
        children = Array(repeating: [], count: spans.count)
        passed = Array(repeating: 0, count: spans.count)
    }

    /// The path of a root of the tree.
    mutating func path(of root: Int) -> CriticalPath {
        fitChildren(below: root)
        var path = CriticalPath(root: root, sections: [])
        var span = root
        // Where the path arrives at the span, and whether from its end or from one of its children.
        var moment = ends[root]
        var isReturning = false
        while true {
            if let child = lastChild(of: span, before: isReturning ? moment : nil) {
                add(span, from: ends[child], to: moment, to: &path)
                span = child
                moment = ends[child]
                isReturning = false
            } else {
                add(span, from: starts[span], to: moment, to: &path)
                guard span != root, let parent = tree.parents[span] else { break }
                moment = starts[span]
                span = parent
                isReturning = true
            }
        }
        path.sections.reverse()
        return path
    }

    /// The child that ends last: before a moment, where there is one.
    private mutating func lastChild(of span: Int, before moment: Int64?) -> Int? {
        // Moments go back only, so that no child need be looked at twice.
        while passed[span] < children[span].count {
            let child = children[span][passed[span]]
            passed[span] += 1
            guard let moment, ends[child] >= moment else { return child }
        }
        return nil
    }

    private func add(_ span: Int, from: Int64, to: Int64, to path: inout CriticalPath) {
        guard from < to else { return }
        path.sections.append(CriticalPath.Section(span: span, from: from, to: to))
    }

    /// Cuts the spans below a root to their parents' times, and leaves out those that hold nothing
    /// up.
    private mutating func fitChildren(below root: Int) {
        var waiting = [root]
        while let parent = waiting.popLast() {
            var kept: [Int] = []
            for child in tree.children[parent] where isBlocking(child, parent) {
                let isWithin = starts[child] < ends[parent]
                let isEarlier = starts[child] < starts[parent]
                guard isWithin, !isEarlier || ends[child] > starts[parent] else { continue }
                starts[child] = max(starts[child], starts[parent])
                ends[child] = min(ends[child], ends[parent])
                kept.append(child)
            }
            // Sorting is stable: of those that end together the one that begins first counts.
            kept.sort { ends[$0] > ends[$1] }
            children[parent] = kept
            waiting += kept
        }
    }

    private func isBlocking(_ child: Int, _ parent: Int) -> Bool {
        !(spans[parent].kind == .producer && spans[child].kind == .consumer)
    }
}
