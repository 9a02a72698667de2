import TimeSeries

/// What Prometheus computes from a list of values, in its order of operations.
enum Kernels {
    static func sum(_ values: [Double]) -> Double {
        var sum = CompensatedSum()
        for value in values { sum.add(value) }
        return sum.value
    }

    /// The sum over the count, unless the sum is too large; then the mean grows value by value.
    static func mean(_ values: [Double]) -> Double {
        let total = sum(values)
        if total.isFinite || values.contains(where: { !$0.isFinite }) {
            return total / Double(values.count)
        }
        var mean = 0.0
        for (index, value) in values.enumerated() {
            let count = Double(index + 1)
            mean = mean * ((count - 1) / count) + value / count
        }
        return mean
    }

    static func least(_ values: [Double]) -> Double {
        var best = values[0]
        for value in values.dropFirst() where value < best || best.isNaN { best = value }
        return best
    }

    static func greatest(_ values: [Double]) -> Double {
        var best = values[0]
        for value in values.dropFirst() where value > best || best.isNaN { best = value }
        return best
    }

    /// The population's variance, by Welford's recurrence with compensated sums.
    static func variance(_ values: [Double]) -> Double {
        var mean = CompensatedSum()
        var squares = CompensatedSum()
        for (index, value) in values.enumerated() {
            let delta = value - mean.value
            mean.add(delta / Double(index + 1))
            squares.add(delta * (value - mean.value))
        }
        return squares.value / Double(values.count)
    }
}

/// Quantiles of values.
enum Quantile {
    /// The quantile of values in any order, interpolated between neighbours; NaN counts as least.
    static func of(_ values: [Double], _ ratio: Double) -> Double {
        if values.isEmpty || ratio.isNaN { return .nan }
        if ratio < 0 { return -.infinity }
        if ratio > 1 { return .infinity }
        let sorted = values.sorted { $0 < $1 || ($0.isNaN && !$1.isNaN) }
        let count = Double(sorted.count)
        let rank = ratio * (count - 1)
        let lower = max(0, rank.rounded(.down))
        let upper = min(count - 1, lower + 1)
        let weight = rank - rank.rounded(.down)
        return sorted[Int(lower)] * (1 - weight) + sorted[Int(upper)] * weight
    }
}

/// Remarks in Prometheus's words.
enum Remarks {
    static func invalidQuantile(_ ratio: Double) -> String {
        "PromQL warning: quantile value should be between 0 and 1, got "
            + NumberText.literal(ratio)
    }

    static let mixedAggregation =
        "PromQL warning: encountered a mix of histograms and floats for aggregation"

    static func histogramsIgnored(_ operation: String) -> String {
        "PromQL info: ignored histogram in \(operation) aggregation"
    }

    static func invalidBound(_ bound: String) -> String {
        "PromQL warning: bucket label \"le\" is missing or has a malformed value of "
            + Labels.quoted(bound)
    }

    static let forcedMonotonic =
        "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see "
        + "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
}
