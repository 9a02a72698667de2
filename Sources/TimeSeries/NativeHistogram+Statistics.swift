import Glibc

// What PromQL's functions ask of a histogram. Within a custom bucket and the zero bucket
// observations are taken to be spread evenly, within an exponential bucket evenly over its
// logarithm.
extension NativeHistogram {
    public var average: Double { sum / count }

    /// The variance, every observation taken to be at its bucket's middle: the arithmetic one of
    /// custom buckets, the geometric one of exponential buckets, 0 in the zero bucket.
    public var variance: Double {
        let mean = average
        var squares = CompensatedSum()
        for bucket in allBuckets where bucket.count != 0 {
            let distance = middle(of: bucket) - mean
            squares.add(bucket.count * distance * distance)
        }
        return squares.value / count
    }

    public var standardDeviation: Double { variance.squareRoot() }

    private func middle(of bucket: Bucket) -> Double {
        if hasCustomBounds { return (bucket.upper + bucket.lower) / 2 }
        if bucket.lower <= 0, bucket.upper >= 0 { return 0 }
        let middle = (bucket.upper * bucket.lower).squareRoot()
        return bucket.upper < 0 ? -middle : middle
    }

    /// A bucket that reaches to both sides of 0 ends there if all others are on one side.
    private func narrowed(_ bucket: Bucket) -> Bucket {
        var bucket = bucket
        if negative.isEmpty, !positive.isEmpty {
            bucket.lower = 0
        } else if positive.isEmpty, !negative.isEmpty {
            bucket.upper = 0
        }
        return bucket
    }

    // MARK: Quantiles

    /// What observations of NaN, which are in no bucket, did to a result.
    public enum NaNInfluence: Hashable, Sendable {
        case none
        /// The result itself is NaN.
        case isResult
        /// The result is too high, for NaN counts as greater than all.
        case skewsResult
        /// They count for none of the parts that a fraction is of.
        case isLeftOut
    }

    /// The value that a share `quantile` of the observations does not exceed.
    public func quantile(_ quantile: Double) -> (value: Double, nan: NaNInfluence) {
        if quantile < 0 { return (-.infinity, .none) }
        if quantile > 1 { return (.infinity, .none) }
        if count == 0 || quantile.isNaN { return (.nan, .none) }
        // Where there are NaN observations only the way from below leads to the place.
        let isForward = sum.isNaN || quantile < 0.5
        let buckets = isForward ? allBuckets : allBuckets.reversed()
        var rank = (isForward ? quantile : 1 - quantile) * count
        var passed = 0.0
        var place = 0
        while place < buckets.count {
            passed += buckets[place].count
            if buckets[place].count != 0, passed >= rank { break }
            place += 1
        }
        // Without any bucket all is NaN; beyond the last it stands for the place.
        let found = min(place, buckets.count - 1)
        var bucket =
            found < 0
            ? Bucket(boundaries: .openBoth, lower: 0, upper: 0, count: 0) : buckets[found]
        if hasCustomBounds {
            if bucket.lower == -.infinity {
                if bucket.upper <= 0 { return (bucket.upper, .none) }
                bucket.lower = 0
            } else if bucket.upper == .infinity {
                return (bucket.lower, .none)
            }
        } else if bucket.lower < 0, bucket.upper > 0 {
            bucket = narrowed(bucket)
        }
        // Inexact counts may add up to more than all.
        passed = passed > count ? count : passed
        if passed < rank { return sum.isNaN ? (.nan, .isResult) : (bucket.upper, .none) }
        rank = isForward ? rank - (passed - bucket.count) : passed - rank
        var nan = NaNInfluence.none
        if sum.isNaN {
            // The sum is NaN too where both infinities were observed; those are in buckets.
            let total = buckets[min(place + 1, buckets.count)...].reduce(passed) { $0 + $1.count }
            if total < count { nan = .skewsResult }
        }
        return (interpolate(in: bucket, at: rank / bucket.count), nan)
    }

    /// The value before which this share of a bucket's observations lies.
    private func interpolate(in bucket: Bucket, at share: Double) -> Double {
        if hasCustomBounds || (bucket.lower <= 0 && bucket.upper >= 0) {
            return bucket.lower + (bucket.upper - bucket.lower) * share
        }
        let lower = log2(bucket.lower.magnitude)
        let upper = log2(bucket.upper.magnitude)
        if bucket.lower > 0 { return exp2(lower + (upper - lower) * share) }
        return -exp2(upper + (lower - upper) * (1 - share))
    }

    // MARK: Fractions

    /// The share of the observations that lie between two values.
    public func fraction(
        from lower: Double, to upper: Double
    ) -> (value: Double, nan: NaNInfluence) {
        if count == 0 || lower.isNaN || upper.isNaN { return (.nan, .none) }
        if lower >= upper { return (0, .none) }
        let buckets = allBuckets
        var ranks = (lower: Double?.none, upper: Double?.none)
        var rank = 0.0
        for bucket in buckets {
            if ranks.lower == nil { ranks.lower = self.rank(of: lower, in: bucket, after: rank) }
            if ranks.upper == nil { ranks.upper = self.rank(of: upper, in: bucket, after: rank) }
            if ranks.lower != nil, ranks.upper != nil { break }
            rank += bucket.count
        }
        var total = count
        var nan = NaNInfluence.none
        if sum.isNaN {
            total = buckets.reduce(0) { $0 + $1.count }
            if total < count { nan = .isLeftOut }
        }
        func limited(_ rank: Double?) -> Double {
            guard let rank, !(rank > total) else { return total }
            return rank
        }
        return ((limited(ranks.upper) - limited(ranks.lower)) / count, nan)
    }

    /// How many observations lie below a value, if it is within a bucket or before it; `before` of
    /// them in the buckets before.
    private func rank(of value: Double, in bucket: Bucket, after before: Double) -> Double? {
        let reachesZero = bucket.lower <= 0 && bucket.upper >= 0
        let bucket = reachesZero ? narrowed(bucket) : bucket
        if bucket.lower >= value { return before }
        guard bucket.upper > value else { return nil }
        if hasCustomBounds || reachesZero {
            // An infinite bucket has no inner points; what it holds is taken to be at its end.
            if bucket.lower == -.infinity { return bucket.count }
            return before + bucket.count * (value - bucket.lower) / (bucket.upper - bucket.lower)
        }
        return before + bucket.count * Self.share(ofExponential: bucket, below: value)
    }

    /// The share of an exponential bucket's observations that lies below a value within it.
    static func share(ofExponential bucket: Bucket, below value: Double) -> Double {
        let lower = log2(bucket.lower.magnitude)
        let upper = log2(bucket.upper.magnitude)
        let place = log2(value.magnitude)
        if value > 0 { return (place - lower) / (upper - lower) }
        return 1 - (place - upper) / (lower - upper)
    }
}
