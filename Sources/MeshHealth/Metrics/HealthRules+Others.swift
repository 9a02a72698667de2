/// Everything but istiod.
extension HealthRule {
    /// What tells processes apart, of which there is one for each pod or node.
    private static let pod = ["namespace", "pod", "instance"]

    /// The agents beside Istio's proxies, and the proxies that every node has.
    static func agent(_ windows: RuleWindows) -> [HealthRule] {
        [
            HealthRule(
                "agent-requests", .agent, .state(degraded: 0.05, unhealthy: 0.5),
                metrics: [
                    "istio_agent_num_failed_outgoing_requests", "istio_agent_num_outgoing_requests",
                ],
                windows.share(
                    "istio_agent_num_failed_outgoing_requests",
                    of: "istio_agent_num_outgoing_requests"),
                "The share of the agents' requests for certificates that fail", unit: "%"),
            HealthRule(
                "agent-connections", .agent, .state(degraded: 0.1, unhealthy: 0.5),
                metrics: [
                    "istio_agent_istiod_connection_failures", "istio_agent_cert_expiry_seconds",
                ],
                // The first failure makes the series.
                "count by (cluster) ("
                    + windows.growth("istio_agent_istiod_connection_failures", by: pod)
                    + " > 0) / count by (cluster) "
                    + #"(istio_agent_cert_expiry_seconds{resource_name="default"})"#,
                "The share of agents that failed to connect to istiod within \(windows.counted)",
                unit: "%"),
        ]
    }

