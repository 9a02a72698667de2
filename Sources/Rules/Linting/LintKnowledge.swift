import PromQL
import TimeSeries

/// What is known of the clusters' series.
public struct LintKnowledge: Hashable, Sendable {
    /// A cluster that answers.
    public struct Cluster: Hashable, Sendable {
        public var name: String
        public var externalLabels: Labels

        public init(name: String, externalLabels: Labels) {
            self.name = name
            self.externalLabels = externalLabels
        }
    }

    /// In inventory order.
    public var clusters: [Cluster]
    /// The metrics of each cluster by its name; nil where these were not asked for as a whole.
    public var metrics: [String: Set<String>]?
    /// For selectors that were asked about, the names of the clusters that have any such series.
    public var owners: [String: Set<String>] = [:]

    public init(clusters: [Cluster]) { self.clusters = clusters }

    /// The clusters that a selector is about, by its conditions on external labels. A label that is
    /// external anywhere counts as such everywhere.
    func scope(of matchers: [Matcher]) -> [Cluster] {
        let external = matchers.filter { isExternal($0.name) }
        return clusters.filter { cluster in
            external.allSatisfy { $0.matches(cluster.externalLabels) }
        }
    }

    /// Whether any cluster has an external label of this name.
    func isExternal(_ name: String) -> Bool {
        clusters.contains { $0.externalLabels[name] != nil }
    }
}

/// Whether what there is to be found in a rule is known.
public enum LintStep: Hashable, Sendable {
    /// Which clusters have series of these selectors is to be found out first.
    case needs([String])
    case done([LintFinding])
}
