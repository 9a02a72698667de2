// The first file to read in ControlPlanes: which processes of the meshes have endpoints that a gateway
// may ask. `ControlPlaneFaultKind` is the table of what can be wrong with them, `ControlPlaneRoutes`
// serves them, and the metrics that go with them are in `IstiodMetrics` and its siblings.

/// How an endpoint is asked: the paths that it has.
enum ControlPlaneRole: String, Sendable, CaseIterable {
    case istiod, linkerd, consul, envoy
    // On every node of a cluster without sidecars; nobody asks them, they have metrics.
    case cni, ztunnel

    var hasEndpoints: Bool {
        switch self {
        case .istiod, .linkerd, .consul, .envoy: true
        case .cni, .ztunnel: false
        }
    }
}

/// One process, with endpoints of its own at `/control-plane/<name>/…` of its cluster's port if its
/// role has any.
struct ControlPlaneReplica: Sendable, Hashable {
    var cluster: String
    var role: ControlPlaneRole
    /// What it is a replica of.
    var component: String
    /// Which of them, from 0 on.
    var number: Int

    var name: String { "\(component)-\(number)" }
    var path: String { "/control-plane/\(name)" }

    var namespace: String {
        switch role {
        case .istiod, .cni, .ztunnel: "istio-system"
        case .linkerd: "linkerd"
        case .consul: "consul"
        case .envoy: "ingress"
        }
    }

    /// What its own metrics bear.
    var labels: Labels { ["app": component, "namespace": namespace, "pod": name] }
}

extension ClusterProfile {
    /// What can be asked in this cluster: its control plane, and the Envoys at its edge.
    func controlPlane(_ plan: SimulationPlan) -> [ControlPlaneReplica] {
        let envoys = min(plan.replicas, 2)
        return mesh.controlPlane.flatMap { replicas($0.role, $0.component, $0.count) }
            + gatewayNames.flatMap { replicas(.envoy, $0, envoys) }
    }

    private func replicas(
        _ role: ControlPlaneRole, _ component: String, _ count: Int
    ) -> [ControlPlaneReplica] {
        (0..<count).map {
            ControlPlaneReplica(cluster: name, role: role, component: component, number: $0)
        }
    }
}

extension Mesh {
    /// The components of its control plane.
    fileprivate var controlPlane: [(role: ControlPlaneRole, component: String, count: Int)] {
        switch self {
        case .istio: [(.istiod, "istiod", 2)]
        // Two nodes.
        case .ambient:
            [(.istiod, "istiod", 2), (.cni, "istio-cni", 2), (.ztunnel, "ztunnel", 2)]
        case .linkerd:
            [
                (.linkerd, "linkerd-destination", 2), (.linkerd, "linkerd-identity", 2),
                (.linkerd, "linkerd-service-mirror", 1),
            ]
        case .consul: [(.consul, "consul-server", 3)]
        case .otel: []
        }
    }
}
