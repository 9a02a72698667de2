import Clusters
import MetricsTestKit
import TestSupport
import Testing
import Upstream

@Suite(.timeLimit(.minutes(10)))
struct MetricsTests {
    @Test func requestsAreCountedByClusterEndpointAndOutcome() async throws {
        let metrics = TestMetrics()
        let script: FaultServer.Script = { request in
            switch request.target {
            case "/ok": .answer(text: "12345")
            case "/limit": .answer(status: 429)
            default: .answer(status: 500)
            }
        }
        try await withServer(script) { server in
            let client = UpstreamClient(metrics: metrics)
            for path in ["/ok", "/ok", "/limit", "/fail"] {
                var request = UpstreamRequest.plain
                request.path = path
                _ = try? await client.answer(Service(urls: [server.url]), request)
            }
            await client.stop()
        }
        let key = [("cluster", "eu-1"), ("endpoint", "query")]
        func count(_ outcome: String) throws -> Int64 {
            try metrics.expectCounter(
                UpstreamMetric.requests.name, key + [("outcome", outcome)]
            ).totalValue
        }
        let successes = try count("success")
        let refusals = try count("status_4xx")
        let failures = try count("status_5xx")
        #expect([successes, refusals, failures] == [2, 1, 1])
        let bytes = try metrics.expectCounter(UpstreamMetric.receivedBytes.name, key).totalValue
        #expect(bytes == 10)
        let durations = try metrics.expectRecorder(UpstreamMetric.duration.name, key)
        #expect(durations.values.count == 4)
        #expect(durations.values.allSatisfy { $0 > 0 && $0 < 20 })
        let inFlight = try metrics.expectGauge(
            UpstreamMetric.inFlight.name, [("cluster", "eu-1")])
        #expect(inFlight.values == [1, 0, 1, 0, 1, 0, 1, 0])
    }

    @Test func anAnswerThatTheReaderRefusesIsUnreadable() async throws {
        let metrics = TestMetrics()
        try await withServer(always: .answer(text: "{}")) { server in
            let client = UpstreamClient(metrics: metrics)
            await #expect(throws: Distaste()) {
                try await client.ask(
                    cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                    request: .plain, deadline: .now.advanced(by: .seconds(60))
                ) { _ in throw Distaste() }
            }
            await client.stop()
        }
        let counter = try metrics.expectCounter(
            UpstreamMetric.requests.name,
            [("cluster", "eu-1"), ("endpoint", "query"), ("outcome", "unreadable")])
        #expect(counter.totalValue == 1)
    }

    @Test func everyMetricHasARowOfItsOwn() {
        #expect(Set(UpstreamMetric.all.map(\.name)).count == UpstreamMetric.all.count)
    }
}
