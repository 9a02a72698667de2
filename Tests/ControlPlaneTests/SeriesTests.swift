import Clusters
import ControlPlane
import MeshHealth
import Observations
import TestSupport
import Testing
import TimeSeries

/// What of all this the gateway keeps as series.
@Suite(.timeLimit(.minutes(10)))
struct SeriesTests {
    @Test func theMetricsAreKnownBeforeAnythingIsSeen() async throws {
        try await withFleet([.watched("eu")]) { fleet in
            let names = Set(HealthSeries.Metric.allCases.map(\.rawValue))
            #expect(fleet.observations.names == names.union(["isthmus_cluster_up"]))
        }
    }

    @Test func aChangeIsKeptAtOnceAndWhatStaysOnceAMinute() async throws {
        let server = try ScriptedServer { _ in .text(200, "") }
        defer { server.end() }
        try await withFleet([.watched("eu", .of(.http, server.address))]) { fleet in
            func look(_ status: Int) async {
                server.setScript { _ in .text(status, "") }
                await fleet.watch.lookOnce()
                fleet.clock.move(15_000)
            }
            for _ in 0..<9 { await look(200) }
            let healthy = ["state": "healthy", "cluster": "eu", "component": "endpoint"]
            #expect(fleet.kept("mesh_control_plane_state", healthy) == [[1, 1, 1]])
            for _ in 0..<2 { await look(500) }
            #expect(fleet.kept("mesh_control_plane_state", healthy) == [[1, 1, 1, 0]])
            #expect(
                fleet.kept("mesh_control_plane_probe_success", ["probe": "http"])
                    == [[1, 1, 1, 0]])
            let instance = ["state": "unhealthy", "instance": server.address]
            #expect(fleet.kept("mesh_control_plane_instance_state", instance).first?.last == 1)
        }
    }

    @Test func aReadingThatIsOldIsNotBelieved() async throws {
        let server = try ScriptedServer { _ in .text(200, "") }
        defer { server.end() }
        let endpoint = ControlPlaneEndpoint.of(.http, server.address)
        try await withFleet([.watched("eu", endpoint)]) { fleet in
            await fleet.watch.lookOnce()
            #expect(await fleet.state("endpoint") == .healthy)
            // Nobody has asked it since: its place is held by others.
            fleet.clock.move(121_000)
            fleet.watch.look()
            #expect(await fleet.state("endpoint") == .unknown)
        }
    }

    @Test func whatProxiesDoNotTakeIsToldAlsoWithoutATime() async throws {
        // As istiods of old write it, who do not say when they have sent something.
        let proxies = """
            [{"cluster_id":"eu","proxy":"cart.shop","istio_version":"1.24.1",
            "cluster_sent":"n2","cluster_acked":"n1","listener_sent":"n1","listener_acked":"n1"}]
            """
        let server = try ScriptedServer { request in
            request.path == "/debug/syncz"
                ? .json(200, proxies) : ProbeStateTests.istiod[request.path] ?? .text(404, "")
        }
        defer { server.end() }
        try await withFleet([.watched("eu", .of(.istiod, server.address))]) { fleet in
            await fleet.watch.lookOnce()
            #expect(await fleet.watch.report().picture.issues.isEmpty)
            // The list is asked for in every fourth interval.
            for _ in 0..<8 {
                fleet.clock.move(15_000)
                await fleet.watch.lookOnce()
            }
            let issue = try #require(await fleet.watch.report().picture.issues.first)
            #expect(issue.kind == .staleConfiguration)
            #expect(issue.detail.contains("cart.shop"))
        }
    }
}
