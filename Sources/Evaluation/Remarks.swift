import TimeSeries

/// What annotations say, in Prometheus's words; the place in the query that it puts behind them is
/// left out.
enum Remarks {
    static func invalidQuantile(_ ratio: Double) -> String {
        "PromQL warning: quantile value should be between 0 and 1, got "
            + GoWords.general(ratio)
    }

    static func invalidRatio(_ ratio: Double, cappedTo limit: Double) -> String {
        "PromQL warning: ratio value should be between -1 and 1, got \(GoWords.general(ratio)), "
            + "capping to \(GoWords.general(limit))"
    }

    static let mixedAggregation =
        "PromQL warning: encountered a mix of histograms and floats for aggregation"

    static func mixedWindow(_ metric: String) -> String {
        "PromQL warning: encountered a mix of histograms and floats for metric name "
            + GoText.quoted(metric)
    }

    /// What is said before the aggregation's name.
    static let histogramsIgnoredPrefix = "PromQL info: ignored histogram in"

    static func histogramsIgnored(in aggregation: String) -> String {
        "\(histogramsIgnoredPrefix) \(aggregation) aggregation"
    }

    static func histogramsIgnored(inWindowOf metric: String) -> String {
        "PromQL info: ignored histograms in a range containing both floats and histograms for "
            + "metric name " + GoText.quoted(metric)
    }

    static func incompatibleTypes(_ left: String, _ operation: String, _ right: String) -> String {
        "PromQL info: incompatible sample types encountered for binary operator "
            + "\(GoText.quoted(operation)): \(left) \(operation) \(right)"
    }

    static func invalidBound(_ bound: String, metric: String?) -> String {
        "PromQL warning: bucket label \"le\" is missing or has a malformed value of "
            + GoText.quoted(bound) + ofMetric(metric)
    }

    static func mixedBuckets(metric: String?) -> String {
        "PromQL warning: vector contains a mix of classic and native histograms"
            + ofMetric(metric)
    }

    static func possiblyNoCounter(_ metric: String) -> String {
        "PromQL info: metric might not be a counter, name does not end in "
            + "_total/_sum/_count/_bucket: " + GoText.quoted(metric)
    }

    // MARK: Native histograms

    /// What is said before the metric's name.
    static let mixedSchemasPrefix =
        "PromQL warning: vector contains a mix of histograms with exponential and custom buckets "
        + "schemas"

    static func mixedSchemas(_ metric: String) -> String {
        "\(mixedSchemasPrefix) for metric name \(GoText.quoted(metric))"
    }

    static func histogramIsNoCounter(_ metric: String) -> String {
        "PromQL warning: this native histogram metric is not a counter: "
            + GoText.quoted(metric)
    }

    static func histogramIsNoGauge(_ metric: String) -> String {
        "PromQL warning: this native histogram metric is not a gauge: " + GoText.quoted(metric)
    }

    static func incompatibleLayouts(_ operation: String) -> String {
        "PromQL warning: incompatible bucket layout encountered for binary operator " + operation
    }

    /// What histograms are put together for.
    enum HistogramOperation: String {
        case addition, subtraction, aggregation
    }

    static func resetsConflict(in operation: HistogramOperation) -> String {
        "PromQL warning: conflicting counter resets during histogram \(operation.rawValue)"
    }

    static func boundsReconciled(in operation: HistogramOperation) -> String {
        "PromQL info: mismatched custom buckets were reconciled during \(operation.rawValue)"
    }

    static func quantileIsNaN(metric: String?) -> String {
        "PromQL info: input to histogram_quantile has NaN observations, result is NaN"
            + ofMetric(metric)
    }

    static func quantileIsSkewed(metric: String?) -> String {
        "PromQL info: input to histogram_quantile has NaN observations, result is skewed higher"
            + ofMetric(metric)
    }

    static func fractionLeavesOutNaN(metric: String?) -> String {
        "PromQL info: input to histogram_fraction has NaN observations, which are excluded from "
            + "all fractions" + ofMetric(metric)
    }

    /// How far they had to be fixed is told behind it.
    static let forcedMonotonicity =
        "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see "
        + "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"

    static let sortInRangeQuery =
        "PromQL warning: sort is ineffective for range queries since results are always ordered "
        + "by labels"

    private static func ofMetric(_ metric: String?) -> String {
        metric.map { " for metric name \(GoText.quoted($0))" } ?? ""
    }
}
