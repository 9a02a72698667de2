import Foundation
import TestSupport

/// Three clusters of the simulated mesh, each scraped by a real Prometheus that knows its last
/// minutes, and the gateway in front of them with the rules that we ship. eu-1's Prometheus scrapes
/// the gateway too. Each cluster's istiod and Envoys are watched, and in ap-1 two listeners more
/// that can be ended. Made once, when a test first asks for it, and ended with the last test.
actor DashboardFleet {
    static let shared = DashboardFleet()

    static let clusters = ["eu-1", "us-1", "ap-1"]
    private static let regions = ["eu-1": "emea", "us-1": "amer", "ap-1": "apac"]

    private var start: Task<Running, any Error>?

    struct Running: Sendable {
        var gateway: IsthmusServer
        var meshes: [String: MeshSimulator]
        var servers: [String: PrometheusServer]
        var options: [String: PrometheusServer.Options]
        /// The replicas of `gate`, a component of ap-1.
        var gates: [ScriptedServer]
        /// What the servers' directories are in.
        var directory: TemporaryDirectory
    }

    func gateway() async throws -> IsthmusServer { try await running().gateway }

    private func running() async throws -> Running {
        let task = start ?? Task { try await Self.makeAll() }
        start = task
        return try await task.value
    }

    /// Ends all of it: it is busy even while nobody looks at it.
    func end() async {
        let start = start
        self.start = nil
        guard let running = try? await start?.value else { return }
        await running.gateway.end()
        for server in running.servers.values { await server.end() }
        for mesh in running.meshes.values { await mesh.end() }
        running.directory.remove()
    }

    // MARK: Going and coming back

    /// Kills a cluster's Prometheus.
    func kill(_ cluster: String) async throws {
        await (try await running()).servers[cluster]?.process.end()
    }

    /// Ends one of the replicas of `gate` in ap-1, for good; its address.
    func endGate(_ place: Int) async throws -> String {
        let gate = try await running().gates[place]
        // Connections that are open go with it.
        gate.setScript { _ in .reset(afterBytes: 0) }
        gate.end()
        return gate.address
    }

    /// Starts it again, at the same address.
    func revive(_ cluster: String) async throws {
        var running = try await running()
        guard let options = running.options[cluster] else { return }
        running.servers[cluster] = try await PrometheusServer(cluster, options)
        let now = running
        start = Task { now }
    }

    // MARK: Starting

    private static func makeAll() async throws -> Running {
        let clock = ContinuousClock()
        let begin = clock.now
        let directory = try TemporaryDirectory("fleet")
        var meshes: [String: MeshSimulator] = [:]
        for cluster in clusters { meshes[cluster] = try await MeshSimulator(cluster: cluster) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for cluster in clusters {
                group.addTask {
                    try await MeshHistory.make(
                        cluster: cluster, minutes: 12, stepSeconds: 30,
                        in: directory.file(cluster))
                }
            }
            try await group.waitForAll()
        }
        let made = clock.now
        var options: [String: PrometheusServer.Options] = [:]
        for cluster in clusters {
            var one = PrometheusServer.Options(data: directory.file(cluster))
            one.scrapedPort = meshes[cluster]?.port
            // A scrape has as much time, on a machine that draws pages meanwhile.
            one.scrapeInterval = "5s"
            one.port = try Loopback.freePort()
            options[cluster] = one
        }
        let gates = try (0..<2).map { _ in
            try ScriptedServer { _ in
                .answer(status: 200, type: "application/json", body: #"{"ready": true}"#)
            }
        }
        // The gateway goes first, so that its port can be scraped; it waits for its clusters.
        let gateway = try await IsthmusServer(
            clusters.map { member($0, options[$0], meshes[$0], $0 == "ap-1" ? gates : []) },
            configuration: configuration)
        options["eu-1"]?.furtherTarget = ("isthmus", gateway.port)
        var servers: [String: PrometheusServer] = [:]
        for (cluster, one) in options {
            servers[cluster] = try await PrometheusServer(cluster, one)
        }
        try await gateway.awaitWhole(
            query: "sum(istio_requests_total)", at: "\(Date().timeIntervalSince1970)")
        // Rates need two scrapes of what has no history, and clusters are probed in their turn.
        for (what, query) in [
            ("its own metrics, scraped twice", "rate(isthmus_build_info[1m])"),
            ("all clusters scraped", "count(up{job=\"mesh\"} == 1) == \(clusters.count)"),
            ("all clusters probed", "sum(isthmus:cluster_reachable) == \(clusters.count)"),
            ("alerts", "ALERTS{alertstate=\"firing\"}"),
        ] {
            try await awaitProcess(gateway.process, what) {
                let answer = try? await gateway.ask("query", [.init("query", query)])
                return answer?.text.contains("\"value\"") == true
            }
        }
        print(
            "The fleet's past was made in", begin.duration(to: made), "and served after",
            made.duration(to: clock.now))
        return Running(
            gateway: gateway, meshes: meshes, servers: servers, options: options, gates: gates,
            directory: directory)
    }

    private static func member(
        _ cluster: String, _ options: PrometheusServer.Options?, _ mesh: MeshSimulator?,
        _ gates: [ScriptedServer]
    ) -> IsthmusServer.Member {
        var member = IsthmusServer.Member(
            cluster, labels: [("region", regions[cluster] ?? "none")],
            urls: ["http://127.0.0.1:\(options?.port ?? 9)"], serviceLines: ["timeout: 30s"])
        member.lines = [
            "jaeger:", "  url: http://127.0.0.1:\(mesh?.port ?? 9)/jaeger", "  timeout: 30s",
            "control_plane:",
        ]
        for (kind, component) in [("istiod", "istiod"), ("envoy", "ingress-envoy")] {
            let urls = (0..<2).map {
                "'http://127.0.0.1:\(mesh?.port ?? 9)/control-plane/\(component)-\($0)'"
            }
            member.lines += [
                "  - kind: \(kind)", "    component: \(component)",
                "    urls: [\(urls.joined(separator: ", "))]",
            ]
        }
        if !gates.isEmpty {
            member.lines += [
                "  - kind: http", "    component: gate", "    pointer: /ready",
                "    value: 'true'",
                "    urls: [\(gates.map { "'\($0.address)'" }.joined(separator: ", "))]",
            ]
        }
        return member
    }

    private static let configuration = """
        traces: {max_clock_skew_adjust: 1m}
        control_plane: {interval: 4s, timeout: 4s, metrics_interval: 5s}
        alerting:
          rule_files: ['\(Dashboard.root.path)/deploy/rules/*.yaml']
          evaluation_interval: 5s

        """
}
