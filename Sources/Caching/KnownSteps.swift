import TimeSeries

/// Which steps of a grid are known from blocks. Steps are counted from the grid's start, and those
/// that are not settled are left aside.
struct KnownSteps: Sendable {
    /// In order, no step in two.
    private(set) var runs: [Run] = []
    /// Steps whose values are kept but may not be used: their remarks may be about steps that are
    /// not asked for. In order.
    private(set) var spoiled: [Range<Int>] = []
    private let settledCount: Int

    struct Run: Sendable {
        var run: AnswerRun
        /// What was remarked on the answer that the run is from.
        var remarks: ExtentRemarks?
        /// Whether it is from a block of finer steps.
        var isFiner = false

        var steps: Range<Int> { run.target }
    }

    init() { settledCount = 0 }

    /// `first` is the number of the grid's first step.
    init(_ slots: [BlockSlot], first: Int64, settledCount: Int) {
        self.settledCount = settledCount
        var remarked: [ExtentRemarks: [Run]] = [:]
        for slot in slots {
            guard let block = slot.stored else { continue }
            slot.visitExtents { steps, column, extent in
                let known = Self.asked(steps, from: first, count: settledCount)
                guard !known.isEmpty else { return }
                let whole = Int(steps.lowerBound - first)
                let run = Run(
                    run: AnswerRun(
                        target: known, block: block, first: column + known.lowerBound - whole),
                    remarks: extent.remarks)
                if let remarks = extent.remarks {
                    remarked[remarks, default: []].append(run)
                } else {
                    runs.append(run)
                }
            }
        }
        for (remarks, parts) in remarked {
            // All of the answer's steps have to be asked for, and to be here: then it does not
            // matter which of them was remarked on.
            let isWhole =
                parts.reduce(0) { $0 + $1.steps.count } == remarks.steps.count
                && Self.asked(remarks.steps, from: first, count: settledCount).count
                    == remarks.steps.count
            if isWhole { runs += parts } else { spoiled += parts.map(\.steps) }
        }
        runs.sort { $0.steps.lowerBound < $1.steps.lowerBound }
        spoiled = Self.united(spoiled)
    }

    private static func asked(_ steps: Range<Int64>, from first: Int64, count: Int) -> Range<Int> {
        let asked = steps.clamped(to: first..<first + Int64(count))
        return Int(asked.lowerBound - first)..<Int(asked.upperBound - first)
    }

    private static func united(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, last.upperBound == range.lowerBound {
                result[result.count - 1] = last.lowerBound..<range.upperBound
            } else {
                result.append(range)
            }
        }
        return result
    }

    /// The settled steps of which nothing is known, in order.
    var unknown: [Range<Int>] {
        var result: [Range<Int>] = []
        var next = 0
        for range in (runs.map(\.steps) + spoiled).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if next < range.lowerBound { result.append(next..<range.lowerBound) }
            next = range.upperBound
        }
        if next < settledCount { result.append(next..<settledCount) }
        return result
    }

    /// Adds what a block of finer steps knows of steps that are not known otherwise. `first` is the
    /// number of the grid's first step among the finer ones, `ratio` how many of these a step has.
    /// A remark may be about a finer step in between, so what was remarked on is of no use.
    mutating func add(finer slot: BlockSlot, first: Int64, ratio: Int64) {
        guard let block = slot.stored else { return }
        var unknown = unknown
        slot.visitExtents { steps, column, extent in
            guard extent.remarks == nil else { return }
            func asked(from number: Int64) -> Int {
                let (quotient, rest) = StepNumbers.floorDivided(number - first, ratio)
                let step = rest == 0 ? quotient : quotient + 1
                return Int(min(max(step, 0), Int64(settledCount)))
            }
            let known = asked(from: steps.lowerBound)..<asked(from: steps.upperBound)
            for range in unknown {
                let part = range.clamped(to: known)
                guard !part.isEmpty else { continue }
                let number = first + Int64(part.lowerBound) * ratio
                runs.append(
                    Run(
                        run: AnswerRun(
                            target: part, block: block,
                            first: column + Int(number - steps.lowerBound), stride: Int(ratio)),
                        remarks: nil, isFiner: true))
            }
        }
        unknown = []
        runs.sort { $0.steps.lowerBound < $1.steps.lowerBound }
    }

    /// For each step, how many before it belong to answers with remarks: those may only be used
    /// whole. One entry more than there are steps.
    func countsOfBound(stepCount: Int) -> [Int] {
        var isBound = [Bool](repeating: false, count: stepCount)
        for range in runs.filter({ $0.remarks != nil }).map(\.steps) + spoiled {
            for step in range { isBound[step] = true }
        }
        var count = 0
        return [0]
            + isBound.map { bound in
                count += bound ? 1 : 0
                return count
            }
    }
}
