import PrometheusAPI

/// The hosts of one of Envoy's clusters.
public struct UpstreamHealth: Hashable, Sendable {
    public var name: String
    public var hosts: Int
    /// Of them, those that no check has found wanting. What a check finds well is left out of the
    /// JSON.
    public var healthyHosts: Int
    /// Those that outlier detection has taken out.
    public var ejectedHosts: Int

    public init(name: String, hosts: Int, healthyHosts: Int, ejectedHosts: Int = 0) {
        self.name = name
        self.hosts = hosts
        self.healthyHosts = healthyHosts
        self.ejectedHosts = ejectedHosts
    }

    init(_ name: String, hosts statuses: [JSONValue]) {
        self.init(name: name, hosts: statuses.count, healthyHosts: 0)
        for status in statuses {
            let health = status["health_status"]
            let isEjected = health?["failed_outlier_check"]?.bool ?? false
            let hasFailed = Self.failures.contains { health?[$0]?.bool ?? false }
            // Of those that discovery calls degraded, some answer.
            let discovery = health?["eds_health_status"]?.string ?? "HEALTHY"
            let isWell = ["HEALTHY", "UNKNOWN", "DEGRADED"].contains(discovery)
            if isEjected { ejectedHosts += 1 }
            if !isEjected, !hasFailed, isWell { healthyHosts += 1 }
        }
    }

    private static let failures = [
        "failed_active_health_check", "pending_active_hc", "excluded_via_immediate_hc_fail",
        "active_hc_timeout",
    ]

    /// Whether there are hosts, and none is healthy. A cluster without hosts is one that nobody
    /// runs.
    public var isWithoutHealthyHost: Bool { hosts > 0 && healthyHosts == 0 }

    /// Whether it is where Envoy has its own configuration from.
    public var isOfControlPlane: Bool {
        ["xds-grpc", "xds_cluster", "local_agent", "sds-grpc"].contains(name)
    }
}
