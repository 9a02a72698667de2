import Clusters
import TimeSeries

/// What holds for all groups.
public struct RuleSettings: Hashable, Sendable {
    /// Of groups that name none, milliseconds.
    public var interval: Int64
    /// Of groups that name none, milliseconds.
    public var queryOffset: Int64
    /// How long an alert that goes on is not told again, milliseconds.
    public var resendDelay: Int64
    /// How long an alert that is over is told to be so, milliseconds.
    public var resolvedRetention: Int64
    /// Alerts that wait less long begin to wait anew after a restart, milliseconds.
    public var forGracePeriod: Int64
    /// How long an outage may be for alerts to go on as before, milliseconds.
    public var outageTolerance: Int64
    /// Of templates.
    public var externalLabels: Labels
    /// Of templates and links, without a slash at the end.
    public var externalURL: String
    /// The names of the external labels of all clusters.
    public var clusterLabelNames: Set<String>

    public init(
        interval: Int64 = 60_000, queryOffset: Int64 = 0, resendDelay: Int64 = 60_000,
        resolvedRetention: Int64 = 900_000, forGracePeriod: Int64 = 600_000,
        outageTolerance: Int64 = 3_600_000, externalLabels: Labels = Labels(),
        externalURL: String = "", clusterLabelNames: Set<String> = [Cluster.label]
    ) {
        self.interval = interval
        self.queryOffset = queryOffset
        self.resendDelay = resendDelay
        self.resolvedRetention = resolvedRetention
        self.forGracePeriod = forGracePeriod
        self.outageTolerance = outageTolerance
        self.externalLabels = externalLabels
        self.externalURL = externalURL
        self.clusterLabelNames = clusterLabelNames
    }
}
