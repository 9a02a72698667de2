/// In whose words a cluster tells of its traffic: which metrics it has, and what they mean.
public enum Dialect: String, Hashable, Sendable, CaseIterable, Comparable {
    /// `istio_requests_total` and its kin, of sidecars, gateways and waypoints.
    case istio
    /// `response_total` of Linkerd's proxies.
    case linkerd
    /// `envoy_cluster_…` of Envoys that nobody describes otherwise: Consul's, and bare ones.
    case envoy
    /// `traces_span_metrics_…` of OpenTelemetry's connector.
    case spanMetrics = "span-metrics"
    /// `traces_service_graph_…` of Tempo and of OpenTelemetry's connector.
    case serviceGraph = "service-graph"

    public static func < (one: Dialect, other: Dialect) -> Bool { one.rawValue < other.rawValue }
}
