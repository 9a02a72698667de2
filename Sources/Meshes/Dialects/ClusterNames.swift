/// What meshes call the clusters, which need not be what the inventory calls them: the proxies of a
/// cluster write the mesh's name for it into their own end of each report.
public enum ClusterNames {
    /// What a report says.
    public struct Pair: Hashable, Sendable {
        /// In the mesh.
        public var name: String
        /// In the inventory.
        public var cluster: String
    }

    /// The names that mean one cluster. Istio's standard name, `Kubernetes`, may be that of all.
    public static func joined(_ pairs: some Sequence<Pair>) -> [String: String] {
        var clusters: [String: Set<String>] = [:]
        for pair in pairs { clusters[pair.name, default: []].insert(pair.cluster) }
        return clusters.compactMapValues { $0.count == 1 ? $0.first : nil }
    }
}
