import Clusters
import MetricsTestKit
import TestSupport
import Testing
import Upstream

/// A second replica is asked where the first is slower than usual.
@Suite(.timeLimit(.minutes(1)))
struct HedgingTests {
    /// Answers at once as often as it takes to know what is usual; then with other steps.
    private func script(then steps: [FaultServer.Step]) -> FaultServer.Script {
        let asked = Count()
        return { _ in asked.next() < 30 ? .answer(text: "first") : steps }
    }

    private func withClient(
        _ metrics: TestMetrics, extraRequests: Double = 0.05,
        _ body: (UpstreamClient) async throws -> Void
    ) async throws {
        var settings = UpstreamSettings(version: "1.2.3")
        settings.extraRequests = extraRequests
        let client = UpstreamClient(settings, metrics: metrics)
        do {
            try await body(client)
        } catch {
            await client.stop()
            throw error
        }
        await client.stop()
    }

    private func count(_ outcome: String, _ metrics: TestMetrics) -> Int64? {
        try? metrics.expectCounter(
            UpstreamMetric.hedges.name, [("cluster", "eu-1"), ("outcome", outcome)]
        ).totalValue
    }

    /// Makes the client know what is usual of the first replica alone, so that nothing is hedged.
    private func warm(_ client: UpstreamClient, _ url: String) async throws {
        for _ in 0..<30 { _ = try await client.answer(Service(urls: [url]), .protected) }
    }

    @Test func theFasterOneIsTakenAndTheOtherLetGo() async throws {
        let metrics = TestMetrics()
        try await withServer(script(then: [.silence])) { first in
            try await withServer(always: .answer(text: "second")) { second in
                try await withClient(metrics) { client in
                    try await warm(client, first.url)
                    let answer = try await client.answer(
                        Service(urls: [first.url, second.url]), .protected)
                    #expect(answer.text == "second")
                    #expect(answer.replica == second.url)
                    await first.wait { $0.closedConnections == $0.connections }
                    #expect(first.facts.requests.count == 31)
                    #expect(second.facts.requests.count == 1)
                }
            }
        }
        #expect(count("sent", metrics) == 1)
        #expect(count("won", metrics) == 1)
    }

    @Test func theFirstIsTakenWhereItIsFasterAfterAll() async throws {
        let metrics = TestMetrics()
        try await withServer(script(then: [.gate] + .answer(text: "late"))) { first in
            try await withServer(always: [.silence]) { second in
                try await withClient(metrics) { client in
                    try await warm(client, first.url)
                    async let answer = client.answer(
                        Service(urls: [first.url, second.url]), .protected)
                    await second.wait { $0.requests.count == 1 }
                    first.open()
                    #expect(try await answer.text == "late")
                    await second.wait { $0.closedConnections == 1 }
                }
            }
        }
        #expect(count("sent", metrics) == 1)
        #expect(count("won", metrics) == nil)
    }

    @Test func theOtherIsWaitedForWhereOneFails() async throws {
        try await withServer(script(then: [.gate] + .answer(status: 500, text: "ill"))) { first in
            let steps: [FaultServer.Step] = [.gate] + .answer(text: "second")
            try await withServer(always: steps) { second in
                try await withClient(TestMetrics()) { client in
                    try await warm(client, first.url)
                    async let answer = client.answer(
                        Service(urls: [first.url, second.url]), .protected)
                    await second.wait { $0.requests.count == 1 }
                    first.open()
                    await first.wait { $0.sentBytes > 0 && $0.requests.count == 31 }
                    second.open()
                    #expect(try await answer.text == "second")
                    #expect(second.facts.requests.count == 1)
                }
            }
        }
    }

    @Test func bothFailuresAreToldWhereBothFail() async throws {
        try await withServer(script(then: [.gate] + .answer(status: 500, text: "ill"))) { first in
            let steps: [FaultServer.Step] = .answer(status: 503, text: "ill too")
            try await withServer(always: steps) { second in
                try await withClient(TestMetrics()) { client in
                    try await warm(client, first.url)
                    async let failure = client.failure(Service(urls: [first.url, second.url]))
                    await second.wait { $0.requests.count == 1 }
                    first.open()
                    let error = try await failure
                    #expect(error.earlier.count == 1)
                    #expect(error.description.contains("status 500: ill"))
                    #expect(error.description.contains("status 503: ill too"))
                }
            }
        }
    }

    @Test func nothingIsHedgedBeyondTheBudget() async throws {
        let metrics = TestMetrics()
        let steps: [FaultServer.Step] = [.pause(.milliseconds(200))] + .answer(text: "late")
        try await withServer(script(then: steps)) { first in
            try await withServer(always: .answer(text: "second")) { second in
                try await withClient(metrics, extraRequests: 0) { client in
                    try await warm(client, first.url)
                    let answer = try await client.answer(
                        Service(urls: [first.url, second.url]), .protected)
                    #expect(answer.text == "late")
                    #expect(second.facts.requests.isEmpty)
                }
            }
        }
        #expect(count("over_budget", metrics) == 1)
        #expect(count("sent", metrics) == nil)
    }

    @Test func whatMayNotBeSentTwiceIsNotHedged() async throws {
        let steps: [FaultServer.Step] = [.pause(.milliseconds(200))] + .answer(text: "late")
        try await withServer(script(then: steps)) { first in
            try await withServer(always: .answer(text: "second")) { second in
                try await withClient(TestMetrics()) { client in
                    try await warm(client, first.url)
                    let answer = try await client.answer(
                        Service(urls: [first.url, second.url]), .plain)
                    #expect(answer.text == "late")
                    #expect(second.facts.requests.isEmpty)
                }
            }
        }
    }

    @Test func aSingleReplicaIsAskedOnce() async throws {
        let steps: [FaultServer.Step] = [.pause(.milliseconds(200))] + .answer(text: "late")
        try await withServer(script(then: steps)) { first in
            try await withClient(TestMetrics()) { client in
                try await warm(client, first.url)
                _ = try await client.answer(Service(urls: [first.url]), .protected)
            }
            #expect(first.facts.requests.count == 31)
        }
    }

    @Test func aClientThatLeavesCancelsBoth() async throws {
        try await withServer(script(then: [.silence])) { first in
            try await withServer(always: [.silence]) { second in
                try await withClient(TestMetrics()) { client in
                    try await warm(client, first.url)
                    let service = Service(urls: [first.url, second.url])
                    let ending = await withTaskGroup(of: Ending.self) { group in
                        group.addTask { await client.ending(service, .protected) }
                        await second.wait { $0.requests.count == 1 }
                        group.cancelAll()
                        return await group.next()
                    }
                    #expect(ending == Ending(failure: "cancelled"))
                    await first.wait { $0.closedConnections == $0.connections }
                    await second.wait { $0.closedConnections == $0.connections }
                }
            }
        }
    }
}
