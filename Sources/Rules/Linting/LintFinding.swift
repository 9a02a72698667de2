/// Something in a rule that is most likely not what its author means: no mistake, for the rule is
/// evaluated all the same.
public struct LintFinding: Hashable, Sendable {
    /// The raw value is what metrics and the API call it.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// No cluster has the metric.
        case missingMetric = "missing_metric"
        /// Some clusters do not have the metric.
        case partlyMissingMetric = "partly_missing_metric"
        /// No cluster's series of the metric have the label.
        case missingLabel = "missing_label"
        /// Some clusters' series of the metric do not have the label.
        case partlyMissingLabel = "partly_missing_label"
        /// No cluster has a series that meets a selector's conditions, though it has the metric.
        case missingSeries = "missing_series"
        /// A metric that the program which gave it gives no longer.
        case retiredMetric = "retired_metric"
        /// Numbers of different units are compared, added or subtracted.
        case mixedUnits = "mixed_units"
        /// A quantile outside of 0 to 1.
        case quantileOutOfRange = "quantile_out_of_range"
        /// A counter's value is used, which says only how long its process runs.
        case bareCounter = "bare_counter"
        /// The expression never gives anything.
        case neverTrue = "never_true"
        /// The expression gives something whatever the data.
        case alwaysTrue = "always_true"
    }

    public var kind: Kind
    /// One sentence without a full stop.
    public var message: String
    /// The clusters that lack what the rule asks for; empty where it is not about clusters.
    public var clusters: [String]

    public init(_ kind: Kind, _ message: String, clusters: [String] = []) {
        self.kind = kind
        self.message = message
        self.clusters = clusters
    }
}
