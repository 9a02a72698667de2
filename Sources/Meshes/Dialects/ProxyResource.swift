import TimeSeries

/// What proxies use, as Kubernetes tells of their containers.
public enum ProxyResource: String, Hashable, Sendable, CaseIterable {
    case cpu, memory

    /// Of several, the first that a cluster has counts.
    public var metrics: [String] {
        switch self {
        case .cpu: ["container_cpu_usage_seconds_total"]
        case .memory: ["container_memory_working_set_bytes", "container_memory_usage_bytes"]
        }
    }

    /// The containers' names in all meshes.
    static let containers = ["istio-proxy", "linkerd-proxy", "envoy-sidecar", "consul-dataplane"]

    /// Cores, or bytes, by cluster, namespace and workload; of all namespaces where none is named.
    ///
    /// - Parameter joinsWorkloads: whether all workloads of a cluster are added up.
    public func text(
        of metric: String, namespaces: [String], clusters: [String], window: Int64,
        joinsWorkloads: Bool = false
    ) -> String {
        var matchers = [Matcher.text("container", oneOf: Self.containers)]
        if !namespaces.isEmpty { matchers.append(Matcher.text("namespace", oneOf: namespaces)) }
        if !clusters.isEmpty { matchers.append(Matcher.text(CallReading.cluster, oneOf: clusters)) }
        let selector = "\(metric){\(matchers.joined(separator: ","))}"
        let inner =
            self == .cpu
            ? "rate(\(selector)[\(FactQuery.text(ofMilliseconds: window))])" : selector
        guard !joinsWorkloads else { return "sum by (cluster) (\(inner))" }
        return "sum by (cluster, namespace, workload) (\(StatisticsQuery.withWorkload(inner)))"
    }
}
