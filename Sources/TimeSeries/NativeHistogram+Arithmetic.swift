// Arithmetic as PromQL has it. What gives a histogram of the other kind of layout throws.
extension NativeHistogram {
    public func adding(
        _ other: NativeHistogram
    ) throws(IncompatibleHistograms) -> (histogram: NativeHistogram, conflicts: HistogramConflicts)
    {
        var sum = HistogramSum(self)
        let conflicts = try sum.addPlainly(other)
        return (sum.plainValue, conflicts)
    }

    /// The difference; its hint is that of a sum.
    public func subtracting(
        _ other: NativeHistogram
    ) throws(IncompatibleHistograms) -> (histogram: NativeHistogram, conflicts: HistogramConflicts)
    {
        try adding(other.mapCounts { -$0 })
    }

    /// Every count and the sum times a factor; by a negative one it becomes a gauge.
    public func multiplied(by factor: Double) -> NativeHistogram {
        var result = mapCounts { $0 * factor }
        if factor < 0 { result.resetHint = .gauge }
        return result
    }

    /// Every count and the sum divided; by zero no bucket is left, by less it becomes a gauge.
    public func divided(by divisor: Double) -> NativeHistogram {
        var result = mapCounts { $0 / divisor }
        if divisor == 0 {
            result.positive = HistogramBuckets()
            result.negative = HistogramBuckets()
        } else if divisor < 0 {
            result.resetHint = .gauge
        }
        return result
    }

    private func mapCounts(_ change: (Double) -> Double) -> NativeHistogram {
        var result = self
        result.zeroCount = change(zeroCount)
        result.count = change(count)
        result.sum = change(sum)
        result.positive = positive.mapCounts(change)
        result.negative = negative.mapCounts(change)
        return result
    }

    /// Without the buckets that hold nothing.
    public func compacted() -> NativeHistogram {
        var result = self
        result.positive = positive.compacted()
        result.negative = negative.compacted()
        return result
    }

    /// With exponential buckets of a schema that is not finer; others stay as they are.
    public func coarsened(to target: Int) -> NativeHistogram {
        guard case .exponential(let schema) = layout, target < schema else { return self }
        var result = self
        result.layout = .exponential(schema: target)
        result.positive = positive.coarsened(by: schema - target)
        result.negative = negative.coarsened(by: schema - target)
        // Prometheus forgets the hint too.
        result.resetHint = .unknown
        return result
    }

    public func withHint(_ hint: ResetHint) -> NativeHistogram {
        var result = self
        result.resetHint = hint
        return result
    }
}
