import TimeSeries

/// What `sum` and `avg` keep of the native histograms of one group at one time, or of a window.
struct HistogramCell {
    private let isMean: Bool
    /// The sum, or the mean once it is incremental.
    private var total: HistogramSum?
    private var count = 0.0
    private var isIncremental = false
    private var hasReset = false
    private var hasNoReset = false
    /// Whether exponential met custom buckets, so that there is no sum.
    private(set) var isIncompatible = false
    private(set) var hasReconciledBounds = false

    init(isMean: Bool) { self.isMean = isMean }

    /// Whether some histograms were marked as resets of their counters, and others as none.
    var hasConflictingResets: Bool { hasReset && hasNoReset }

    /// Adds a histogram; false where it is the first that does not go with those before.
    mutating func add(_ histogram: NativeHistogram) -> Bool {
        if isIncompatible { return true }
        switch histogram.resetHint {
        case .reset: hasReset = true
        case .notReset: hasNoReset = true
        case .unknown, .gauge: break
        }
        count += 1
        guard let total else {
            total = HistogramSum(histogram)
            return true
        }
        do {
            try combine(total, histogram)
        } catch {
            isIncompatible = true
            return false
        }
        return true
    }

    private mutating func combine(
        _ before: HistogramSum, _ histogram: NativeHistogram
    ) throws(IncompatibleHistograms) {
        var next = before
        if !isIncremental {
            note(try next.add(histogram))
            // A sum that is too large may have a mean that is not.
            guard isMean, next.hasOverflown else {
                total = next
                return
            }
            isIncremental = true
            next = before
            next.divide(by: count - 1)
        }
        next.multiply(by: (count - 1) / count)
        note(try next.add(histogram.divided(by: count)))
        total = next
    }

    private mutating func note(_ conflicts: HistogramConflicts) {
        if conflicts.contains(.bounds) { hasReconciledBounds = true }
    }

    /// Nil where there is no sum.
    var result: NativeHistogram? {
        guard !isIncompatible, var total else { return nil }
        if isMean, !isIncremental { total.divide(by: count) }
        return total.value
    }
}
