import TimeSeries

/// A block that gets further steps.
struct BlockMerge: Sendable {
    private let old: AnswerBlock?
    /// In order, no place in two.
    private let parts: [Part]
    /// By place, whether it is new: not known before, or of no use for its remarks.
    private let isNew: [Bool]

    /// Settled steps that were asked for.
    struct Part: Sendable {
        /// The run's places are those of the block.
        var run: AnswerRun
        var remarks: ExtentRemarks?

        var places: Range<Int> { run.target }
    }

    /// `width` is how many places the block has.
    init(_ old: AnswerBlock?, adding parts: [Part], width: Int) {
        self.old = old
        self.parts = parts
        var isNew = [Bool](repeating: false, count: width)
        for part in parts {
            for place in part.places { isNew[place] = true }
        }
        for extent in old?.extents ?? [] where extent.remarks == nil {
            for place in extent.places { isNew[place] = false }
        }
        self.isNew = isNew
    }

    /// Whether the block is worth writing. `growsAt` is the place up to which its steps are
    /// settled and asked for, where more of them will be before long: at first few are new there,
    /// and they can be asked for again.
    func isWorthWriting(growsAt end: Int?, minimumNewSteps: Int) -> Bool {
        guard let first = isNew.firstIndex(of: true), let last = isNew.lastIndex(of: true) else {
            return false
        }
        guard old != nil, let end, last + 1 == end else { return true }
        return last + 1 - first >= minimumNewSteps
    }

    /// Whether all places are known.
    var isComplete: Bool { pieces.reduce(0) { $0 + $1.extent.places.count } == isNew.count }

    var merged: AnswerBlock {
        var runs: [AnswerRun] = []
        var width = 0
        let pieces = pieces
        for piece in pieces {
            runs.append(piece.run.moved(by: width - piece.run.target.lowerBound))
            width += piece.extent.places.count
        }
        return AnswerBlock(
            extents: pieces.map(\.extent).joined,
            series: JoinedSeries.joined(runs, count: width))
    }

    private struct Piece {
        var extent: Extent
        var run: AnswerRun
    }

    /// What is new takes the place of what was there. Of an answer with remarks no part is left
    /// over: the remarks may be about the other.
    private var pieces: [Piece] {
        var result = parts.map {
            Piece(extent: Extent(places: $0.places, remarks: $0.remarks), run: $0.run)
        }
        var column = 0
        for extent in old?.extents ?? [] {
            let left = extent.places.subtracting(parts.map(\.places))
            if extent.remarks == nil || left == [extent.places] {
                for places in left {
                    guard let old else { continue }
                    result.append(
                        Piece(
                            extent: Extent(places: places, remarks: extent.remarks),
                            run: AnswerRun(
                                target: places, block: old,
                                first: column + places.lowerBound - extent.places.lowerBound)))
                }
            }
            column += extent.places.count
        }
        return result.sorted { $0.extent.places.lowerBound < $1.extent.places.lowerBound }
    }
}

extension Range<Int> {
    /// What is left without ranges that are in order and do not overlap.
    func subtracting(_ others: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var next = lowerBound
        for other in others where overlaps(other) {
            if next < other.lowerBound { result.append(next..<other.lowerBound) }
            next = Swift.max(next, other.upperBound)
        }
        if next < upperBound { result.append(next..<upperBound) }
        return result
    }
}
