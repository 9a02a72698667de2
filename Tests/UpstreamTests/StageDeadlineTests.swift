import Clusters
import TestSupport
import Testing
import Upstream

/// Each stage of a request has a time of its own.
@Suite(.timeLimit(.minutes(1)))
struct StageDeadlineTests {
    private func settings(
        _ change: (inout UpstreamSettings) -> Void
    ) -> UpstreamSettings {
        var settings = UpstreamSettings(version: "1.2.3")
        change(&settings)
        return settings
    }

    @Test func connectingIsGivenUpLongBeforeTheDeadline() async throws {
        let hole = try BlackHole()
        let settings = settings { $0.connectTimeout = .milliseconds(200) }
        let error = try await withClient(settings) { client in
            try await client.failure(Service(urls: [hole.url]))
        }
        #expect(error.kind == .timeout)
        #expect(error.phase == .connecting)
        #expect(error.elapsed < .seconds(10))
    }

    @Test func theFirstByteIsNotWaitedForLongerThanIsSaid() async throws {
        let settings = settings { $0.firstByteTimeout = .milliseconds(100) }
        try await withServer(always: [.silence]) { server in
            let error = try await withClient(settings) { client in
                try await client.failure(Service(urls: [server.url]))
            }
            #expect(error.kind == .timeout)
            #expect(error.phase == .waiting)
            #expect(error.elapsed < .seconds(10))
        }
    }

    @Test func onceTheFirstByteIsThereItsTimeIsOver() async throws {
        let settings = settings { $0.firstByteTimeout = .seconds(1) }
        let chunks = [[UInt8]](repeating: Array("abcd".utf8), count: 3)
        let steps = [FaultServer.Step].chunked(chunks, between: [.pause(.milliseconds(500))])
        try await withServer(always: steps) { server in
            let answer = try await withClient(settings) { try await $0.answer(server.url) }
            #expect(answer.text == "abcdabcdabcd")
        }
    }

    @Test(arguments: [
        [FaultServer.Step].drip(every: .milliseconds(20)), .part(of: 1000, then: [.silence]),
    ])
    func anAnswerThatMakesNoProgressIsGivenUp(_ steps: [FaultServer.Step]) async throws {
        let settings = settings { $0.progressTimeout = .milliseconds(300) }
        try await withServer(always: steps) { server in
            let error = try await withClient(settings) { client in
                try await client.failure(Service(urls: [server.url]))
            }
            #expect(error.kind.label == "stalled")
            #expect(error.phase == .receiving)
            #expect(error.elapsed < .seconds(10))
            #expect(error.description.contains("too few to wait for the rest"))
            await server.wait { $0.closedConnections == 1 }
        }
    }

    @Test func whoeverMakesProgressMayTakeHisTime() async throws {
        let settings = settings {
            $0.progressTimeout = .milliseconds(300)
            $0.progressBytes = 100
        }
        let chunks = [[UInt8]](repeating: [UInt8](repeating: 0x61, count: 4096), count: 20)
        let steps = [FaultServer.Step].chunked(chunks, between: [.pause(.milliseconds(30))])
        try await withServer(always: steps) { server in
            let answer = try await withClient(settings) { try await $0.answer(server.url) }
            #expect(answer.text.utf8.count == 20 * 4096)
        }
    }

    /// The reader is slow, not the server.
    @Test func aReaderMayTakeItsTime() async throws {
        var settings = settings { $0.progressTimeout = .milliseconds(100) }
        settings.highWaterBytes = 1 << 16
        settings.lowWaterBytes = 1 << 14
        let body = [UInt8](repeating: 0x61, count: 4 << 20)
        try await withServer(always: .answer(body: body)) { server in
            let count = try await withClient(settings) { client in
                try await client.ask(
                    cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                    request: .plain, deadline: .now.advanced(by: .seconds(20))
                ) { response in
                    while !response.body.isHeldBack { await Task.yield() }
                    // Several times as long as an answer may go on without progress.
                    try await Task.sleep(for: .milliseconds(500))
                    return try await response.collect(upTo: 8 << 20).count
                }
            }
            #expect(count == 4 << 20)
        }
    }

    @Test func anotherReplicaIsAskedWhereOneStalls() async throws {
        let settings = settings { $0.progressTimeout = .milliseconds(200) }
        try await withServer(always: .part(of: 1000, then: [.silence])) { first in
            try await withServer(always: .answer(text: "whole")) { second in
                let answer = try await withClient(settings) { client in
                    try await client.answer(Service(urls: [first.url, second.url]), .protected)
                }
                #expect(answer.text == "whole")
            }
        }
    }
}
