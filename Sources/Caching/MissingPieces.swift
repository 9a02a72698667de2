/// Which steps a cluster is still to be asked for, in as few requests as that takes.
struct MissingPieces {
    private let known: KnownSteps
    private let stepCount: Int
    private let settledCount: Int
    private let limits: CachingLimits

    init(_ known: KnownSteps, stepCount: Int, settledCount: Int, limits: CachingLimits) {
        self.known = known
        self.stepCount = stepCount
        self.settledCount = settledCount
        self.limits = limits
    }

    /// In order, no step in two. `isRemarked` says that the answer will probably come with remarks,
    /// which are kept only where all of its steps are settled.
    func pieces(isRemarked: Bool) -> [Range<Int>] {
        var result = joined(unknown)
        if isRemarked { result = result.flatMap(cutWhereSettled) }
        for range in known.spoiled {
            // Next time a step less may be asked for. One of the halves still counts then.
            let middle = (range.lowerBound + range.upperBound) / 2
            result += [range.lowerBound..<middle, middle..<range.upperBound]
        }
        result = result.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
        return result.count > 2 * limits.maximumPieces ? [0..<stepCount] : result
    }

    /// With the steps that are not settled, of which nothing is known ever.
    private var unknown: [Range<Int>] {
        var result = known.unknown
        guard settledCount < stepCount else { return result }
        if let last = result.last, last.upperBound == settledCount {
            result[result.count - 1] = last.lowerBound..<stepCount
        } else {
            result.append(settledCount..<stepCount)
        }
        return result
    }

    /// Small gaps are asked along, and greater ones where there would be too many requests. Never
    /// what was remarked on: what is said of a part may differ.
    private func joined(_ ranges: [Range<Int>]) -> [Range<Int>] {
        guard ranges.count > 1 else { return ranges }
        let bound = known.countsOfBound(stepCount: stepCount)
        let gaps = zip(ranges, ranges.dropFirst()).map { $0.upperBound..<$1.lowerBound }
        var isAsked = gaps.map {
            $0.count <= limits.maximumGap && bound[$0.lowerBound] == bound[$0.upperBound]
        }
        var pieceCount = ranges.count - isAsked.count { $0 }
        for place in gaps.indices.sorted(by: { gaps[$0].count < gaps[$1].count })
        where pieceCount > limits.maximumPieces && !isAsked[place]
            && bound[gaps[place].lowerBound] == bound[gaps[place].upperBound]
        {
            isAsked[place] = true
            pieceCount -= 1
        }
        var result = [ranges[0]]
        for (place, range) in ranges.dropFirst().enumerated() {
            if isAsked[place] {
                let start = result[result.count - 1].lowerBound
                result[result.count - 1] = start..<range.upperBound
            } else {
                result.append(range)
            }
        }
        return result
    }

    private func cutWhereSettled(_ range: Range<Int>) -> [Range<Int>] {
        let isWorthKeeping = settledCount - range.lowerBound >= limits.minimumNewSteps
        guard isWorthKeeping, settledCount < range.upperBound else { return [range] }
        return [range.lowerBound..<settledCount, settledCount..<range.upperBound]
    }
}
