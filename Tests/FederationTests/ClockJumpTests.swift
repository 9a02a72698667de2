import Clusters
import Federation
import Synchronization
import TestSupport
import Testing
import TimeSeries
import Upstream

/// The gateway's clock may be set while it runs: deadlines, breakers and memory of failures go by
/// another one.
@Suite(.timeLimit(.minutes(1)))
struct ClockJumpTests {
    private static let day: Int64 = 86_400_000

    @Test func nothingIsMissedOrForgottenWhenTheClockJumps() async throws {
        let time = Mutex<Int64>(20_000 * Self.day)
        let isWell = Mutex(true)
        let server = try ScriptedServer { request in
            func data(_ text: String) -> ScriptedServer.Behaviour {
                .answer(
                    status: 200, type: "application/json",
                    body: #"{"status":"success","data":\#(text)}"#)
            }
            guard isWell.withLock({ $0 }) else {
                return .answer(status: 500, type: "text/plain", body: "ill")
            }
            return switch request.path {
            case "/api/v1/labels": data(#"["__name__"]"#)
            case "/api/v1/query": data(#"{"resultType":"vector","result":[]}"#)
            default: .answer(status: 404, type: "text/plain", body: "not here")
            }
        }
        defer { server.end() }
        let cluster = Cluster(
            id: ClusterID("a"), externalLabels: ["cluster": "a"],
            prometheus: Service(urls: [server.address]))
        let upstream = UpstreamClient()
        let queries = QueryService(
            fleet: Fleet(clusters: [cluster]), upstream: upstream, settings: QuerySettings(),
            now: { time.withLock { $0 } })

        func coverage() async -> Coverage {
            await Self.coverage(queries, at: time.withLock { $0 })
        }
        for jump in [0, 1, -3, 40, -60] {
            time.withLock { $0 += Int64(jump) * Self.day }
            #expect(await coverage().present == [cluster.id])
        }
        isWell.withLock { $0 = false }
        for _ in 0..<5 { #expect(await coverage().missing.first?.status == 500) }
        for jump in [0, 2, -2] {
            time.withLock { $0 += Int64(jump) * Self.day }
            let missing = try #require(await coverage().missing.first)
            // The breaker is open as before; since when is told by the clock as it is now.
            #expect(missing.cause == "breaker_open")
            let since = try #require(missing.since)
            #expect(since <= time.withLock { $0 })
            #expect(since > time.withLock { $0 } - 60_000)
        }
        await upstream.stop()
    }

    private static func coverage(_ queries: QueryService, at time: Int64) async -> Coverage {
        do {
            return try await queries.query(
                QueryRequest(expression: "up", times: .instant(time), timeout: .seconds(20))
            ).coverage
        } catch {
            if case .unavailable(_, let coverage) = error { return coverage }
            return Coverage()
        }
    }
}
