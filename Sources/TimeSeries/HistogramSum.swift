/// The sum of native histograms, rounding errors carried along, as Prometheus adds them: of two
/// schemas the coarser is kept, of two zero buckets the wider (widened further, so that it ends at
/// no inner point of a bucket that holds something), and of custom bounds those that both have.
public struct HistogramSum: Sendable {
    private var layout: NativeHistogram.Layout
    private var zeroThreshold: Double
    private var zero: CompensatedSum
    private var count: CompensatedSum
    private var sum: CompensatedSum
    private var positive: BucketSums
    private var negative: BucketSums
    private var resetHint: NativeHistogram.ResetHint
    private var isPartlyKnown: Bool

    public init(_ histogram: NativeHistogram) {
        layout = histogram.layout
        zeroThreshold = histogram.zeroThreshold
        zero = CompensatedSum(histogram.zeroCount)
        count = CompensatedSum(histogram.count)
        sum = CompensatedSum(histogram.sum)
        positive = BucketSums(histogram.positive)
        negative = BucketSums(histogram.negative)
        resetHint = histogram.resetHint
        isPartlyKnown = histogram.isPartlyKnown
    }

    /// The sum, rounding errors added at last.
    public var value: NativeHistogram { histogram(\.value) }

    /// The sum without the errors carried along, which is what a plain addition gives.
    var plainValue: NativeHistogram { histogram(\.sum) }

    private func histogram(_ value: (CompensatedSum) -> Double) -> NativeHistogram {
        var result = NativeHistogram(
            layout: layout, count: value(count), sum: value(sum),
            positive: positive.buckets(value), resetHint: resetHint)
        result.zeroThreshold = zeroThreshold
        result.zeroCount = value(zero)
        result.negative = negative.buckets(value)
        result.isPartlyKnown = isPartlyKnown
        return result
    }

    /// Whether a count or the sum has become infinite.
    public var hasOverflown: Bool {
        zero.sum.isInfinite || count.sum.isInfinite || sum.sum.isInfinite
            || positive.sums.contains { $0.sum.isInfinite }
            || negative.sums.contains { $0.sum.isInfinite }
    }

    public mutating func multiply(by factor: Double) {
        mapSums { $0.multiply(by: factor) }
    }

    public mutating func divide(by divisor: Double) {
        mapSums { $0.divide(by: divisor) }
    }

    private mutating func mapSums(_ change: (inout CompensatedSum) -> Void) {
        change(&zero)
        change(&count)
        change(&sum)
        positive.mapSums(change)
        negative.mapSums(change)
    }

    // MARK: Adding

    /// Adds a histogram; says what of the two did not go together. Exponential and custom buckets
    /// have no sum.
    public mutating func add(
        _ histogram: NativeHistogram
    ) throws(IncompatibleHistograms) -> HistogramConflicts {
        try add(HistogramSum(histogram), carryingErrors: true)
    }

    /// As plain addition of floats: errors of buckets that are brought together are not carried.
    mutating func addPlainly(
        _ histogram: NativeHistogram
    ) throws(IncompatibleHistograms) -> HistogramConflicts {
        try add(HistogramSum(histogram), carryingErrors: false)
    }

    private mutating func add(
        _ histogram: HistogramSum, carryingErrors: Bool
    ) throws(IncompatibleHistograms) -> HistogramConflicts {
        var other = histogram
        var conflicts: HistogramConflicts = []
        try reconcileKinds(with: &other)
        switch (layout, other.layout) {
        case _ where other.isWithoutLayout: break
        case _ where isWithoutLayout:
            layout = other.layout
            zeroThreshold = other.zeroThreshold
            zero = other.zero
            positive = other.positive
            negative = other.negative
        case (.exponential(let schema), .exponential(let otherSchema)):
            addExponential(
                &other, schema: schema, otherSchema: otherSchema, carryingErrors: carryingErrors)
        case (.custom(let bounds), .custom(let otherBounds)):
            if bounds == otherBounds {
                positive.merge(other.positive, from: 0, carryingErrors: carryingErrors)
            } else {
                let common = commonBounds(bounds, otherBounds, other)
                if !common.isAgreed { conflicts.insert(.bounds) }
                addCustom(other, between: common.bounds)
            }
        case (.exponential, .custom), (.custom, .exponential):
            preconditionFailure("the kinds of layout were found to be the same")
        }
        count.add(other.count.sum)
        sum.add(other.sum.sum)
        if resetHint.combine(with: other.resetHint) { conflicts.insert(.resetHints) }
        isPartlyKnown = isPartlyKnown && other.isPartlyKnown
        return conflicts
    }

