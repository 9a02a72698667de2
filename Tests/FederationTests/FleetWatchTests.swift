import Clusters
import Federation
import Synchronization
import TestSupport
import Testing
import TimeSeries
import Upstream

/// What is known of the clusters is kept fresh.
@Suite("The fleet is watched")
struct FleetWatchTests {
    /// A cluster that fails until it was asked for its labels so often.
    private final class Recovering: Sendable {
        private let failures: Int
        private let asked = Atomic<Int>(0)

        init(failures: Int) { self.failures = failures }

        /// How often it was asked for its labels, which each question of its state begins with.
        var count: Int { asked.load(ordering: .relaxed) }

        func behaviour(_ request: ScriptedServer.Request) -> ScriptedServer.Behaviour {
            func data(_ text: String) -> ScriptedServer.Behaviour {
                .answer(
                    status: 200, type: "application/json",
                    body: #"{"status":"success","data":\#(text)}"#)
            }
            switch request.path {
            case "/api/v1/status/buildinfo": return data(#"{"version":"3.14.0"}"#)
            case "/api/v1/labels":
                let before = asked.add(1, ordering: .relaxed).oldValue
                return before < failures
                    ? .answer(status: 500, type: "text/plain", body: "not yet") : data("[]")
            default: return .answer(status: 404, type: "text/plain", body: "not here")
            }
        }
    }

    @Test("One that does not answer is asked again soon, and the others are left in peace")
    func asksTheMissingAgain() async throws {
        let (ill, well) = (Recovering(failures: 3), Recovering(failures: 0))
        let servers = [
            "ill": try ScriptedServer { ill.behaviour($0) },
            "well": try ScriptedServer { well.behaviour($0) },
        ]
        defer { for server in servers.values { server.end() } }
        let clusters = servers.map { name, server in
            Cluster(
                id: ClusterID(name), externalLabels: ["cluster": name],
                prometheus: Service(urls: [server.address], timeout: .seconds(30)))
        }
        let fleet = Fleet(clusters: clusters)
        let upstream = UpstreamClient()
        let watch = FleetWatch(
            fleet: fleet, upstream: upstream, interval: .seconds(3600),
            retryInterval: .milliseconds(10), now: { 0 })
        await watch.probeAll()
        #expect(fleet.current.state(of: ClusterID("ill")).reachable == false)
        #expect(fleet.current.state(of: ClusterID("well")).reachable == true)
        let asked = well.count
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run() }
            let deadline = ContinuousClock.now + .seconds(120)
            while fleet.current.state(of: ClusterID("ill")).reachable != true,
                ContinuousClock.now < deadline
            {
                await Task.yield()
            }
            group.cancelAll()
        }
        #expect(fleet.current.state(of: ClusterID("ill")).reachable == true)
        // Once more, when the watch began.
        #expect(well.count == 2 * asked)
        await upstream.stop()
    }
}
