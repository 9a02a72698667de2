// When a counter has begun anew.
extension NativeHistogram {
    /// Whether a counter was reset between another histogram of the series and this one. The hint
    /// says so, or a bucket (or all) that holds less, or a layout that only a new start can bring:
    /// finer buckets, a narrower zero bucket, or one that ends within a bucket that held something.
    public func isReset(after previous: NativeHistogram) -> Bool {
        switch resetHint {
        case .reset: return true
        case .notReset: return false
        case .unknown, .gauge: break
        }
        if count < previous.count { return true }
        switch (layout, previous.layout) {
        case (.custom(let bounds), .custom(let previousBounds)):
            return bounds == previousBounds
                ? Self.isLess(positive, than: previous.positive)
                : isLess(than: previous, between: bounds, previousBounds)
        case (.custom, .exponential):
            return !previous.isWithoutLayout
        case (.exponential, .custom):
            return !isWithoutLayout
        case (.exponential(let schema), .exponential(let previousSchema)):
            // Where no bucket was shown, the schema is not known.
            let isKnown = !isPartlyKnown || !positive.isEmpty || !negative.isEmpty
            return isReset(
                after: previous, schema: isKnown ? schema : previousSchema, previousSchema)
        }
    }

    private func isReset(
        after previous: NativeHistogram, schema: Int, _ previousSchema: Int
    ) -> Bool {
        if schema > previousSchema || zeroThreshold < previous.zeroThreshold { return true }
        let (widened, threshold) = HistogramSum(previous).zeroBucket(widenedTo: zeroThreshold)
        if threshold != zeroThreshold || zeroCount < widened.sum { return true }
        let levels = previousSchema - schema
        return Self.isLess(
            positive, than: outside(previous.positive.coarsened(by: levels), schema: schema))
            || Self.isLess(
                negative, than: outside(previous.negative.coarsened(by: levels), schema: schema))
    }

    /// The buckets that go beyond the zero bucket.
    private func outside(_ buckets: HistogramBuckets, schema: Int) -> HistogramBuckets {
        guard zeroThreshold > 0 else { return buckets }
        var result = HistogramBuckets()
        for (index, count) in zip(buckets.indices, buckets.counts)
        where ExponentialBounds.upperBound(ofBucket: index, schema: schema) > zeroThreshold {
            result.append(count, at: index)
        }
        return result
    }

    /// Whether any bucket holds less than it did.
    private static func isLess(
        _ current: HistogramBuckets, than previous: HistogramBuckets
    ) -> Bool {
        var place = 0
        for (index, count) in zip(previous.indices, previous.counts) {
            while place < current.count, current.indices[place] < index { place += 1 }
            if place < current.count, current.indices[place] == index {
                if current.counts[place] < count { return true }
            } else if count != 0 {
                return true
            }
        }
        return false
    }

    /// Whether less lies between any two bounds that both layouts have.
    private func isLess(
        than previous: NativeHistogram, between bounds: [Double], _ previousBounds: [Double]
    ) -> Bool {
        let common = Set(bounds).intersection(previousBounds).sorted() + [.infinity]
        var current = CustomBucketReader(self)
        var earlier = CustomBucketReader(previous)
        for bound in common where current.take(upTo: bound) < earlier.take(upTo: bound) {
            return true
        }
        return false
    }
}

/// Goes through custom buckets from bound to bound.
private struct CustomBucketReader {
    private let histogram: NativeHistogram
    private var position = 0

    init(_ histogram: NativeHistogram) { self.histogram = histogram }

    /// What the buckets from the last bound to this one hold.
    mutating func take(upTo bound: Double) -> Double {
        var sum = 0.0
        while position < histogram.positive.count {
            let index = histogram.positive.indices[position]
            guard histogram.layout.upperBound(ofBucket: index) <= bound else { break }
            sum += histogram.positive.counts[position]
            position += 1
        }
        return sum
    }
}
