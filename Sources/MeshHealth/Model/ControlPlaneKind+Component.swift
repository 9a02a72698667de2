import Clusters

extension ControlPlaneKind {
    /// A row of the table.
    private struct Row {
        var mesh: Mesh
        var component: String
        var quorum: Quorum
    }

    public var mesh: Mesh { row.mesh }

    /// What the component is called where the inventory does not say.
    public var standardComponent: String { row.component }

    /// How many of its replicas must work for it to work.
    public var quorum: Quorum { row.quorum }

    private var row: Row {
        switch self {
        case .istiod: Row(mesh: .istio, component: "istiod", quorum: .one)
        case .linkerd: Row(mesh: .linkerd, component: "linkerd-control-plane", quorum: .one)
        // Servers elect a leader by majority.
        case .consul: Row(mesh: .consul, component: "consul-server", quorum: .majority)
        // Proxies are no replicas of each other.
        case .envoy: Row(mesh: .envoy, component: "envoy", quorum: .all)
        case .http: Row(mesh: .other, component: "endpoint", quorum: .one)
        // A certificate that one of several servers shows is met by some of those who call.
        case .tls: Row(mesh: .other, component: "tls-endpoint", quorum: .all)
        }
    }
}