    static func ambient(_ windows: RuleWindows) -> [HealthRule] {
        [
            HealthRule(
                "cni-not-ready", .cni, .state(degraded: 1, unhealthy: nil),
                metrics: ["istio_cni_install_ready"],
                "count by (cluster) (istio_cni_install_ready == 0)",
                "Nodes on which the plug-in is not installed: new pods there do not start"),
            HealthRule(
                "cni-without-ztunnel", .cni, .state(degraded: 1, unhealthy: nil),
                metrics: ["ztunnel_connected"],
                "count by (cluster) (ztunnel_connected == 0)",
                "Nodes whose agent has no ztunnel connected"),
            HealthRule(
                "ztunnel-pending", .ztunnel, .state(degraded: 1, unhealthy: nil),
                metrics: ["workload_manager_pending_proxy_count"],
                "sum by (cluster) "
                    + "(min_over_time(workload_manager_pending_proxy_count[\(windows.recent)]))",
                "Pods that have waited \(windows.recent) for their part of ztunnel"),
            // `reason` is ConnectionError, Error, Reconnect or Complete (ztunnel's `src/xds`). The end
            // of a connection's half hour is a Reconnect, in older releases an Error: one of them, or
            // two while istiod restarts, says nothing.
            HealthRule(
                "ztunnel-cut-off", .ztunnel, .state(degraded: 1, unhealthy: nil),
                metrics: ["istio_xds_connection_terminations_total"],
                "count by (cluster) ("
                    + windows.growth(
                        "istio_xds_connection_terminations_total", by: pod,
                        where: #"{reason=~"ConnectionError|Error"}"#) + " > 2)",
                "ztunnels that istiod was lost to more than twice within \(windows.counted)"),
        ]
    }

    static func linkerd(_ windows: RuleWindows) -> [HealthRule] {
        [
            HealthRule(
                "linkerd-issuer-expired", .linkerdIdentity, .state(degraded: nil, unhealthy: 0),
                metrics: ["issuer_cert_ttl_seconds"],
                "-max by (cluster) (issuer_cert_ttl_seconds)",
                "How long ago the issuer's certificate ended: no workload gets one any more",
                unit: "s"),
            HealthRule(
                "linkerd-updates-lost", .linkerdDestination, .state(degraded: 0.5, unhealthy: nil),
                metrics: ["endpoint_updates_queue_overflow"],
                windows.growth("endpoint_updates_queue_overflow"),
                "Proxies whose queue of endpoints has overflown: they send to what is gone"),
            HealthRule(
                "linkerd-profiles-lost", .linkerdDestination, .state(degraded: 0.5, unhealthy: nil),
                metrics: ["endpoint_profile_updates_queue_overflow"],
                windows.growth("endpoint_profile_updates_queue_overflow"),
                "Proxies whose queue of profiles has overflown"),
            HealthRule(
                "linkerd-gateway-probes", .linkerdMulticluster,
                .state(degraded: 0.05, unhealthy: nil),
                metrics: ["gateway_probes"],
                windows.share(#"gateway_probes{probe_successful="false"}"#, of: "gateway_probes"),
                "The share of probes of other clusters' gateways that fail", unit: "%"),
            HealthRule(
                "linkerd-gateways", .linkerdMulticluster,
                .issue(.remoteClusterNotSynced, subject: ["target_cluster_name"]),
                metrics: ["gateway_alive", "gateway_enabled"],
                "count by (cluster, target_cluster_name) "
                    + "((gateway_alive == 0) unless on (cluster, target_cluster_name) "
                    + "(gateway_enabled == 0))",
                "The gateway of another cluster does not answer: traffic does not go there"),
        ]
    }

    /// Servers that are not the leader say NaN of what only the leader knows.
    static let consul: [HealthRule] = [
        HealthRule(
            "consul-without-leader", .consul, .state(degraded: nil, unhealthy: 1),
            metrics: ["consul_autopilot_healthy"],
            "count by (cluster) (consul_autopilot_healthy) unless on (cluster) "
                + "(consul_autopilot_healthy >= 0)",
            "Servers, none of which says that it is the leader"),
        HealthRule(
            "consul-autopilot", .consul, .state(degraded: 1, unhealthy: nil),
            metrics: ["consul_autopilot_healthy"],
            "1 - max by (cluster) (consul_autopilot_healthy >= 0)",
            "1 where autopilot finds a server that is not healthy"),
        HealthRule(
            "consul-tolerance", .consul, .state(degraded: 3, unhealthy: nil),
            metrics: ["consul_autopilot_healthy", "consul_autopilot_failure_tolerance"],
            "count by (cluster) (consul_autopilot_healthy) and on (cluster) "
                + "(max by (cluster) (consul_autopilot_failure_tolerance >= 0) == 0)",
            "Servers, of which none may fail any more"),
        HealthRule(
            "consul-leader-contact", .consul, .state(degraded: 200, unhealthy: nil),
            metrics: ["consul_raft_leader_lastContact"],
            #"max by (cluster) (consul_raft_leader_lastContact{quantile="0.99"})"#,
            "How long followers had not heard of the leader, at 99 of 100", unit: "ms"),
    ]

    /// What the proxies' reports of requests tell of configuration. Flags stand together with commas
    /// between.
    static func traffic(_ windows: RuleWindows) -> [HealthRule] {
        [
            flagged(windows, "no-route", "NR", .noRoute),
            flagged(windows, "no-cluster", "NC", .unknownCluster),
            flagged(windows, "no-filter-configuration", "NFCF|RFCF", .filterConfigurationMissing),
        ]
    }

    private static func flagged(
        _ windows: RuleWindows, _ name: String, _ flags: String, _ kind: IssueKind
    ) -> HealthRule {
        let labels = ["source_workload_namespace", "source_workload", "destination_service"]
        let metrics = ["istio_requests_total", "istio_tcp_connections_opened_total"]
        let rates = metrics.map { metric in
            #"rate(\#(metric){response_flags=~"(.+,)?(\#(flags))(,.+)?"}[\#(windows.recent)])"#
        }
        return HealthRule(
            name, .istioTraffic, .issue(kind, subject: labels), metrics: metrics,
            "sum by (\(RuleWindows.list(labels))) (\(rates.joined(separator: " or "))) > 0",
            kind.meaning,
            unit: "/s")
    }
}
