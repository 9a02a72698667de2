import Clusters
import MeshHealth
import TestSupport
import Testing

extension SimulatedControlPlanes {
    /// Each fault is what the probes' readers take it for, and is gone when it ends.
    @Suite("States that probes find")
    struct ProbedStateTests {
        /// What a probe of a replica finds while a fault is on somewhere.
        struct Course: Sendable, CustomTestStringConvertible {
            var fault: String
            var place: String?
            var replica: String
            var probe: Probe
            var state: ComponentState
            var problem: ProbeProblem?

            init(
                _ fault: String, at place: String? = nil, _ replica: String, _ probe: Probe,
                _ state: ComponentState, _ problem: ProbeProblem? = nil
            ) {
                self.fault = fault
                self.place = place
                self.replica = replica
                self.probe = probe
                self.state = state
                self.problem = problem
            }

            var testDescription: String { "\(fault): \(replica) \(probe.rawValue)" }
        }

        static let ofAny: [Course] = [
            Course("html-page", "eu-1/istiod-0", .istiodReady, .unknown, .html),
            Course("html-page", "consul-1/consul-server-0", .consulLeader, .unknown, .html),
            Course("html-page", "eu-1/ingress-envoy-0", .envoyReady, .unknown, .html),
            Course("slow-answers", "eu-1/istiod-0", .istiodReady, .degraded, .slow),
            Course("no-answers", "eu-1/istiod-1", .istiodReady, .unreachable, .timeout),
            Course("broken-answers", "eu-1/istiod-0", .istiodSync, .unreachable, .interrupted),
            Course("not-reached", "eu-1/istiod-0", .istiodReady, .unreachable, .proxy),
            Course(
                "not-reached", "linkerd-1/linkerd-identity-0", .linkerdReady, .unreachable, .proxy),
            Course("unauthenticated", "eu-1/istiod-0", .istiodReady, .unauthorized, .unauthorized),
            Course("forbidden", "eu-1/ingress-envoy-0", .envoyReady, .unauthorized, .forbidden),
        ]

        static let ofIstiod: [Course] =
            [
                Course("istiod-not-ready", "eu-1/istiod-0", .istiodReady, .unhealthy, .notReady),
                Course(
                    "debug-unauthenticated", "eu-1/istiod-0", .istiodSync, .unauthorized,
                    .unauthorized),
                Course(
                    "debug-forbidden", "eu-1/istiod-1", .istiodClusters, .unauthorized, .forbidden),
                Course("debug-forbidden", "eu-1/istiod-1", .istiodReady, .healthy),
                Course(
                    "configuration-rejected", "eu-1/istiod-0", .istiodSync, .degraded,
                    .rejectedConfiguration),
                Course(
                    "configuration-stale", "eu-1/istiod-0", .istiodSync, .degraded,
                    .staleConfiguration),
                Course(
                    "duplicate-domain", "eu-1/istiod-0", .istiodPushStatus, .healthy,
                    .configurationIssues),
                Course(
                    "remote-cluster-lost", "eu-1/istiod-0", .istiodClusters, .degraded,
                    .remoteClusters),
            ]

        static let ofPushes: [Course] = [
            "duplicate-subset", "duplicate-host", "listener-conflict", "endpoints-missing",
        ].map { fault in
            Course(fault, "eu-1/istiod-0", .istiodPushStatus, .healthy, .configurationIssues)
        }

        static let ofLinkerdAndConsul: [Course] = [
            Course(
                "linkerd-not-ready", "linkerd-1/linkerd-destination-0", .linkerdReady, .unhealthy,
                .notReady),
            Course("linkerd-not-ready", "linkerd-1/linkerd-destination-1", .linkerdPing, .healthy),
            Course(
                "consul-server-failed", at: "consul-server-2", "consul-1/consul-server-0",
                .consulAutopilot, .degraded, .serverFailed),
            Course(
                "consul-server-failed", at: "consul-server-2", "consul-1/consul-server-0",
                .consulLeader, .healthy),
            // Two servers tolerate no failure, as ever: that is no news.
            Course(
                "consul-server-left", at: "consul-server-2", "consul-1/consul-server-0",
                .consulAutopilot, .healthy),
            Course(
                "consul-server-failed", at: "consul-server", "consul-1/consul-server-0",
                .consulAutopilot, .unhealthy, .quorumLost),
            Course(
                "consul-server-failed", at: "consul-server", "consul-1/consul-server-1",
                .consulLeader, .unhealthy, .noLeader),
            Course(
                "consul-without-leader", "consul-1/consul-server-1", .consulLeader, .unhealthy,
                .noLeader),
            Course(
                "consul-forbidden", "consul-1/consul-server-0", .consulAutopilot, .unauthorized,
                .forbidden),
            Course(
                "consul-rate-limited", "consul-1/consul-server-0", .consulAutopilot, .unknown,
                .rateLimited),
        ]

        static let ofEnvoy: [Course] = [
            Course("envoy-draining", "eu-1/ingress-envoy-0", .envoyReady, .degraded, .draining),
            Course(
                "envoy-draining", "eu-1/ingress-envoy-0", .envoyServerInfo, .degraded, .draining),
            Course(
                "envoy-initializing", "otel-1/ingress-envoy-1", .envoyReady, .unhealthy, .starting),
            Course("envoy-state-absent", "eu-1/ingress-envoy-0", .envoyServerInfo, .healthy),
            Course(
                "envoy-control-plane-lost", "eu-1/ingress-envoy-0", .envoyClusters, .degraded,
                .noHealthyHost),
            Course(
                "envoy-certificate-expired", "eu-1/ingress-envoy-0", .envoyCertificates, .degraded,
                .configurationIssues),
        ]

