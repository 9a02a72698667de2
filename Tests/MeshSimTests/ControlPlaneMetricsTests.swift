import MeshHealth
import TestSupport
import Testing

extension SimulatedControlPlanes {
    /// What the control planes' metrics show of faults.
    @Suite("Metrics of control planes")
    struct ControlPlaneMetricsTests {
        /// A fault, and the series whose sum it changes.
        struct Course: Sendable {
            var fault: String
            var replica: String
            var metric: String
            var labels: [String] = []
            var usual: Double
            var isAbove: Bool = true
        }

        static let courses: [Course] = [
            Course(
                fault: "configuration-rejected", replica: "eu-1/istiod-0",
                metric: "pilot_total_xds_rejects", usual: 0),
            Course(
                fault: "configuration-invalid", replica: "eu-1/istiod-0",
                metric: "galley_validation_failed", usual: 0),
            Course(
                fault: "signing-fails", replica: "eu-1/istiod-1",
                metric: "citadel_server_csr_sign_err_count", usual: 0),
            Course(
                fault: "duplicate-domain", replica: "eu-1/istiod-0",
                metric: "pilot_vservice_dup_domain", usual: 0),
            Course(
                fault: "remote-cluster-lost", replica: "eu-1/istiod-0",
                metric: "istiod_remote_cluster_sync_status", labels: ["status=\"timeout\""],
                usual: 0),
            Course(
                fault: "linkerd-gateway-lost", replica: "linkerd-1/linkerd-service-mirror-0",
                metric: "gateway_alive", usual: 3, isAbove: false),
            Course(
                fault: "cni-not-ready", replica: "ambient-1/istio-cni-0",
                metric: "istio_cni_install_ready", usual: 2, isAbove: false),
            Course(
                fault: "cni-without-ztunnel", replica: "ambient-1/istio-cni-1",
                metric: "ztunnel_connected", usual: 2, isAbove: false),
            Course(
                fault: "ztunnel-pods-pending", replica: "ambient-1/ztunnel-0",
                metric: "workload_manager_pending_proxy_count", usual: 0),
            Course(
                fault: "ztunnel-cut-off", replica: "ambient-1/ztunnel-1",
                metric: "istio_xds_connection_terminations_total",
                labels: ["reason=\"ConnectionError\""], usual: 0),
            Course(
                fault: "webhook-broken", replica: "eu-1/istiod-0",
                metric: "galley_validation_http_error", usual: 0),
            Course(
                fault: "injection-fails", replica: "eu-1/istiod-0",
                metric: "sidecar_injection_failure_total", usual: 0),
            Course(
                fault: "agents-cut-off", replica: "eu-1/istiod-0",
                metric: "istio_agent_istiod_connection_failures", usual: 0),
            Course(
                fault: "listener-conflict", replica: "eu-1/istiod-0",
                metric: "pilot_conflict_inbound_listener", usual: 0),
            Course(
                fault: "linkerd-updates-lost", replica: "linkerd-1/linkerd-destination-0",
                metric: "endpoint_updates_queue_overflow", usual: 0),
        ]

        @Test(arguments: courses)
        func aFaultShows(_ course: Course) async throws {
            let replica = SimulatedReplica(course.replica)
            let mesh = try await replica.mesh()
            func sum() async throws -> Double {
                try await mesh.scrape().values.reduce(0) { sum, sample in
                    sample.key.hasPrefix(course.metric + "{")
                        && course.labels.allSatisfy { sample.key.contains($0) }
                        ? sum + sample.value : sum
                }
            }
            #expect(try await sum() == course.usual)
            try await replica.fault("POST", course.fault)
            let during = try await sum()
            #expect(course.isAbove ? during > course.usual : during < course.usual)
            try await replica.fault("DELETE", course.fault)
        }

        @Test func aReplicaThatHasLostItsProxiesSaysSo() async throws {
            let replica = SimulatedReplica("eu-1/istiod-0")
            let mesh = try await replica.mesh()
            let before = try await mesh.scrape().sum("pilot_xds")
            try await replica.fault("POST", "proxies-lost")
            let during = try await mesh.scrape()
            #expect(during.sum("pilot_xds", "istiod-0") == 0)
            #expect(during.sum("pilot_xds", "istiod-1") > 0)
            let proxies = try await replica.reading(.istiodSync).finding.facts.proxies
            #expect(proxies == [])
            try await replica.fault("DELETE", "proxies-lost")
            #expect(try await mesh.scrape().sum("pilot_xds") == before)
        }

        @Test(arguments: ["eu-1", "ambient-1", "linkerd-1", "consul-1"])
        func countersNeverFallWhateverIsSwitched(_ cluster: String) async throws {
            let mesh = try await SimulatedMeshes.shared.mesh(of: cluster)
            var last = try await mesh.scrape()
            for fault in [
                "configuration-rejected", "pushes-slow", "signing-fails", "linkerd-gateway-lost",
                "remote-cluster-lost", "linkerd-updates-lost", "configuration-invalid",
                "ztunnel-cut-off", "agents-cut-off", "injection-fails", "webhook-broken",
            ] {
                for method in ["POST", "DELETE", "POST"] {
                    // Where the cluster has none of the fault's kind, nothing happens.
                    try await mesh.fault(method, fault, at: "cluster=\(cluster)")
                    let scrape = try await mesh.scrape()
                    #expect(scrape.fallen(since: last) == [])
                    last = scrape
                }
            }
            var call = HTTPCall(port: mesh.port, path: "/faults")
            call.method = "DELETE"
            #expect(try await call.answer().status == 200)
            #expect(try await mesh.scrape().fallen(since: last) == [])
        }
    }
}
