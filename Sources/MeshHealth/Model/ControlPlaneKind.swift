/// What kind of thing is probed; the raw value is `kind` in the inventory's `control_plane`.
public enum ControlPlaneKind: String, Hashable, Sendable, CaseIterable {
    case istiod, linkerd, consul, envoy
    /// Any URL, with an expected status and an assertion on its JSON.
    case http
    /// Any address that speaks TLS, for its certificate; nothing is asked of it.
    case tls

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