        @Test(arguments: ofAny + ofIstiod + ofPushes + ofLinkerdAndConsul + ofEnvoy)
        func aFaultIsFoundAndGoes(_ course: Course) async throws {
            let replica = SimulatedReplica(course.replica)
            let before = try await replica.reading(course.probe)
            #expect(before.state == .healthy)
            try await replica.fault("POST", course.fault, at: course.place)
            let during = try await replica.reading(course.probe)
            #expect(during.state == course.state, "\(during.finding.detail)")
            #expect(during.finding.problem == course.problem, "\(during.finding.detail)")
            try await replica.fault("DELETE", course.fault, at: course.place)
            let after = try await replica.reading(course.probe)
            #expect(after.state == .healthy)
            #expect(after.finding.problem == before.finding.problem)
        }

        @Test(arguments: [
            "eu-1/istiod-0", "us-1/istiod-1", "linkerd-1/linkerd-service-mirror-0",
            "consul-1/consul-server-2", "consul-1/eastwest-envoy-0", "ambient-1/ingress-envoy-0",
        ])
        func allThatAKindIsAskedIsAnswered(_ name: String) async throws {
            let replica = SimulatedReplica(name)
            let kinds: [(String, ControlPlaneKind)] = [
                ("envoy", .envoy), ("istiod", .istiod), ("linkerd", .linkerd), ("consul", .consul),
            ]
            let kind = try #require(kinds.first { replica.name.contains($0.0) }).1
            for probe in Probe.all(of: kind) {
                let reading = try await replica.reading(probe)
                #expect(reading.state == .healthy, "\(probe): \(reading.finding.detail)")
                #expect(reading.finding.problem == nil)
            }
        }

        /// Nodes have metrics, and nothing that could be asked.
        @Test func whatRunsOnNodesHasNoEndpoints() async throws {
            let mesh = try await SimulatedReplica("ambient-1/ztunnel-0").mesh()
            for name in ["istio-cni-0", "ztunnel-1"] {
                let path = "/control-plane/\(name)/ready"
                #expect(try await HTTPCall(port: mesh.port, path: path).answer().status == 404)
            }
            let list = try await HTTPCall(port: mesh.port, path: "/control-plane").answer().text
            #expect(list.contains("istiod-1") && !list.contains("ztunnel"))
            let refused = try await mesh.fault("POST", "html-page", at: "replica=ztunnel-0")
            #expect(refused.status == 400)
        }

        @Test func eachReplicaOfIstiodTellsOfItsOwnProxiesAlone() async throws {
            for cluster in ["eu-1", "us-1"] {
                let replicas = ["istiod-0", "istiod-1"]
                var readings: [ProbeReading] = []
                for name in replicas {
                    readings.append(
                        try await SimulatedReplica("\(cluster)/\(name)").reading(.istiodSync))
                }
                let lists = readings.map { $0.finding.facts.proxies ?? [] }
                #expect(lists.allSatisfy { !$0.isEmpty })
                let report = SyncReport(readings, of: replicas)
                #expect(report.isComplete)
                #expect(report.proxies.count == lists[0].count + lists[1].count)
                let mesh = try await SimulatedMeshes.shared.mesh(of: cluster)
                let connected = try await mesh.scrape().sum("pilot_xds")
                #expect(report.proxies.count == Int(connected))
                let one = SyncReport([readings[0]], of: replicas)
                #expect(one.isSlice(ofConnected: Int(connected)))
                #expect(report.counts[.synced] == 4 * report.proxies.count)
            }
        }

        @Test func proxiesThatAreTooOldAreToldOfByProbesAndMetrics() async throws {
            let replica = SimulatedReplica("eu-1/istiod-0")
            let mesh = try await replica.mesh()
            func versions() async throws -> Set<String> {
                let proxies = try await replica.reading(.istiodSync).finding.facts.proxies ?? []
                return Set(proxies.compactMap(\.version))
            }
            func old() async throws -> Double {
                try await mesh.scrape().sum("istio_build", "tag=\"1.26.4\"")
            }
            #expect(try await versions() == ["1.29.1"])
            #expect(try await old() == 0)
            try await replica.fault("POST", "proxies-outdated", at: "istiod")
            #expect(try await versions() == ["1.26.4", "1.29.1"])
            #expect(try await old() > 0)
            try await replica.fault("DELETE", "proxies-outdated", at: "istiod")
            #expect(try await old() == 0)
        }

        @Test func nothingCanBeChangedThroughTheEndpoints() async throws {
            let mesh = try await SimulatedMeshes.shared.mesh(of: "eu-1")
            for path in ["ingress-envoy-0/quitquitquit", "ingress-envoy-0/drain_listeners"] {
                var call = HTTPCall(port: mesh.port, path: "/control-plane/\(path)")
                call.method = "POST"
                #expect(try await call.answer().status >= 400)
            }
        }

        @Test func faultsOfOtherReplicasAreRefusedWithWhatThereIs() async throws {
            let mesh = try await SimulatedMeshes.shared.mesh(of: "eu-1")
            let other = try await mesh.fault(
                "POST", "consul-server-left", at: "replica=istiod-0&cluster=eu-1")
            #expect(other.status == 400)
            #expect(other.text.contains("consul"))
            let unknown = try await mesh.fault("POST", "istiod-not-ready", at: "replica=istiod-9")
            #expect(unknown.status == 404)
            #expect(unknown.text.contains("istiod-1"))
            #expect(try await mesh.fault("POST", "istiod-not-ready", at: "service=a").status == 400)
        }
    }
}
