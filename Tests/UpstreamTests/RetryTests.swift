import Clusters
import MetricsTestKit
import TestSupport
import Testing
import Upstream

/// What is sent once more after all replicas have failed.
@Suite(.timeLimit(.minutes(1)))
struct RetryTests {
    /// Ways to fail that are over in a moment, more often than not.
    static let passing: [String: [FaultServer.Step]] = [
        "closed": [.close],
        "reset": [.reset],
        "half a body": .part(of: 100, then: [.close]),
        "502": .answer(status: 502, text: "no"),
        "503 for a second": .answer(status: 503, headers: ["Retry-After: 1"], text: "no"),
    ]

    /// Ways to fail that are not, or that sending again makes worse.
    static let lasting: [String: [FaultServer.Step]] = [
        "500": .answer(status: 500, text: "no"),
        "503": .answer(status: 503, text: "no"),
        "504": .answer(status: 504, text: "no"),
        "503 for a minute": .answer(status: 503, headers: ["Retry-After: 60"], text: "no"),
        "redirect": .answer(status: 302, headers: ["Location: /login"]),
        "garbage": [.send(Array("garbage\n\n".utf8)), .close],
    ]

    private func failingOnce(_ steps: [FaultServer.Step]) -> FaultServer.Script {
        let asked = Count()
        return { _ in asked.next() == 0 ? steps : .answer(text: "whole") }
    }

    @Test(arguments: passing.keys.sorted())
    func whatPassesIsTriedOnceMore(fault: String) async throws {
        try await withServer(failingOnce(Self.passing[fault] ?? [])) { server in
            try await withClient { client in
                let answer = try await client.answer(Service(urls: [server.url]), .protected)
                #expect(answer.text == "whole")
            }
            #expect(server.facts.requests.count == 2)
        }
    }

    @Test(arguments: lasting.keys.sorted())
    func whatDoesNotPassIsNot(fault: String) async throws {
        try await withServer(failingOnce(Self.lasting[fault] ?? [])) { server in
            try await withClient { client in
                _ = try await client.failure(Service(urls: [server.url]))
            }
            #expect(server.facts.requests.count == 1)
        }
    }

    @Test func itIsTriedOnceAndNoMore() async throws {
        try await withServer(always: .answer(status: 502, text: "no")) { server in
            try await withClient { client in
                let error = try await client.failure(Service(urls: [server.url]))
                #expect(error.earlier.count == 1)
            }
            #expect(server.facts.requests.count == 2)
        }
    }

    @Test func whatMayNotBeSentTwiceIsNot() async throws {
        try await withServer(failingOnce([.close])) { server in
            try await withClient { client in
                _ = try await client.failure(Service(urls: [server.url]), .plain)
            }
            #expect(server.facts.requests.count == 1)
        }
    }

    @Test func nothingIsTriedAgainBeyondTheBudget() async throws {
        let metrics = TestMetrics()
        try await withServer(always: .answer(status: 502, text: "no")) { server in
            let client = UpstreamClient(metrics: metrics)
            // One is saved from the beginning.
            for _ in 0..<3 { _ = try await client.failure(Service(urls: [server.url])) }
            await client.stop()
            #expect(server.facts.requests.count == 4)
        }
        let key = [("cluster", "eu-1")]
        let sent = try metrics.expectCounter(
            UpstreamMetric.retries.name, key + [("outcome", "sent")]
        ).totalValue
        let refused = try metrics.expectCounter(
            UpstreamMetric.retries.name, key + [("outcome", "over_budget")]
        ).totalValue
        #expect([sent, refused] == [1, 2])
    }

    @Test func theDeadlineIsNotWaitedPast() async throws {
        let busy = [FaultServer.Step].answer(status: 503, headers: ["Retry-After: 1"], text: "no")
        try await withServer(always: busy) { server in
            let error = try await withClient { client in
                try await client.failure(Service(urls: [server.url]), within: .seconds(1))
            }
            #expect(error.kind == .status(503, excerpt: "no"))
            #expect(server.facts.requests.count == 1)
        }
    }
}
