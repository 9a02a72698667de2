/// What the name of an Envoy cluster says of the service behind it: Istio's, Consul's, and any.
public struct EnvoyClusterName: Hashable, Sendable {
    public var service: String
    /// Empty where the name does not say.
    public var namespace = ""
    /// Istio's subset.
    public var version = ""
    /// Consul's datacenter.
    public var cluster = ""

    /// The names under which a sidecar sends what arrives on to its application.
    public static let local = ["local_app", "local_service"]

    /// Takes a name apart: `outbound|9080|v1|reviews.default.svc.cluster.local`,
    /// `v2.web.default.dc1.internal.11111111-….consul`, or another, which is the service's as it is.
    /// Nil for what is no service of the mesh: inbound listeners and the proxy's own upstreams.
    public init?(_ name: String) {
        if name.hasPrefix("inbound|") || name.isEmpty || Self.own.contains(name) { return nil }
        if name.hasPrefix("outbound|") || name.hasPrefix("outbound_.") {
            let separator: Character = name.hasPrefix("outbound|") ? "|" : "_"
            let parts = name.split(separator: separator, omittingEmptySubsequences: false)
            guard parts.count == 4 else { return nil }
            let subset = parts[2].drop { $0 == "." }
            self.init(host: String(parts[3].drop { $0 == "." }), version: String(subset))
            return
        }
        var parts = name.split(separator: ".").map(String.init)
        guard parts.last == "consul", parts.count >= 6 else {
            self.init(host: name, version: "")
            return
        }
        // service.namespace[.partition].datacenter.internal[-v1].trust-domain.consul, perhaps with a
        // subset in front; of a peer `external`, with the peer's name for the datacenter's.
        guard
            let routing = parts.firstIndex(where: {
                $0.hasPrefix("internal") || $0.hasPrefix("external")
            }), routing >= 3
        else {
            self.init(host: name, version: "")
            return
        }
        parts.removeSubrange(routing...)
        let datacenter = parts.removeLast()
        if parts.count > 3 { parts.removeLast() }
        let namespace = parts.removeLast()
        let service = parts.removeLast()
        self.init(host: service, version: parts.first.map { $0.afterTilde } ?? "")
        self.service = service.afterTilde
        self.namespace = namespace
        cluster = datacenter
    }

    /// `reviews.default.svc.cluster.local`, or any other host, which is a service by itself.
    private init(host: String, version: String) {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        if parts.count >= 3, parts[2] == "svc" {
            service = parts[0]
            namespace = parts[1]
        } else {
            service = host
        }
        self.version = version
    }

    /// Upstreams of the proxy itself: control plane, statistics, tracing.
    private static let own: Set<String> = [
        "local_app", "local_service", "local_agent", "consul-dataplane", "self_admin",
        "xds-grpc", "xds_cluster", "sds-grpc", "agent", "prometheus_stats", "prometheus_backend",
        "zipkin", "jaeger", "BlackHoleCluster", "InboundPassthroughCluster",
        "original-destination",
    ]
}

extension String {
    /// `passthrough~web` is `web`.
    fileprivate var afterTilde: String {
        firstIndex(of: "~").map { String(self[index(after: $0)...]) } ?? self
    }
}
