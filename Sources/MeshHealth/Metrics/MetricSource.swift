/// A part of a mesh that tells of itself by metrics.
public enum MetricSource: String, Hashable, Sendable, CaseIterable {
    /// istiod, all of it: discovery, webhooks, CA and injection are one process.
    case istiod
    case agent = "istio-agent"
    case cni = "istio-cni"
    case ztunnel
    case linkerdIdentity = "linkerd-identity"
    case linkerdDestination = "linkerd-destination"
    case linkerdMulticluster = "linkerd-multicluster"
    case consul = "consul-server"
    /// The proxies' reports of requests.
    case istioTraffic = "istio-traffic"

    /// A row of the table.
    private struct Row {
        var mesh: Mesh
        var presence: [String]

        init(_ mesh: Mesh, _ presence: String...) {
            self.mesh = mesh
            self.presence = presence
        }
    }

    public var mesh: Mesh { row.mesh }

    /// The component whose state this is; the same name as that of its probes.
    public var component: String { rawValue }

    /// Metrics of which any is there while the component runs, also where nothing has happened yet.
    /// Most counters are not there before their first event, so that their absence says nothing.
    public var presence: [String] { row.presence }

    /// One sample for each cluster that has the component.
    public var presenceText: String {
        "count by (cluster) (\(presence.joined(separator: " or ")))"
    }

    /// The clusters that had the component within the hour; nil for what runs beside every workload,
    /// which comes and goes. Its metrics vanish with a component that is gone: then nothing else
    /// tells of it.
    public var earlierText: String? {
        if self == .agent || self == .istioTraffic { return nil }
        let earlier = presence.map { "last_over_time(\($0)[1h])" }
        return "count by (cluster) (\(earlier.joined(separator: " or ")))"
    }

    private var row: Row {
        switch self {
        case .istiod: Row(.istio, "pilot_info", "pilot_xds")
        case .agent: Row(.istio, "istio_agent_cert_expiry_seconds")
        case .cni: Row(.istio, "istio_cni_install_ready")
        case .ztunnel: Row(.istio, "workload_manager_active_proxy_count")
        case .linkerdIdentity: Row(.linkerd, "issuer_cert_ttl_seconds")
        case .linkerdDestination:
            Row(.linkerd, "endpoint_updates_queue_overflow", "cluster_store_size")
        case .linkerdMulticluster: Row(.linkerd, "gateway_alive")
        case .consul: Row(.consul, "consul_autopilot_healthy")
        case .istioTraffic: Row(.istio, "istio_requests_total")
        }
    }
}
