/// All clusters together.
public struct FleetHealth: Hashable, Sendable {
    /// That of the worst cluster; unknown where there is none.
    public var state: ComponentState
    /// By name.
    public var clusters: [ClusterHealth]

    /// `clusters` are those that there are, also those of which nothing is known.
    public init(_ components: [ComponentHealth], clusters: some Sequence<String>) {
        let byCluster = Dictionary(grouping: components, by: \.id.cluster)
        let names = Set(clusters).union(byCluster.keys).sorted()
        self.clusters = names.map { ClusterHealth($0, byCluster[$0] ?? []) }
        state = self.clusters.map(\.state).max() ?? .unknown
    }

    /// How many clusters are in the state.
    public func count(of state: ComponentState) -> Int {
        clusters.count { $0.state == state }
    }
}
