/// Whose proxies a cluster has, and so in which words its metrics speak.
enum Mesh: String, Sendable, CaseIterable {
    case istio, linkerd, consul
    /// No proxies: the services' own spans, counted by OpenTelemetry's collector.
    case otel
    /// Istio without sidecars.
    case ambient

    /// Whose certificates its proxies trust: the mesh that it is a kind of.
    var trust: Mesh { self == .ambient ? .istio : self }

    /// The container of a pod's proxy; nil where there is none.
    var proxyContainer: String? {
        switch self {
        case .istio: "istio-proxy"
        case .linkerd: "linkerd-proxy"
        case .consul: "consul-dataplane"
        case .otel, .ambient: nil
        }
    }

    var gatewayNamespace: String {
        switch self {
        case .istio, .ambient: "istio-system"
        case .consul: "consul"
        case .linkerd, .otel: "ingress"
        }
    }
}

/// The clusters of further meshes, which are there if they are asked for.
let furtherClusterProfiles: [ClusterProfile] = [
    ClusterProfile(
        name: "linkerd-1", requestsPerSecond: 30, hoursAheadOfUTC: 1,
        trustDomain: "cluster.local", envoyClusterLabel: "", mesh: .linkerd,
        guests: ["frontend", "cart", "payments", "inventory", "users", "ledger-db"]),
    ClusterProfile(
        name: "consul-1", requestsPerSecond: 35, hoursAheadOfUTC: -6,
        trustDomain: "11111111-2222-3333-4444-555555555555", envoyClusterLabel: "",
        mesh: .consul,
        guests: ["frontend", "checkout", "cart", "payments", "inventory"]),
    ClusterProfile(
        name: "otel-1", requestsPerSecond: 20, hoursAheadOfUTC: 9, trustDomain: "",
        envoyClusterLabel: "", mesh: .otel,
        guests: ["frontend", "cart", "recommendations", "shipping", "notifications"]),
    ClusterProfile(
        name: "ambient-1", requestsPerSecond: 25, hoursAheadOfUTC: 1,
        trustDomain: "cluster.local", envoyClusterLabel: "", mesh: .ambient,
        guests: ["frontend", "cart", "inventory", "recommendations", "ledger-db"]),
]

/// Everything one cluster's Prometheus would scrape.
func metricFamilies(of profile: ClusterProfile, in topology: Topology) -> [MetricFamily] {
    let own =
        switch profile.mesh {
        case .istio:
            istioFamilies(of: profile, in: topology) + envoyFamilies(of: profile, in: topology)
        case .linkerd: linkerdFamilies(of: profile, in: topology)
        case .consul: consulFamilies(of: profile, in: topology)
        case .otel: spanFamilies(of: profile, in: topology)
        case .ambient: ambientFamilies(of: profile, in: topology)
        }
    return own + controlPlaneFamilies(of: profile, in: topology)
        + kubernetesFamilies(of: profile, in: topology)
}

extension Edge {
    /// Whether both ends are of one mesh: then they know each other by their certificates.
    var staysInMesh: Bool { source.mesh.trust == destination.mesh.trust }

    var leavesCluster: Bool { source.cluster != destination.cluster }

    /// Whether its requests use mutual TLS, without faults. Between meshes there is none: neither
    /// trusts the other's certificates.
    var isSecured: Bool {
        service.temper != .plaintext && staysInMesh && source.mesh != .otel
    }

    /// The TCP connections of this edge; a pool keeps most of them for a while.
    var connections: Flow { Flow(perSecond: requestsPerSecond * 0.2, shape: shape) }

    /// Bytes that a connection of TCP carries to the destination, and back.
    static let bytesPerConnection = (sent: 1_900.0, received: 5_400.0)
}
