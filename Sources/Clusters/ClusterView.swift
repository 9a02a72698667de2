import TimeSeries

/// Which clusters somebody may see.
public struct ClusterView: Hashable, Sendable {
    /// Conditions on external labels: a cluster that meets all of any one list is seen. Nil for all
    /// clusters, also those that come later.
    private let alternatives: [[Matcher]]?

    /// All clusters.
    public static let all = ClusterView(alternatives: nil)

    private init(alternatives: [[Matcher]]?) { self.alternatives = alternatives }

    /// The clusters whose external labels meet all of any one list. A label that a cluster does not
    /// have counts as empty, as in a query.
    public init(matchingAny alternatives: [[Matcher]]) {
        self.init(alternatives: alternatives)
    }

    /// Whether nothing is hidden.
    public var isWhole: Bool { alternatives == nil }

    public func includes(_ cluster: Cluster) -> Bool {
        guard let alternatives else { return true }
        return alternatives.contains { matchers in
            matchers.allSatisfy { $0.matches(cluster.externalLabels) }
        }
    }
}

extension Inventory {
    /// The inventory as if there were no clusters but those in view. It is of the same generation.
    public func seen(by view: ClusterView) -> Inventory {
        if view.isWhole { return self }
        return Inventory(clusters: clusters.filter(view.includes), generation: generation)
    }
}
