import Clusters
import ControlPlane
import Federation
import MeshHealth
import MetricsTestKit
import Synchronization
import TestSupport
import Testing
import TimeSeries

/// When replicas are asked, by a clock that the test moves, and what becomes of changes.
@Suite(.timeLimit(.minutes(10)))
struct ScheduleTests {
    private static let ready = [FaultServer.Step].answer(headers: [], text: "")

    /// Runs the watch while the body works, and ends it.
    private func running<Result: Sendable>(
        _ fleet: WatchedFleet, _ body: () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fleet.watch.run() }
            let result = try await body()
            group.cancelAll()
            return result
        }
    }

    /// Moves the clock until a condition holds; gives the time that it took, nil where it took
    /// longer than the limit. `sleepers` sleep when nothing goes on. Where that many may sleep though
    /// something does, it has so much real time before the clock is moved.
    private func time(
        _ fleet: WatchedFleet, sleepers: Int, upTo limit: Int64, patience: Duration = .zero,
        until condition: () async -> Bool
    ) async -> Int64? {
        let start = fleet.clock.now
        while true {
            await fleet.clock.settled(sleepers)
            let end = ContinuousClock.now + patience
            repeat {
                if await condition() { return fleet.clock.now - start }
                if patience > .zero { try? await Task.sleep(for: .milliseconds(10)) }
            } while ContinuousClock.now < end
            if fleet.clock.now - start >= limit { return nil }
            fleet.clock.move(250)
        }
    }

    @Test func whatIsKilledOrStartedAgainShowsWithinTwoIntervals() async throws {
        let port = try Loopback.freePort()
        let first = try FaultServer(port: port) { _ in Self.ready }
        let endpoint = ControlPlaneEndpoint.of(.http, first.url)
        try await withFleet([.watched("eu", endpoint)]) { fleet in
            try await running(fleet) {
                func shows(_ state: ComponentState) async -> Int64? {
                    await time(fleet, sleepers: 4, upTo: 30_000) {
                        await fleet.state("endpoint") == state
                    }
                }
                #expect(await shows(.healthy) != nil)
                first.stop()
                #expect(await shows(.unreachable) != nil)
                let second = try FaultServer(port: port) { _ in Self.ready }
                defer { second.stop() }
                #expect(await shows(.healthy) != nil)
            }
        }
    }

    @Test func oneStrayAnswerTurnsNothing() async throws {
        let server = try ScriptedServer { _ in .text(200, "") }
        defer { server.end() }
        try await withFleet([.watched("eu", .of(.http, server.address))]) { fleet in
            await fleet.watch.lookOnce()
            server.setScript { _ in .text(500, "") }
            await fleet.watch.lookOnce()
            #expect(await fleet.state("endpoint") == .healthy)
            server.setScript { _ in .text(200, "") }
            await fleet.watch.lookOnce()
            server.setScript { _ in .text(500, "") }
            await fleet.watch.lookOnce()
            #expect(await fleet.state("endpoint") == .healthy)
            await fleet.watch.lookOnce()
            #expect(await fleet.state("endpoint") == .unhealthy)
        }
    }

    @Test func eachReplicaIsAskedOnceInEachInterval() async throws {
        let server = try FaultServer { _ in Self.ready }
        defer { server.stop() }
        let urls = (0..<8).map { "\(server.url)/\($0)" }
        let endpoint = ControlPlaneEndpoint(kind: .http, service: Service(urls: urls))
        try await withFleet([.watched("eu", endpoint)]) { fleet in
            try await running(fleet) {
                // At first all of them; then in each interval, each at its own time.
                await fleet.clock.settled(11)
                #expect(server.facts.requests.count == 8)
                var moments: Set<Int> = []
                for _ in 0..<120 {
                    fleet.clock.move(250)
                    await fleet.clock.settled(11)
                    moments.insert(server.facts.requests.count)
                }
                #expect(server.facts.requests.count == 24)
                #expect(moments.count > 10)
                #expect(Set(server.facts.requests.map(\.target)).count == 8)
            }
        }
    }

    @Test func anEndpointHasAnIntervalOfItsOwn() async throws {
        let server = try FaultServer { _ in Self.ready }
        defer { server.stop() }
        var often = ControlPlaneEndpoint.of(.http, "\(server.url)/often")
        often.interval = .seconds(2)
        let seldom = ControlPlaneEndpoint.of(.http, "\(server.url)/seldom")
        try await withFleet([.watched("eu", often, seldom)]) { fleet in
            try await running(fleet) {
                for _ in 0..<60 {
                    await fleet.clock.settled(5)
                    fleet.clock.move(500)
                }
                await fleet.clock.settled(5)
                let targets = server.facts.requests.map(\.target)
                #expect(targets.count { $0 == "/often" } == 16)
                #expect(targets.count { $0 == "/seldom" } == 3)
            }
        }
    }

    @Test func longAnswersAreAskedForInEveryFourthInterval() async throws {
        let asked = Mutex<[String]>([])
        let server = try ScriptedServer { request in
            asked.withLock { $0.append(request.path) }
            return ProbeStateTests.istiod[request.path] ?? .text(404, "")
        }
        defer { server.end() }
        try await withFleet([.watched("eu", .of(.istiod, server.address))]) { fleet in
            for _ in 0..<9 {
                await fleet.watch.lookOnce()
                fleet.clock.move(15_000)
            }
            #expect(await fleet.state("istiod") == .healthy)
        }
        let paths = asked.withLock { $0 }
        #expect(paths.count { $0 == "/ready" } == 9)
        #expect(paths.count { $0 == "/debug/clusterz" } == 9)
        #expect(paths.count { $0 == "/debug/syncz" } == 3)
    }

    @Test func anotherInventoryIsFollowed() async throws {
        let server = try FaultServer { _ in Self.ready }
        defer { server.stop() }
        let first = ControlPlaneEndpoint.of(.http, "\(server.url)/first")
        var second = ControlPlaneEndpoint.of(.http, "\(server.url)/second")
        second.component = "other"
        try await withFleet([.watched("eu", first)]) { fleet in
            try await running(fleet) {
                await fleet.clock.settled(4)
                fleet.clock.move(1000)
                await fleet.clock.settled(4)
                #expect(await fleet.state("endpoint") == .healthy)
                fleet.fleet.replace(with: [.watched("us", second)])
                fleet.clock.move(1000)
                await server.wait { facts in facts.requests.contains { $0.target == "/second" } }
                // Who asked the first still sleeps, while the second is being asked.
                let shown = await time(fleet, sleepers: 4, upTo: 5000, patience: .seconds(1)) {
                    await fleet.state("other", of: "us") == .healthy
                }
                #expect(shown != nil)
                #expect(await fleet.component("endpoint") == nil)
                // Its series have ended.
                let kept = fleet.kept(
                    "mesh_control_plane_state", ["component": "endpoint", "state": "healthy"])
                #expect(kept.first?.last.map(Absent.isAbsent) == true)
                // It is asked no more.
                let count = server.facts.requests.count { $0.target == "/first" }
                for _ in 0..<80 {
                    fleet.clock.move(500)
                    await fleet.clock.settled(4)
                }
                #expect(server.facts.requests.count { $0.target == "/first" } == count)
            }
        }
    }

    @Test func ofClustersUnderMaintenanceNothingIsAsked() async throws {
        let server = try FaultServer { _ in Self.ready }
        defer { server.stop() }
        let away = Cluster.watched("eu", .of(.http, server.url), isAway: true)
        try await withFleet([away]) { fleet in
            await fleet.watch.lookOnce()
            #expect(server.facts.requests.isEmpty)
            let clusters = await fleet.watch.report().picture.fleet.clusters
            #expect(clusters.map(\.cluster) == ["eu"])
            #expect(clusters.map(\.state) == [.unknown])
        }
    }

    @Test func noMoreAreAskedAtATimeThanIsSet() async throws {
        let server = try FaultServer { _ in [.gate] + Self.ready }
        defer { server.stop() }
        let urls = (0..<12).map { "\(server.url)/\($0)" }
        var settings = WatchedFleet.settings
        settings.concurrency = 3
        let endpoint = ControlPlaneEndpoint(kind: .http, service: Service(urls: urls))
        try await withFleet([.watched("eu", endpoint)], settings: settings) { fleet in
            async let look: Void = fleet.watch.lookOnce()
            await server.wait { $0.requests.count == 3 }
            server.open()
            await look
            #expect(server.facts.requests.count == 12)
            // Connections are used again: there were never more requests at a time.
            #expect(server.facts.connections == 3)
        }
    }

    @Test func cancellationLeavesNothingRunning() async throws {
        let server = try FaultServer { _ in [.silence] }
        defer { server.stop() }
        let urls = (0..<5).map { "\(server.url)/\($0)" }
        let settings = WatchedFleet.settings(timeout: .seconds(60))
        let endpoint = ControlPlaneEndpoint(kind: .istiod, service: Service(urls: urls))
        try await withFleet([.watched("eu", endpoint)], settings: settings) { fleet in
            try await running(fleet) {
                await server.wait { $0.requests.count == 5 }
            }
            await server.wait { $0.closedConnections == 5 }
        }
        #expect(server.facts.requests.count == 5)
    }

    @Test func whatIsAskedIsCounted() async throws {
        let server = try ScriptedServer { _ in .text(200, "") }
        defer { server.end() }
        let kit = TestMetrics()
        let metrics = ControlPlaneMetrics(factory: kit)
        try await withFleet([.watched("eu", .of(.http, server.address))], metrics: metrics) {
            fleet in
            await fleet.watch.lookOnce()
        }
        let counter = try kit.expectCounter(
            "isthmus_control_plane_probes_total", [("kind", "http"), ("result", "healthy")])
        #expect(counter.values == [1])
        #expect(try kit.expectGauge("isthmus_control_plane_replicas").lastValue == 1)
        for what in ["certificates", "proxies", "issues"] {
            let omitted = try kit.expectGauge("isthmus_control_plane_omitted", [("what", what)])
            #expect(omitted.lastValue == 0)
        }
        let names = Set(ControlPlaneMetric.all.map(\.name))
        #expect(kit.recorders.allSatisfy { names.contains($0.label) })
    }

    @Test func whatIsMoreThanMayBeKeptIsCounted() async throws {
        var istiod = ProbeStateTests.istiod
        istiod["/debug/syncz"] = .json(200, #"[{"proxy":"a"},{"proxy":"b"},{"proxy":"c"}]"#)
        let server = try ScriptedServer { [istiod] in istiod[$0.path] ?? .text(404, "") }
        defer { server.end() }
        let kit = TestMetrics()
        var settings = WatchedFleet.settings
        settings.probes.maximumProxies = 2
        settings.maximumCertificates = 1
        let agent = try #require(CertificateQuery.all.first { $0.name == "istio-agent" }).text
        try await withFleet(
            [.watched("eu", .of(.istiod, server.address))], settings: settings,
            metrics: ControlPlaneMetrics(factory: kit)
        ) { fleet in
            let now = Double(fleet.clock.now / 1000)
            fleet.tell { answers in
                answers.samples[agent] = [50_000, 40_000, 60_000].map { left in
                    (["cluster": "eu", "pod": "p\(Int(left))"], now + left)
                }
            }
            await fleet.watch.lookOnce()
            #expect(await fleet.certificates().map(\.certificate.instance) == ["p40000"])
            let series = await fleet.watch.report().series
            let ends = series.filter {
                $0.labels.metricName == "mesh_certificate_expiry_timestamp_seconds"
            }
            #expect(ends.count == 1)
            #expect(await fleet.watch.report().picture.proxies.values.map(\.connected) == [3])
        }
        for (what, count) in [("certificates", 2.0), ("proxies", 1), ("issues", 0)] {
            let omitted = try kit.expectGauge("isthmus_control_plane_omitted", [("what", what)])
            #expect(omitted.lastValue == count)
        }
    }

    @Test func twoHundredClustersAreAskedInOneRound() async throws {
        let server = try ScriptedServer { request in
            let path = request.path.split(separator: "/").dropFirst().joined(separator: "/")
            return ProbeStateTests.istiod["/\(path)"] ?? .text(404, "")
        }
        defer { server.end() }
        let clusters = (0..<200).map { number in
            Cluster.watched(
                "c\(number)",
                .of(.istiod, "\(server.address)/a\(number)", "\(server.address)/b\(number)"))
        }
        try await withFleet(clusters) { fleet in
            await fleet.watch.lookOnce()
            let report = await fleet.watch.report()
            #expect(report.picture.fleet.state == .healthy)
            #expect(report.picture.fleet.count(of: .healthy) == 200)
            let instances = report.picture.fleet.clusters.flatMap(\.components)
                .flatMap(\.instances)
            #expect(instances.count == 400)
            #expect(instances.allSatisfy { $0.readings.count == 5 })
        }
    }
}
