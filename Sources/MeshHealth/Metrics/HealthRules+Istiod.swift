/// istiod: discovery, webhooks, CA and injection.
extension HealthRule {
    private static func state(
        _ name: String, degraded: Double? = nil, unhealthy: Double? = nil, metrics: [String],
        _ text: String, _ meaning: String, unit: String = ""
    ) -> HealthRule {
        HealthRule(
            name, .istiod, .state(degraded: degraded, unhealthy: unhealthy), metrics: metrics,
            text, meaning, unit: unit)
    }

    static func istiod(_ windows: RuleWindows) -> [HealthRule] {
        /// A counter of something that does not happen while all is well.
        func counter(_ name: String, _ metric: String, _ meaning: String) -> HealthRule {
            state(name, degraded: 0.5, metrics: [metric], windows.growth(metric), meaning)
        }
        return [
            state(
                "istiod-proxies-lost", degraded: 0.2, unhealthy: 1, metrics: ["pilot_xds"],
                "1 - sum by (cluster) (pilot_xds) / "
                    + "sum by (cluster) (pilot_xds offset \(windows.before))",
                "The share of proxies that were connected \(windows.before) ago and are not now",
                unit: "%"),
            state(
                "istiod-push-errors", degraded: 0.05, metrics: ["pilot_xds_pushes"],
                windows.share(
                    #"pilot_xds_pushes{type=~".+_senderr"}"#,
                    of: #"pilot_xds_pushes{type!~".+_senderr"}"#),
                "The share of pushes that could not be sent", unit: "%"),
            state(
                "istiod-rejects", degraded: 0.005, unhealthy: 0.05,
                metrics: ["pilot_total_xds_rejects", "pilot_xds_pushes"],
                windows.share("pilot_total_xds_rejects", of: "pilot_xds_pushes"),
                "The share of pushes that proxies refuse", unit: "%"),
            // The last bucket but one ends at 30 seconds: that is the most that a quantile says.
            state(
                "istiod-convergence", degraded: 5, unhealthy: 30,
                metrics: ["pilot_proxy_convergence_time_bucket"],
                windows.slowest("pilot_proxy_convergence_time"),
                "How long a change takes to all its proxies, at 99 of 100", unit: "s"),
            state(
                "istiod-queue", degraded: 1, metrics: ["pilot_proxy_queue_time_bucket"],
                windows.slowest("pilot_proxy_queue_time"),
                "How long proxies wait for their push, at 99 of 100", unit: "s"),
            state(
                "istiod-push-time", degraded: 1, metrics: ["pilot_xds_push_time_bucket"],
                windows.slowest("pilot_xds_push_time"), "How long a push takes, at 99 of 100",
                unit: "s"),
            counter(
                "istiod-internal-errors", "pilot_total_xds_internal_errors",
                "Errors of istiod's own while it made configuration"),
            counter(
                "istiod-write-timeouts", "pilot_xds_write_timeout",
                "Pushes that proxies were too slow to take"),
            state(
                "istiod-services-lost", degraded: 0.1, metrics: ["pilot_services"],
                "1 - max by (cluster) (pilot_services) / "
                    + "max by (cluster) (pilot_services offset \(windows.before))",
                "The share of services that were known \(windows.before) ago and are not now",
                unit: "%"),
            state(
                "istiod-restarts", degraded: 2, metrics: ["istiod_uptime_seconds"],
                "max by (cluster) (resets(istiod_uptime_seconds[1h]))",
                "How often one replica has started anew within the hour"),
            counter(
                "istiod-controller-errors", "controller_sync_errors_total",
                "Errors of controllers that follow Kubernetes"),
            // Validation.
            counter(
                "istiod-webhook-errors", "galley_validation_http_error",
                "Requests that the validating webhook could not read: it refuses what it should not"
            ),
            counter(
                "istiod-webhook-update-errors", "galley_validation_config_update_error",
                "Updates of the validating webhook's registration that failed"),
            counter(
                "istiod-webhook-load-errors", "galley_validation_config_load_error",
                "Times that the webhook's CA bundle could not be loaded"),
            // The CA counts a request before anything can go wrong with it.
            state(
                "istiod-issuance-failures", degraded: 0.05, unhealthy: 0.5,
                metrics: [
                    "citadel_server_success_cert_issuance_count", "citadel_server_csr_count",
                ],
                "1 - (\(windows.rate("citadel_server_success_cert_issuance_count")) or "
                    + "0 * \(windows.rate("citadel_server_csr_count"))) / "
                    + windows.rate("citadel_server_csr_count"),
                "The share of requests for certificates that get none", unit: "%"),
            counter(
                "istiod-signing-errors", "citadel_server_csr_sign_err_count",
                "Certificates that the CA could not sign"),
            // Injection.
            counter(
                "istiod-injection-failures", "sidecar_injection_failure_total",
                "Pods that could not be given a proxy"),
            counter(
                "istiod-webhook-patch-failures", "webhook_patch_failures_total",
                "Updates of the injecting webhook's registration that failed"),
        ]
    }

    /// A gauge of what the last push came upon.
    private static func found(_ name: String, _ metric: String, _ kind: IssueKind) -> HealthRule {
        HealthRule(
            name, .istiod, .issue(kind, subject: []), metrics: [metric],
            "max by (cluster) (\(metric)) > 0", kind.meaning)
    }

    static func istiodIssues(_ windows: RuleWindows) -> [HealthRule] {
        /// A counter of it.
        func happened(
            _ name: String, _ metric: String, by labels: [String] = [], _ kind: IssueKind
        ) -> HealthRule {
            HealthRule(
                name, .istiod, .issue(kind, subject: labels), metrics: [metric],
                windows.growth(metric, by: labels) + " > 0", kind.meaning)
        }
        return [
            happened("nacks", "pilot_total_xds_rejects", by: ["type"], .rejectedConfiguration),
            happened(
                "ignored-configuration", "pilot_total_rejected_configs", by: ["type", "name"],
                .ignoredConfiguration),
            happened(
                "validation-failures", "galley_validation_failed",
                by: ["group", "version", "resource", "reason"], .validationFailed),
            happened("unknown-providers", "provider_lookup_cluster_failures", .unknownProvider),
            happened(
                "keys-not-fetched", "pilot_jwks_resolver_network_fetch_fail_total", .keysNotFetched),
            happened("secrets-not-loaded", "pilot_sds_certificate_errors_total", .secretNotLoaded),
            happened(
                "cluster-timeouts", "remote_cluster_sync_timeouts_total", .remoteClusterNotSynced),
            found("inbound-conflicts", "pilot_conflict_inbound_listener", .listenerConflict),
            found(
                "outbound-conflicts", "pilot_conflict_outbound_listener_tcp_over_current_tcp",
                .listenerConflict),
            found("duplicate-domains", "pilot_vservice_dup_domain", .duplicateDomain),
            found("duplicate-clusters", "pilot_duplicate_envoy_clusters", .duplicateCluster),
            found("duplicate-subsets", "pilot_destrule_subsets", .duplicateSubset),
            found(
                "dns-without-endpoints", "pilot_dns_cluster_without_endpoints",
                .clusterWithoutEndpoints),
            found("no-instances", "pilot_eds_no_instances", .serviceWithoutInstances),
            found("no-address", "pilot_no_ip", .endpointWithoutPod),
            found("endpoints-without-pod", "endpoint_no_pod", .endpointWithoutPod),
            HealthRule(
                "failed-filters", .istiod, .issue(.filterFailed, subject: ["name", "patch"]),
                metrics: ["pilot_envoy_filter_status"],
                #"max by (cluster, name, patch) (pilot_envoy_filter_status{result="error"}) > 0"#,
                IssueKind.filterFailed.meaning),
            // The label `cluster` is the fleet's, so that istiod's own is moved; there is one series for
            // each status of each cluster, and 1 for the one that it is in.
            HealthRule(
                "remote-clusters", .istiod,
                .issue(.remoteClusterNotSynced, subject: ["exported_cluster"]),
                metrics: ["istiod_remote_cluster_sync_status"],
                "max by (cluster, exported_cluster, status) "
                    + #"(istiod_remote_cluster_sync_status{status!="synced"}) > 0"#,
                IssueKind.remoteClusterNotSynced.meaning),
        ]
    }
}
