/// A native histogram: how many observations fell into which bucket.
///
/// The model is that of Prometheus's float histograms: exponential buckets of a schema on both
/// sides of a zero bucket, or buckets between custom bounds (what classic ones are turned into).
/// Arithmetic is in `NativeHistogram+Arithmetic.swift` and `HistogramSum.swift`, what functions ask
/// of a histogram in `NativeHistogram+Statistics.swift`, and the form of the HTTP API in
/// `NativeHistogram+Buckets.swift` and `NativeHistogram+Reading.swift`.
public struct NativeHistogram: Sendable {
    public var layout: Layout
    /// Half the width of the zero bucket, which reaches from minus this to this.
    public var zeroThreshold: Double
    /// Observations in the zero bucket.
    public var zeroCount: Double
    /// All observations; more than the buckets hold where some were NaN.
    public var count: Double
    /// The sum of all observations.
    public var sum: Double
    /// Buckets above the zero bucket, or all buckets where bounds are custom.
    public var positive: HistogramBuckets
    /// Buckets below the zero bucket, numbered by the magnitude of their bounds.
    public var negative: HistogramBuckets
    public var resetHint: ResetHint
    /// Whether the histogram comes from an answer of the HTTP API, which shows only buckets that
    /// hold something: what the layout is elsewhere is not known then.
    public var isPartlyKnown: Bool

    /// Where buckets end.
    public enum Layout: Hashable, Sendable {
        /// Bounds are powers of 2^(2^-schema), the schema within -4...8.
        case exponential(schema: Int)
        /// Bucket i ends at bound i; the last, numbered by the count of the bounds, at +Inf.
        case custom(bounds: [Double])
    }

    /// What is known of a counter's reset between the histogram before and this one.
    public enum ResetHint: Hashable, Sendable {
        case unknown
        case reset
        case notReset
        /// Not a counter at all.
        case gauge
    }

    public init(
        layout: Layout = .exponential(schema: 0), count: Double = 0, sum: Double = 0,
        positive: HistogramBuckets = HistogramBuckets(), resetHint: ResetHint = .unknown
    ) {
        self.layout = layout
        zeroThreshold = 0
        zeroCount = 0
        self.count = count
        self.sum = sum
        self.positive = positive
        negative = HistogramBuckets()
        self.resetHint = resetHint
        isPartlyKnown = false
    }

    /// The layout as Prometheus numbers it: -53 stands for custom bounds.
    public var schema: Int {
        switch layout {
        case .exponential(let schema): schema
        case .custom: Self.customSchema
        }
    }

    public static let customSchema = -53

    public var hasCustomBounds: Bool {
        if case .custom = layout { true } else { false }
    }

    /// Whether nothing at all is known of the layout, so that any other goes with it.
    var isWithoutLayout: Bool {
        isPartlyKnown && positive.isEmpty && negative.isEmpty && zeroCount == 0
    }

    /// Whether both have exponential or both have custom buckets, as far as is known.
    public func hasSameKindOfLayout(as other: NativeHistogram) -> Bool {
        hasCustomBounds == other.hasCustomBounds || isWithoutLayout || other.isWithoutLayout
    }

    /// Whether two histograms hold the same data, which is how PromQL's `==` and `changes` see it:
    /// counts by their bits, hints left aside.
    public func hasSameData(as other: NativeHistogram) -> Bool {
        layout == other.layout && zeroThreshold == other.zeroThreshold
            && zeroCount.bitPattern == other.zeroCount.bitPattern
            && count.bitPattern == other.count.bitPattern
            && sum.bitPattern == other.sum.bitPattern
            && positive == other.positive && negative == other.negative
    }
}

extension NativeHistogram: Hashable {
    public static func == (left: NativeHistogram, right: NativeHistogram) -> Bool {
        left.hasSameData(as: right) && left.resetHint == right.resetHint
            && left.isPartlyKnown == right.isPartlyKnown
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(count.bitPattern)
        hasher.combine(sum.bitPattern)
        hasher.combine(positive)
    }
}
