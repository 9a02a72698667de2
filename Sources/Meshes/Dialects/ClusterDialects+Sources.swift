extension [ClusterDialects] {
    /// Where a fact's rates come from in a dialect: each metric, and the clusters that have it, in
    /// inventory order.
    ///
    /// Dialects of traces tell of the same calls as those of proxies, and so count only in clusters
    /// that have none of these.
    public func sources(
        of fact: Fact, in dialect: Dialect, window: Int64
    ) -> [(source: FactQuery.Source, clusters: [String])] {
        var found: [(source: FactQuery.Source, clusters: [String])] = []
        for cluster in self where cluster.counts(dialect) {
            guard let source = cluster.source(of: fact, in: dialect, window: window) else {
                continue
            }
            if let place = found.firstIndex(where: { $0.source == source }) {
                found[place].clusters.append(cluster.cluster)
            } else {
                found.append((source, [cluster.cluster]))
            }
        }
        return found
    }
}

extension ClusterDialects {
    /// Whether the cluster's calls are read in a dialect.
    func counts(_ dialect: Dialect) -> Bool {
        guard dialects.contains(dialect) else { return false }
        if dialect.isOfProxies { return true }
        guard !dialects.contains(where: \.isOfProxies) else { return false }
        return dialect == dialects.min { $0.rank < $1.rank }
    }
}
