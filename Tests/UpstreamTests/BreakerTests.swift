import Clusters
import MetricsTestKit
import Synchronization
import TestSupport
import Testing
import Upstream

/// When a replica is left alone, over real connections.
@Suite(.timeLimit(.minutes(1)))
struct BreakerTests {
    private func withClient(
        _ clock: ManualClock, _ metrics: TestMetrics = TestMetrics(),
        _ body: (UpstreamClient) async throws -> Void
    ) async throws {
        var settings = UpstreamSettings(version: "1.2.3")
        settings.extraRequests = 0
        let client = UpstreamClient(settings, metrics: metrics, healthClock: { clock.now })
        do {
            try await body(client)
        } catch {
            await client.stop()
            throw error
        }
        await client.stop()
    }

    private func state(_ client: UpstreamClient, _ url: String) -> ReplicaState {
        client.replicas(of: Service(urls: [url]), cluster: ClusterID("eu-1"))[0]
    }

    @Test func aReplicaThatFailsAgainAndAgainIsNotAskedForAWhile() async throws {
        let clock = ManualClock()
        let metrics = TestMetrics()
        let isWell = Mutex(false)
        let script: FaultServer.Script = { _ in
            isWell.withLock { $0 } ? .answer(text: "well") : .answer(status: 500, text: "ill")
        }
        try await withServer(script) { server in
            try await withClient(clock, metrics) { client in
                let service = Service(urls: [server.url])
                for _ in 0..<5 {
                    let error = try await client.failure(service)
                    #expect(error.kind == .status(500, excerpt: "ill"))
                    clock.advance(by: .seconds(1))
                }
                #expect(state(client, server.url).breaker == .open)
                let error = try await client.failure(service)
                #expect(error.kind.label == "breaker_open")
                let sentence = """
                    \(server.url) is not asked: it has failed 5 times in a row in 5.0 s, and is tried \
                    again in 4.0 s; the last time, \(server.url) answered with HTTP status 500: ill
                    """
                #expect(error.description == sentence)
                #expect(server.facts.requests.count == 5)

                clock.advance(by: .seconds(5))
                isWell.withLock { $0 = true }
                #expect(try await client.answer(service, .protected).text == "well")
                #expect(state(client, server.url).breaker == .closed)
                #expect(state(client, server.url).failures == 0)
            }
        }
        let key = [("cluster", "eu-1")]
        let openings = try metrics.expectCounter(UpstreamMetric.openings.name, key).totalValue
        let refusals = try metrics.expectCounter(UpstreamMetric.refusals.name, key).totalValue
        #expect([openings, refusals] == [1, 1])
        let replica = try #require(
            metrics.recorders.first { $0.label == UpstreamMetric.breaker.name })
        #expect(replica.values == [2, 1, 0])
    }

    @Test func oneRequestAloneTriesWhetherItIsWell() async throws {
        let clock = ManualClock()
        let asked = Count()
        let script: FaultServer.Script = { _ in
            asked.next() < 5 ? .answer(status: 503, text: "") : [.gate] + .answer(text: "well")
        }
        try await withServer(script) { server in
            try await withClient(clock) { client in
                let service = Service(urls: [server.url])
                for _ in 0..<5 { _ = try await client.failure(service) }
                clock.advance(by: .seconds(6))
                async let trial = client.answer(service, .protected)
                await server.wait { $0.requests.count == 6 }
                #expect(state(client, server.url).breaker == .halfOpen)
                for _ in 0..<3 {
                    #expect(try await client.failure(service).kind.label == "breaker_open")
                }
                server.open()
                #expect(try await trial.text == "well")
                #expect(server.facts.requests.count == 6)
            }
        }
    }

    @Test func aTrialThatIsCancelledLeavesTheNextOneToTell() async throws {
        let clock = ManualClock()
        let asked = Count()
        let trial = AsyncStream<Void>.makeStream()
        let script: FaultServer.Script = { _ in
            switch asked.next() {
            case 0..<5: return .answer(status: 503, text: "")
            case 5:
                trial.continuation.yield()
                return [.silence]
            default: return .answer(text: "well")
            }
        }
        try await withServer(script) { server in
            try await withClient(clock) { client in
                let service = Service(urls: [server.url])
                for _ in 0..<5 { _ = try await client.failure(service) }
                clock.advance(by: .seconds(6))
                await withTaskGroup(of: Ending.self) { group in
                    group.addTask { await client.ending(service, .protected) }
                    // It is the one that gets no answer, before another is asked.
                    for await _ in trial.stream { break }
                    group.cancelAll()
                }
                #expect(try await client.answer(service, .protected).text == "well")
            }
        }
    }

    /// What speaks of the question, of the client or of too little time says nothing of the replica.
    @Test(arguments: [400, 401, 404, 422, 501])
    func whatIsNotTheReplicasFaultDoesNotOpenIt(status: Int) async throws {
        try await withServer(always: .answer(status: status, text: "{}")) { server in
            try await withClient(ManualClock()) { client in
                for _ in 0..<10 {
                    _ = await client.ending(Service(urls: [server.url]), .protected)
                }
                #expect(state(client, server.url).breaker == .closed)
                #expect(server.facts.requests.count == 10)
            }
        }
    }

    @Test func aVeryShortTimeoutDoesNotOpenIt() async throws {
        try await withServer(always: [.silence]) { server in
            try await withClient(ManualClock()) { client in
                for _ in 0..<10 {
                    let error = try await client.failure(
                        Service(urls: [server.url]), within: .milliseconds(10))
                    #expect(error.kind == .timeout)
                }
                #expect(state(client, server.url).breaker == .closed)
            }
        }
    }

    /// Who asks may well have the service's timeout for a deadline.
    @Test(arguments: [Duration.seconds(20), .milliseconds(50)])
    func theServicesOwnTimeoutOpensIt(deadline: Duration) async throws {
        try await withServer(always: [.silence]) { server in
            try await withClient(ManualClock()) { client in
                let service = Service(urls: [server.url], timeout: .milliseconds(50))
                for _ in 0..<5 { _ = try await client.failure(service, within: deadline) }
                let error = try await client.failure(service)
                #expect(error.kind.label == "breaker_open")
                #expect(error.description.contains("took longer than"))
            }
        }
    }

    @Test func requestsThatAreCancelledDoNotOpenIt() async throws {
        try await withServer(always: [.silence]) { server in
            try await withClient(ManualClock()) { client in
                await withTaskGroup(of: Ending.self) { group in
                    for _ in 0..<10 {
                        group.addTask {
                            await client.ending(Service(urls: [server.url]), .protected)
                        }
                    }
                    await server.wait { $0.requests.count == 10 }
                    group.cancelAll()
                }
                #expect(state(client, server.url).breaker == .closed)
                #expect(state(client, server.url).failures == 0)
            }
        }
    }

    @Test func whatIsNotProtectedIsAskedAllTheSame() async throws {
        try await withServer(always: .answer(status: 503, text: "")) { server in
            try await withClient(ManualClock()) { client in
                let service = Service(urls: [server.url])
                for _ in 0..<8 { _ = try await client.failure(service) }
                #expect(server.facts.requests.count == 5)
                _ = try await client.failure(service, .plain)
                #expect(server.facts.requests.count == 6)
            }
        }
    }

    @Test func aReplicaThatIsLeftAloneIsPassedOver() async throws {
        try await withServer(always: .answer(status: 500, text: "ill")) { first in
            try await withServer(always: .answer(text: "well")) { second in
                try await withClient(ManualClock()) { client in
                    let alone = Service(urls: [first.url])
                    for _ in 0..<5 { _ = try await client.failure(alone) }
                    for _ in 0..<3 {
                        let answer = try await client.answer(
                            Service(urls: [first.url, second.url]), .protected)
                        #expect(answer.text == "well")
                    }
                    #expect(first.facts.requests.count == 5)
                }
            }
        }
    }

    @Test func clustersDoNotShareBreakers() async throws {
        try await withServer(always: .answer(status: 500, text: "ill")) { server in
            try await withClient(ManualClock()) { client in
                let service = Service(urls: [server.url])
                for _ in 0..<5 { _ = try await client.failure(service) }
                let other = await client.ending(service, .protected, cluster: "eu-2")
                #expect(other == Ending(failure: "status_5xx"))
            }
        }
    }

    // MARK: Retry-After

    @Test func aReplicaThatSaysWhenIsNotAskedBefore() async throws {
        let clock = ManualClock()
        let asked = Count()
        let script: FaultServer.Script = { _ in
            asked.next() == 0
                ? .answer(status: 503, headers: ["Retry-After: 30"], text: "busy")
                : .answer(text: "well")
        }
        try await withServer(script) { server in
            try await withClient(clock) { client in
                let service = Service(urls: [server.url])
                let first = try await client.failure(service)
                #expect(first.retryAfter == "30")
                clock.advance(by: .seconds(29))
                let error = try await client.failure(service)
                #expect(
                    error.description.hasPrefix(
                        "\(server.url) is not asked for another 1.0 s, as it wants: "))
                #expect(server.facts.requests.count == 1)
                clock.advance(by: .seconds(1))
                #expect(try await client.answer(service, .protected).text == "well")
            }
        }
    }

    @Test func anotherReplicaIsAskedMeanwhile() async throws {
        let busy = [FaultServer.Step].answer(
            status: 503, headers: ["Retry-After: 30"], text: "busy")
        try await withServer(always: busy) { first in
            try await withServer(always: .answer(text: "well")) { second in
                try await withClient(ManualClock()) { client in
                    for _ in 0..<3 {
                        let answer = try await client.answer(
                            Service(urls: [first.url, second.url]), .protected)
                        #expect(answer.text == "well")
                    }
                }
                #expect(first.facts.requests.count == 1)
            }
        }
    }

    @Test(arguments: [
        "", "soon", "-1", "0", "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT",
    ])
    func aRetryAfterThatIsNoTimeAheadIsNone(text: String) async throws {
        let busy = [FaultServer.Step].answer(
            status: 503, headers: ["Retry-After: \(text)"], text: "busy")
        try await withServer(always: busy) { server in
            try await withClient(ManualClock()) { client in
                for _ in 0..<2 { _ = try await client.failure(Service(urls: [server.url])) }
                #expect(server.facts.requests.count == 2)
            }
        }
    }
}
