import Spans

/// Which lines a trace's drawing has: all spans, or of a long trace those that matter most, and how
/// many are left out where.
struct ShownSpans {
    enum Line: Equatable {
        case span(SpanTree.Entry)
        /// Spans next to each other that are left out, with all below them.
        case folded(count: Int, errors: Int, depth: Int)
    }

    private(set) var lines: [Line] = []

    /// `timeOnPath` is each span's own time on the critical path.
    init(_ spans: [Span], _ tree: SpanTree, timeOnPath: [Int64], most: Int) {
        let entries = tree.entries
        guard spans.count > most else {
            lines = entries.map { .span($0) }
            return
        }
        let isShown = Self.chosen(spans, tree, entries, timeOnPath, most)
        var count = Array(repeating: 1, count: spans.count)
        var errors = spans.map { $0.status.code == .error ? 1 : 0 }
        for entry in entries.reversed() {
            guard let parent = tree.parents[entry.place] else { continue }
            count[parent] += count[entry.place]
            errors[parent] += errors[entry.place]
        }
        for entry in entries {
            if isShown[entry.place] {
                lines.append(.span(entry))
            } else if tree.parents[entry.place].map({ isShown[$0] }) ?? true {
                fold(count[entry.place], errors[entry.place], entry.depth)
            }
        }
    }

    private mutating func fold(_ count: Int, _ errors: Int, _ depth: Int) {
        if case .folded(let before, let errorsBefore, depth)? = lines.last {
            lines[lines.count - 1] = .folded(
                count: before + count, errors: errorsBefore + errors, depth: depth)
        } else {
            lines.append(.folded(count: count, errors: errors, depth: depth))
        }
    }

    /// First those on the critical path and those that failed, each with what is above it, as far as
    /// they find room; then the others from the top.
    private static func chosen(
        _ spans: [Span], _ tree: SpanTree, _ entries: [SpanTree.Entry], _ timeOnPath: [Int64],
        _ most: Int
    ) -> [Bool] {
        var isShown = Array(repeating: false, count: spans.count)
        var room = most
        func isError(_ place: Int) -> Bool { spans[place].status.code == .error }
        let important = entries.map(\.place).filter { timeOnPath[$0] > 0 || isError($0) }
            .sorted { timeOnPath[$0] > timeOnPath[$1] }
        // Half of the room is kept for what is around them.
        for place in important where room > most / 2 {
            var way: [Int] = []
            var next: Int? = place
            while let span = next, !isShown[span], way.count <= room {
                way.append(span)
                next = tree.parents[span]
            }
            guard way.count <= room else { continue }
            for span in way { isShown[span] = true }
            room -= way.count
        }
        for entry in entries where room > 0 && !isShown[entry.place] {
            guard tree.parents[entry.place].map({ isShown[$0] }) ?? true else { continue }
            isShown[entry.place] = true
            room -= 1
        }
        return isShown
    }
}
