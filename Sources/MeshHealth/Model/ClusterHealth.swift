/// A cluster's components together.
public struct ClusterHealth: Hashable, Sendable {
    public var cluster: String
    /// That of the worst component; unknown where there is none.
    public var state: ComponentState
    /// The worst first.
    public var components: [ComponentHealth]

    public init(_ cluster: String, _ components: [ComponentHealth]) {
        self.cluster = cluster
        state = components.map(\.state).max() ?? .unknown
        self.components = components.sorted { one, other in
            (other.state, one.id) < (one.state, other.id)
        }
    }
}
