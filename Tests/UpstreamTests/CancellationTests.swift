import Clusters
import TestSupport
import Testing
import Upstream

@Suite(.timeLimit(.minutes(10)))
struct CancellationTests {
    @Test func twoHundredWaitingRequestsEndAtOnceWhenTheyAreCancelled() async throws {
        let script: FaultServer.Script = { request in
            request.target.hasSuffix("?quick=1") ? .answer(text: "{}") : [.silence]
        }
        try await withServer(script) { server in
            try await withClient { client in
                let result = await cancelled(200, client, server, after: 64)
                #expect(
                    result.endings == [Ending](repeating: Ending(failure: "cancelled"), count: 200))
                // It takes some milliseconds; the rest is for machines that do other things too.
                #expect(result.time < .seconds(120))
                await server.wait { $0.closedConnections == $0.connections }
                var request = UpstreamRequest.plain
                request.parameters = [.init(name: "quick", value: "1")]
                let answer = try await client.answer(server.url, request: request)
                #expect(answer.status == 200)
            }
        }
    }

    @Test func aRequestIsCancelledInTheMiddleOfItsBody() async throws {
        try await withServer(always: .part(of: 100, then: [.silence])) { server in
            try await withClient { client in
                let result = await cancelled(5, client, server, after: 5)
                #expect(
                    result.endings == [Ending](repeating: Ending(failure: "cancelled"), count: 5))
            }
        }
    }

    /// libcurl does not keep its sockets from children; a program that had one would keep the
    /// connection, and who waits for its end would wait as long as that program runs.
    @Test func aProgramThatBeganMeanwhileHasNoPartOfTheConnection() async throws {
        try await withServer(always: [.silence]) { server in
            try await withClient { client in
                let child = try await withThrowingTaskGroup(of: Ending.self) { group in
                    group.addTask { await client.ending(Service(urls: [server.url])) }
                    await server.wait { $0.requests.count == 1 }
                    let child = try ChildProcess(
                        "sleep", executable: "sleep", arguments: ["1000"], outputPath: "/dev/null")
                    group.cancelAll()
                    return child
                }
                await server.wait { $0.closedConnections == 1 }
                #expect(child.isRunning)
                await child.end()
            }
        }
    }

    @Test func aRequestIsCancelledInTheHandshake() async throws {
        // The server waits for a request in cleartext.
        try await withServer(always: []) { server in
            try await withClient { client in
                let service = Service(urls: ["https://127.0.0.1:\(server.port)"])
                let ending = await withTaskGroup(of: Ending.self) { group in
                    group.addTask { await client.ending(service) }
                    await server.wait { $0.connections == 1 }
                    group.cancelAll()
                    return await group.next()
                }
                #expect(ending == Ending(failure: "cancelled"))
                await server.wait { $0.closedConnections == 1 }
            }
        }
    }

    @Test func aCancelledTaskAsksNobody() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            try await withClient { client in
                let ending = await withTaskGroup(of: Ending.self) { group in
                    group.cancelAll()
                    group.addTask { await client.ending(Service(urls: [server.url, server.url])) }
                    return await group.next()
                }
                #expect(ending == Ending(failure: "cancelled"))
            }
        }
    }

    @Test func cancellingIsNoReplicasFailure() async throws {
        try await withServer(always: [.silence]) { first in
            try await withServer(always: .answer(text: "{}")) { second in
                try await withClient { client in
                    let ending = await withTaskGroup(of: Ending.self) { group in
                        group.addTask {
                            await client.ending(Service(urls: [first.url, second.url]))
                        }
                        await first.wait { $0.requests.count == 1 }
                        group.cancelAll()
                        return await group.next()
                    }
                    #expect(ending == Ending(failure: "cancelled"))
                }
                #expect(second.facts.connections == 0)
            }
        }
    }

    @Test func requestsThatEndWhileTheyAreCancelledEndOnce() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            try await withClient { client in
                for round in 0..<50 {
                    let endings = await withTaskGroup(of: Ending.self) { group in
                        for _ in 0..<20 {
                            group.addTask { await client.ending(Service(urls: [server.url])) }
                        }
                        if round % 2 == 0 { _ = await group.next() }
                        group.cancelAll()
                        return await group.reduce(into: []) { $0.append($1) }
                    }
                    for ending in endings {
                        #expect(ending.status == 200 || ending.failure == "cancelled")
                    }
                }
                let answer = try await client.answer(server.url)
                #expect(answer.status == 200)
            }
        }
    }

    private struct Cancelled: Sendable {
        var endings: [Ending]
        var time: Duration
    }

    /// What comes of `count` requests that are cancelled once the server has got `begun` of them,
    /// and how long the cancelling took.
    private func cancelled(
        _ count: Int, _ client: UpstreamClient, _ server: FaultServer, after begun: Int
    ) async -> Cancelled {
        await withTaskGroup(of: Ending.self) { group in
            for _ in 0..<count {
                group.addTask {
                    await client.ending(
                        Service(urls: [server.url], timeout: .seconds(300)), within: .seconds(300))
                }
            }
            await server.wait { $0.requests.count == begun }
            let start = ContinuousClock.now
            group.cancelAll()
            let endings = await group.reduce(into: []) { $0.append($1) }
            return Cancelled(endings: endings, time: start.duration(to: .now))
        }
    }

}
