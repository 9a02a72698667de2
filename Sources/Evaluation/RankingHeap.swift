/// The best of the values of one time, with the places they come from, in the heap in which
/// Prometheus keeps them. Keeps its room from group to group.
///
/// The heap decides which of equal values stay. Once it holds as many as are wanted, a value takes
/// the place of the worst only if it is better; of several worst ones that is the one on top, which
/// need not be the first that came. So of 1, 1, 2 the two best are the second and the third. No other
/// rule gives the series that Prometheus gives.
struct RankingHeap {
    private let end: RankingEnd
    private let wanted: Int
    /// As many as wanted at most, the worst on top; in the order of the answer once sorted.
    private(set) var entries: [(value: Double, member: Int)] = []

    init(_ end: RankingEnd, wanted: Int) {
        self.end = end
        self.wanted = wanted
    }

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    mutating func add(_ value: Double, _ member: Int) {
        if entries.count < wanted {
            entries.append((value, member))
            rise()
        } else if wanted > 0, isBetter(value, entries[0].value) {
            entries[0] = (value, member)
            sink()
        }
    }

    /// So few entries are sorted by insertion by Go's library; of more than these, the order of equal
    /// ones is its own affair.
    private static let longestInsertion = 12

    /// Puts the best first, NaN last.
    mutating func sort() {
        guard entries.count <= Self.longestInsertion else {
            entries = entries.enumerated().sorted { left, right in
                if isBetter(left.element.value, right.element.value) { return true }
                return !isBetter(right.element.value, left.element.value)
                    && left.offset < right.offset
            }.map(\.element)
            return
        }
        for next in entries.indices.dropFirst() {
            var place = next
            while place > 0, isWorse(entries[place - 1].value, entries[place].value) {
                entries.swapAt(place - 1, place)
                place -= 1
            }
        }
    }

    // MARK: The heap

    /// NaN loses in both directions, also to another NaN.
    private func isWorse(_ left: Double, _ right: Double) -> Bool {
        switch end {
        case .greatest: left.isNaN || left < right
        case .least: left.isNaN || left > right
        }
    }

    private func isBetter(_ left: Double, _ right: Double) -> Bool {
        !left.isNaN && isWorse(right, left)
    }

    /// Moves the last entry up until what is above it is worse.
    private mutating func rise() {
        var place = entries.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard isWorse(entries[place].value, entries[parent].value) else { return }
            entries.swapAt(place, parent)
            place = parent
        }
    }

    /// Moves the first entry down until what is below it is better.
    private mutating func sink() {
        var place = 0
        while true {
            var child = 2 * place + 1
            guard child < entries.count else { return }
            if child + 1 < entries.count,
                isWorse(entries[child + 1].value, entries[child].value)
            {
                child += 1
            }
            guard isWorse(entries[child].value, entries[place].value) else { return }
            entries.swapAt(place, child)
            place = child
        }
    }
}