    private var isWithoutLayout: Bool {
        isPartlyKnown && positive.count == 0 && negative.count == 0 && zero.sum == 0
    }

    // MARK: Exponential buckets

    // Prometheus brings the zero buckets together first, each in its own schema, and only then the
    // schemas; a bucket that grows into the zero bucket by the latter stays.
    private mutating func addExponential(
        _ other: inout HistogramSum, schema: Int, otherSchema: Int, carryingErrors: Bool
    ) {
        let otherZero = reconcileZeroBuckets(with: other)
        zero.add(otherZero.sum)
        if carryingErrors { zero.add(otherZero.compensation) }
        let common = min(schema, otherSchema)
        positive.coarsen(by: schema - common)
        negative.coarsen(by: schema - common)
        layout = .exponential(schema: common)
        other.positive.coarsen(by: otherSchema - common)
        other.negative.coarsen(by: otherSchema - common)
        other.layout = layout
        positive.merge(
            other.positive, from: other.bucketsWithin(zeroThreshold, of: other.positive),
            carryingErrors: carryingErrors)
        negative.merge(
            other.negative, from: other.bucketsWithin(zeroThreshold, of: other.negative),
            carryingErrors: carryingErrors)
    }

    /// How many of the buckets end within a threshold.
    private func bucketsWithin(_ threshold: Double, of buckets: BucketSums) -> Int {
        guard threshold > 0 else { return 0 }
        return buckets.indices.firstIndex { layout.upperBound(ofBucket: $0) > threshold }
            ?? buckets.count
    }

    /// Widens the zero bucket until it holds the other's and both end at no inner point of a bucket
    /// that holds something; returns what the other's would hold then.
    private mutating func reconcileZeroBuckets(with other: HistogramSum) -> CompensatedSum {
        var otherZero = other.zero
        var otherThreshold = other.zeroThreshold
        while otherThreshold < zeroThreshold || otherThreshold > zeroThreshold {
            if zeroThreshold > otherThreshold {
                (otherZero, otherThreshold) = other.zeroBucket(widenedTo: zeroThreshold)
            }
            if otherThreshold > zeroThreshold {
                (zero, zeroThreshold) = zeroBucket(widenedTo: otherThreshold)
                positive.removeFirst(bucketsBelow(zeroThreshold, of: positive))
                negative.removeFirst(bucketsBelow(zeroThreshold, of: negative))
            }
        }
        return otherZero
    }

    /// How many of the buckets begin below a threshold.
    private func bucketsBelow(_ threshold: Double, of buckets: BucketSums) -> Int {
        buckets.indices.firstIndex { layout.upperBound(ofBucket: $0 - 1) >= threshold }
            ?? buckets.count
    }

    /// What the zero bucket would hold if it reached this far, and how far it has to reach so that
    /// it ends within no bucket that holds something.
    func zeroBucket(widenedTo threshold: Double) -> (zero: CompensatedSum, threshold: Double) {
        var threshold = threshold
        guard threshold != zeroThreshold else { return (zero, threshold) }
        while true {
            var widened = zero
            if let further = take(positive, within: threshold, into: &widened) {
                threshold = further
            }
            guard let further = take(negative, within: threshold, into: &widened) else {
                return (widened, threshold)
            }
            // The positive buckets have to be looked at again.
            threshold = further
        }
    }

    /// Adds the buckets that begin below a threshold; returns the bound of the last where it holds
    /// something and goes beyond the threshold.
    private func take(
        _ buckets: BucketSums, within threshold: Double, into zero: inout CompensatedSum
    ) -> Double? {
        for (index, bucket) in zip(buckets.indices, buckets.sums) {
            guard layout.upperBound(ofBucket: index - 1) < threshold else { return nil }
            zero.add(bucket.sum)
            zero.add(bucket.compensation)
            let upper = layout.upperBound(ofBucket: index)
            if upper > threshold { return bucket.sum != 0 ? upper : nil }
        }
        return nil
    }

