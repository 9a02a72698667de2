// PromQL's trims `</` and `>/`: the observations on one side of a value, estimated within the
// bucket that it cuts.
extension NativeHistogram {
    public enum TrimmedSide: Hashable, Sendable {
        /// What `</` takes away.
        case above
        /// What `>/` takes away.
        case below
    }

    /// Without the observations on one side of a value. If any are taken away, count and sum are
    /// those of what is left, each observation taken to be in the middle of its part of a bucket.
    public func trimmed(_ side: TrimmedSide, of value: Double) -> NativeHistogram {
        var trim = HistogramTrim(side: side, value: value, isLinear: hasCustomBounds)
        var result = self
        for position in positive.counts.indices where positive.counts[position] != 0 {
            let kept = trim.take(positiveBucket(at: position), isPositive: true)
            result.positive.setCount(kept, at: position)
        }
        for position in negative.counts.indices where negative.counts[position] != 0 {
            let kept = trim.take(negativeBucket(at: position), isPositive: false)
            result.negative.setCount(kept, at: position)
        }
        if zeroCount > 0 {
            var bucket = zeroBucket
            let hasPositive = positive.counts.contains { $0 != 0 }
            let hasNegative = negative.counts.contains { $0 != 0 }
            if hasPositive != hasNegative {
                if hasPositive { bucket.lower = 0 } else { bucket.upper = 0 }
            }
            result.zeroCount = trim.takeZeroBucket(bucket)
        }
        guard trim.hasTakenAway else { return self }
        result.count = trim.count
        result.sum = trim.sum
        return result.compacted()
    }
}

/// One trim, bucket by bucket.
private struct HistogramTrim {
    let side: NativeHistogram.TrimmedSide
    let value: Double
    /// Whether observations are spread evenly within buckets.
    let isLinear: Bool
    /// Count and sum of what is kept.
    private(set) var count = 0.0
    private(set) var sum = 0.0
    private(set) var hasTakenAway = false

    init(side: NativeHistogram.TrimmedSide, value: Double, isLinear: Bool) {
        self.side = side
        self.value = value
        self.isLinear = isLinear
    }

    /// What is kept of a bucket.
    mutating func take(_ bucket: NativeHistogram.Bucket, isPositive: Bool) -> Double {
        let isInside = side == .above ? bucket.upper <= value : bucket.lower >= value
        if isInside {
            add(
                bucket.count,
                at: middle(from: bucket.lower, to: bucket.upper, isPositive: isPositive))
            return bucket.count
        }
        let isCut = side == .above ? bucket.lower < value : bucket.upper > value
        guard isCut else {
            hasTakenAway = true
            return 0
        }
        let (kept, middle) = cut(bucket, isPositive: isPositive)
        add(kept, at: middle)
        if kept != bucket.count { hasTakenAway = true }
        return kept
    }

    mutating func takeZeroBucket(_ bucket: NativeHistogram.Bucket) -> Double {
        var lower = bucket.lower
        var upper = bucket.upper
        var kept = bucket.count
        if value <= lower {
            if side == .above { (kept, lower, upper) = (0, 0, 0) }
        } else if value >= upper {
            if side == .below { (kept, lower, upper) = (0, 0, 0) }
        } else if side == .above {
            kept *= (value - lower) / (upper - lower)
            upper = value
        } else {
            kept *= (upper - value) / (upper - lower)
            lower = value
        }
        add(kept, at: (lower + upper) / 2)
        if kept != bucket.count { hasTakenAway = true }
        return kept
    }

    private mutating func add(_ kept: Double, at middle: Double) {
        count += kept
        sum += middle * kept
    }

    /// What is kept of the bucket that the value lies in, and its middle.
    private func cut(
        _ bucket: NativeHistogram.Bucket, isPositive: Bool
    ) -> (count: Double, middle: Double) {
        if bucket.lower == -.infinity { return cutFromInfinity(bucket) }
        if bucket.upper == .infinity {
            // How the observations are spread is not known: those above go as a whole, and are kept
            // as a whole where the value is the lower end.
            if side == .below, value >= bucket.lower { return (bucket.count, value) }
            return (0, bucket.lower)
        }
        let share: Double =
            if value <= bucket.lower {
                0
            } else if value >= bucket.upper {
                1
            } else if isLinear {
                (value - bucket.lower) / (bucket.upper - bucket.lower)
            } else {
                NativeHistogram.share(ofExponential: bucket, below: value)
            }
        let below = bucket.count * share
        if side == .above {
            return (below, middle(from: bucket.lower, to: value, isPositive: isPositive))
        }
        return (
            bucket.count - below, middle(from: value, to: bucket.upper, isPositive: isPositive)
        )
    }

    /// The same of a bucket without lower bound, which begins at 0 if it ends above.
    private func cutFromInfinity(
        _ bucket: NativeHistogram.Bucket
    ) -> (count: Double, middle: Double) {
        let upper = bucket.upper
        let end = upper.isInfinite ? 0 : upper
        switch side {
        case .above:
            if value >= upper { return (bucket.count, 0) }
            if value > 0, upper > 0, upper != .infinity {
                return (bucket.count * value / upper, value / 2)
            }
            return upper <= 0 ? (bucket.count, value) : (0, end)
        case .below:
            if value <= bucket.lower { return (bucket.count, 0) }
            if value >= 0, upper > value, upper != .infinity {
                return (bucket.count * (1 - value / upper), (value + upper) / 2)
            }
            return (0, end)
        }
    }

    /// The value that stands for a bucket, or for the part of it that is kept.
    private func middle(from lower: Double, to upper: Double, isPositive: Bool) -> Double {
        if lower.isInfinite {
            if upper.isInfinite { return 0 }
            return upper > 0 ? upper / 2 : upper
        }
        if upper.isInfinite { return lower }
        if isLinear { return (lower + upper) / 2 }
        let middle = (lower * upper).magnitude.squareRoot()
        return isPositive ? middle : -middle
    }
}
