import Clusters
import TimeSeries

/// A cluster that an answer needed and that did not give its part.
public struct MissingCluster: Hashable, Sendable {
    public var id: ClusterID
    /// `cluster` among them.
    public var externalLabels: Labels
    /// Since when nothing comes from it, milliseconds since the Unix epoch.
    public var since: Int64

    public init(id: ClusterID, externalLabels: Labels, since: Int64) {
        self.id = id
        self.externalLabels = externalLabels
        self.since = since
    }
}

/// Whose data an answer was computed from.
public struct RuleCoverage: Hashable, Sendable {
    /// Each once, ordered by name. A cluster that no part of the expression is about is none.
    public var missing: [MissingCluster]
    /// Whether any cluster gave its part.
    public var hasAnswers: Bool

    public init(missing: [MissingCluster] = [], hasAnswers: Bool = true) {
        self.missing = missing.sorted { $0.id < $1.id }
        self.hasAnswers = hasAnswers
    }

    /// All clusters answered.
    public static let complete = RuleCoverage()

    /// With the clusters that are missing from another one too; the earlier time counts.
    func united(with other: RuleCoverage) -> RuleCoverage {
        var byID = Dictionary(missing.map { ($0.id, $0) }) { first, _ in first }
        for cluster in other.missing {
            if let mine = byID[cluster.id], mine.since <= cluster.since { continue }
            byID[cluster.id] = cluster
        }
        return RuleCoverage(
            missing: Array(byID.values), hasAnswers: hasAnswers || other.hasAnswers)
    }
}