    // MARK: Custom buckets

    /// The bounds that both have, and whether neither has one that the other lacks.
    ///
    /// Of a partly known layout only the bounds of buckets that hold something are known. It may
    /// have a bound of the other too, unless that is an inner point of such a bucket.
    private func commonBounds(
        _ bounds: [Double], _ otherBounds: [Double], _ other: HistogramSum
    ) -> (bounds: [Double], isAgreed: Bool) {
        let all = Set(bounds).union(otherBounds).sorted()
        let common = all.filter {
            mayHave($0, among: bounds) && other.mayHave($0, among: otherBounds)
        }
        return (common, common.count == all.count)
    }

    private func mayHave(_ bound: Double, among bounds: [Double]) -> Bool {
        if bounds.contains(bound) { return true }
        guard isPartlyKnown else { return false }
        let bucket = bounds.firstIndex { $0 > bound } ?? bounds.count
        return !positive.indices.contains(bucket)
    }

    private mutating func addCustom(_ other: HistogramSum, between bounds: [Double]) {
        var result = regrouped(between: bounds)
        result.merge(other.regrouped(between: bounds), from: 0, carryingErrors: false)
        result.removeFirst(0)
        positive = result
        layout = .custom(bounds: bounds)
    }

    /// The buckets in a layout with fewer bounds.
    private func regrouped(between bounds: [Double]) -> BucketSums {
        var result = positive
        result.regroup { index in
            let upper = layout.upperBound(ofBucket: index)
            return bounds.firstIndex { $0 >= upper } ?? bounds.count
        }
        return result
    }

    // MARK: Both kinds

    /// A few custom buckets may look exponential in an answer of the API. Where one of the two has
    /// custom bounds, the other is taken to have them as well if nothing speaks against it.
    private mutating func reconcileKinds(
        with other: inout HistogramSum
    ) throws(IncompatibleHistograms) {
        switch (layout, other.layout) {
        case (.exponential, .exponential), (.custom, .custom): return
        case _ where isWithoutLayout || other.isWithoutLayout: return
        case (.exponential, .custom(let otherBounds)):
            guard let custom = readAsCustom(), case .custom(let bounds) = custom.layout,
                custom.commonBounds(bounds, otherBounds, other).isAgreed
            else { throw IncompatibleHistograms() }
            self = custom
        case (.custom(let bounds), .exponential):
            guard let custom = other.readAsCustom(), case .custom(let otherBounds) = custom.layout,
                commonBounds(bounds, otherBounds, custom).isAgreed
            else { throw IncompatibleHistograms() }
            other = custom
        }
    }

    /// The same buckets between custom bounds, where an answer could have shown them so.
    private func readAsCustom() -> HistogramSum? {
        guard isPartlyKnown, zero.isZero, zeroThreshold == 0, negative.count == 0 else {
            return nil
        }
        let bounds = Set(
            positive.indices.flatMap {
                [layout.upperBound(ofBucket: $0 - 1), layout.upperBound(ofBucket: $0)]
            }
        ).filter(\.isFinite).sorted()
        var result = self
        result.layout = .custom(bounds: bounds)
        result.positive = regrouped(between: bounds)
        return result
    }
}

/// Histograms of which one has exponential and one custom buckets: there is no sum of them.
public struct IncompatibleHistograms: Error, Hashable, Sendable {
    public init() {}
}

/// What did not go together in two histograms that were added all the same.
public struct HistogramConflicts: OptionSet, Hashable, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// One was marked as a counter's reset, the other as none.
    public static let resetHints = HistogramConflicts(rawValue: 1)
    /// Custom bounds differed; those that both had were kept.
    public static let bounds = HistogramConflicts(rawValue: 2)
}

extension NativeHistogram.ResetHint {
    /// Becomes the hint of a sum; true where the two contradict each other.
    mutating func combine(with other: NativeHistogram.ResetHint) -> Bool {
        switch (self, other) {
        case _ where self == other, (.gauge, _), (.unknown, .reset), (.unknown, .notReset): break
        case (_, .gauge): self = .gauge
        case (_, .unknown): self = .unknown
        default:
            self = .unknown
            return true
        }
        return false
    }
}
