/// A histogram as an answer of the HTTP API shows it: with the buckets that hold something.
public struct ShownHistogram: Hashable, Sendable {
    public var count: Double
    public var sum: Double
    public var buckets: [NativeHistogram.Bucket]

    public init(count: Double, sum: Double, buckets: [NativeHistogram.Bucket] = []) {
        self.count = count
        self.sum = sum
        self.buckets = buckets
    }
}

// Reading recovers the layout from the bounds: which schema has both ends of every bucket, where
// the zero bucket ends, or that bounds are custom.
extension NativeHistogram {
    /// The histogram that is shown; nil where no layout has such buckets.
    public init?(_ shown: ShownHistogram) {
        guard let histogram = Self.exponential(shown) ?? Self.custom(shown) else { return nil }
        self = histogram
    }

    /// The histograms of one series; nil where one cannot be read. Where one has custom bounds, so
    /// have the others, even if a few of their buckets happen to look exponential.
    public static func histograms(of series: [ShownHistogram]) -> [NativeHistogram]? {
        var result: [NativeHistogram] = []
        result.reserveCapacity(series.count)
        for shown in series {
            guard let histogram = NativeHistogram(shown) else { return nil }
            result.append(histogram)
        }
        guard result.contains(where: \.hasCustomBounds) else { return result }
        for place in result.indices where !result[place].hasCustomBounds {
            let shown = series[place]
            if !shown.buckets.isEmpty, let custom = custom(shown) { result[place] = custom }
        }
        return result
    }

    private init(_ shown: ShownHistogram, layout: Layout) {
        self.init(layout: layout, count: shown.count, sum: shown.sum)
        isPartlyKnown = true
    }

    // MARK: Exponential buckets

    private static func exponential(_ shown: ShownHistogram) -> NativeHistogram? {
        guard let parts = ShownParts(shown.buckets) else { return nil }
        // The finest schema that fits: where few buckets leave a choice, it is the one that takes
        // nothing from a histogram it is added to.
        for mayOverlap in [false, true] {
            for schema in ExponentialBounds.schemas.reversed() {
                guard let fit = parts.fit(schema: schema, mayOverlap: mayOverlap) else { continue }
                var result = NativeHistogram(shown, layout: .exponential(schema: schema))
                result.positive = fit.positive
                result.negative = fit.negative
                result.zeroCount = parts.zero?.count ?? 0
                result.zeroThreshold = fit.zeroThreshold
                return result
            }
            if parts.positive.isEmpty, parts.negative.isEmpty { return nil }
        }
        return nil
    }

    // MARK: Custom buckets

    private static func custom(_ shown: ShownHistogram) -> NativeHistogram? {
        var bounds: [Double] = []
        var buckets = HistogramBuckets()
        for (place, bucket) in shown.buckets.enumerated() {
            let isFirst = bucket.lower == -.infinity
            guard bucket.lower < bucket.upper,
                bucket.boundaries == (isFirst ? .closedBoth : .openLeft), !isFirst || place == 0
            else { return nil }
            if !isFirst, bounds.last != bucket.lower {
                guard bounds.last.map({ $0 < bucket.lower }) ?? true else { return nil }
                bounds.append(bucket.lower)
            }
            buckets.append(bucket.count, at: bounds.count)
            if bucket.upper < .infinity {
                bounds.append(bucket.upper)
            } else if place < shown.buckets.count - 1 {
                return nil
            }
        }
        var result = NativeHistogram(shown, layout: .custom(bounds: bounds))
        result.positive = buckets
        return result
    }
}

/// The buckets of an exponential histogram by where they are, magnitudes ascending.
private struct ShownParts {
    private(set) var positive: [Part] = []
    private(set) var negative: [Part] = []
    private(set) var zero: NativeHistogram.Bucket?

    /// A bucket by the magnitudes of its bounds.
    struct Part {
        var inner: Double
        var outer: Double
        var count: Double
    }

    init?(_ buckets: [NativeHistogram.Bucket]) {
        for bucket in buckets {
            switch bucket.boundaries {
            case .closedBoth where bucket.lower == -bucket.upper && zero == nil && positive.isEmpty:
                zero = bucket
            case .openLeft where bucket.lower >= 0 && bucket.upper > bucket.lower:
                positive.append(
                    Part(inner: bucket.lower, outer: bucket.upper, count: bucket.count))
            case .openRight
            where bucket.upper <= 0 && bucket.upper > bucket.lower && positive.isEmpty
                && zero == nil:
                negative.append(
                    Part(inner: -bucket.upper, outer: -bucket.lower, count: bucket.count))
            default: return nil
            }
        }
        negative.reverse()
    }

    struct Fit {
        var positive: HistogramBuckets
        var negative: HistogramBuckets
        var zeroThreshold: Double
    }

    /// The buckets in a schema; nil where it has not all of them. The innermost may overlap the
    /// zero bucket and is then shown to begin where that ends.
    func fit(schema: Int, mayOverlap: Bool) -> Fit? {
        var threshold = zero?.upper
        guard
            let negative = fit(negative, schema, mayOverlap: mayOverlap, &threshold),
            let positive = fit(positive, schema, mayOverlap: mayOverlap, &threshold)
        else { return nil }
        return Fit(positive: positive, negative: negative, zeroThreshold: threshold ?? 0)
    }

    private func fit(
        _ parts: [Part], _ schema: Int, mayOverlap: Bool, _ threshold: inout Double?
    ) -> HistogramBuckets? {
        var result = HistogramBuckets()
        result.reserveCapacity(parts.count)
        for (place, part) in parts.enumerated() {
            guard let index = ExponentialBounds.bucket(endingAt: part.outer, schema: schema),
                result.indices.last.map({ $0 < index }) ?? true
            else { return nil }
            let begin = ExponentialBounds.upperBound(ofBucket: index - 1, schema: schema)
            if begin != part.inner {
                guard mayOverlap, place == 0, begin < part.inner,
                    threshold == nil || threshold == part.inner
                else { return nil }
                threshold = part.inner
            }
            result.append(part.count, at: index)
        }
        return result
    }
}
