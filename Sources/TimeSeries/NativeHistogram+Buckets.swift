// Buckets with their bounds, as the HTTP API and the functions see them.
extension NativeHistogram {
    public struct Bucket: Hashable, Sendable {
        /// Which bounds belong to the bucket.
        public var boundaries: Boundaries
        public var lower: Double
        public var upper: Double
        public var count: Double

        public init(boundaries: Boundaries, lower: Double, upper: Double, count: Double) {
            self.boundaries = boundaries
            self.lower = lower
            self.upper = upper
            self.count = count
        }
    }

    /// The raw value is the API's code.
    public enum Boundaries: Int, Hashable, Sendable {
        case openLeft = 0
        case openRight = 1
        case openBoth = 2
        case closedBoth = 3
    }

    /// The buckets that hold something in order of their bounds, as the HTTP API shows them.
    public var buckets: [Bucket] { allBuckets.filter { $0.count != 0 } }

    /// All buckets in order of their bounds, those that hold nothing as well. One that overlaps the
    /// zero bucket ends where that begins; the zero bucket is there if it holds something.
    var allBuckets: [Bucket] {
        var result: [Bucket] = []
        result.reserveCapacity(negative.count + positive.count + 1)
        for position in negative.indices.indices.reversed() {
            var bucket = negativeBucket(at: position)
            if bucket.upper < 0, bucket.upper > -zeroThreshold { bucket.upper = -zeroThreshold }
            result.append(bucket)
        }
        if zeroCount > 0 { result.append(zeroBucket) }
        for position in positive.indices.indices {
            var bucket = positiveBucket(at: position)
            if bucket.lower > 0, bucket.lower < zeroThreshold { bucket.lower = zeroThreshold }
            result.append(bucket)
        }
        return result
    }

    var zeroBucket: Bucket {
        Bucket(
            boundaries: .closedBoth, lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount)
    }

    func positiveBucket(at position: Int) -> Bucket {
        let index = positive.indices[position]
        let lower = layout.upperBound(ofBucket: index - 1)
        let upper = layout.upperBound(ofBucket: index)
        let isClosedLeft = hasCustomBounds ? index == 0 : lower < 0
        let isClosedRight = hasCustomBounds || upper > 0
        return Bucket(
            boundaries: Boundaries(isClosedLeft: isClosedLeft, isClosedRight: isClosedRight),
            lower: lower, upper: upper, count: positive.counts[position])
    }

    func negativeBucket(at position: Int) -> Bucket {
        let index = negative.indices[position]
        let lower = -layout.upperBound(ofBucket: index)
        let upper = -layout.upperBound(ofBucket: index - 1)
        return Bucket(
            boundaries: Boundaries(isClosedLeft: lower < 0, isClosedRight: upper > 0),
            lower: lower, upper: upper, count: negative.counts[position])
    }
}

extension NativeHistogram.Boundaries {
    init(isClosedLeft: Bool, isClosedRight: Bool) {
        self =
            switch (isClosedLeft, isClosedRight) {
            case (false, true): .openLeft
            case (true, false): .openRight
            case (false, false): .openBoth
            case (true, true): .closedBoth
            }
    }
}

extension NativeHistogram.Layout {
    /// Where a bucket ends; the last of a custom layout does at +Inf, and before the first is -Inf.
    func upperBound(ofBucket index: Int) -> Double {
        switch self {
        case .exponential(let schema):
            ExponentialBounds.upperBound(ofBucket: index, schema: schema)
        case .custom(let bounds):
            index < 0 ? -.infinity : index < bounds.count ? bounds[index] : .infinity
        }
    }
}
