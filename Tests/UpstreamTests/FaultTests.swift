import Clusters
import TestSupport
import Testing
import Upstream

/// How one replica can fail, and what is said about it.
@Suite(.timeLimit(.minutes(10)))
struct FaultTests {
    private func failure(
        of url: String, _ request: UpstreamRequest = .plain, within time: Duration = .seconds(60)
    ) async throws -> UpstreamError {
        try await withClient { client in
            try await #require(throws: UpstreamError.self) {
                try await client.answer(url, request: request, within: time)
            }
        }
    }

    @Test func aClosedPortIsAFailedConnection() async throws {
        let port = try Loopback.freePort()
        let error = try await failure(of: "http://127.0.0.1:\(port)/prom")
        #expect(error.kind == .connection)
        #expect(error.phase == .connecting)
        #expect(error.replica == "http://127.0.0.1:\(port)/prom")
        #expect(error.description.hasPrefix("http://127.0.0.1:\(port)/prom cannot be reached"))
    }

    @Test func aClosedPortIsNoFailedHandshake() async throws {
        let port = try Loopback.freePort()
        let error = try await failure(of: "https://127.0.0.1:\(port)")
        #expect(error.kind == .connection)
        #expect(error.phase == .connecting)
    }

    @Test func aNameThatNobodyKnowsIsAFailedConnection() async throws {
        // With a part that is too long: no name server has to be asked, which may take its time.
        let name = String(repeating: "x", count: 64) + ".invalid"
        let error = try await failure(of: "http://\(name):9090")
        #expect(error.kind == .connection)
        #expect(error.phase == .resolving)
    }

    @Test func aServerThatNeverAnswersIsATimeout() async throws {
        try await withServer(always: [.silence]) { server in
            let error = try await failure(of: server.url, within: .seconds(3))
            #expect(error.kind == .timeout)
            #expect(error.phase == .waiting)
            #expect(error.elapsed >= .seconds(3))
            // The service's own timeout is thirty seconds.
            #expect(error.elapsed < .seconds(25))
        }
    }

    @Test func aHandshakeWithoutEndIsATimeout() async throws {
        // The server waits for a request in cleartext.
        try await withServer(always: []) { server in
            let error = try await failure(
                of: "https://127.0.0.1:\(server.port)", within: .seconds(3))
            #expect(error.kind == .timeout)
            #expect(error.phase == .handshake)
        }
    }

    @Test func theServicesTimeoutHoldsBeforeTheDeadline() async throws {
        try await withServer(always: [.silence]) { server in
            let service = Service(urls: [server.url], timeout: .milliseconds(200))
            let ending = try await withClient { await $0.ending(service) }
            #expect(ending == Ending(failure: "timeout"))
        }
    }

    @Test func aDeadlineThatIsPastIsATimeout() async throws {
        try await withServer(always: .answer()) { server in
            let error = try await failure(of: server.url, within: .zero)
            #expect(error.kind == .timeout)
        }
    }

    @Test func aSlowDripEndsAtTheDeadline() async throws {
        try await withServer(always: .drip(every: .milliseconds(10))) { server in
            let error = try await failure(of: server.url, within: .seconds(3))
            #expect(error.kind == .timeout)
            #expect(error.phase == .receiving)
            #expect(error.receivedBytes > 1)
            #expect(error.elapsed < .seconds(25))
        }
    }

    @Test func aQueuedRequestEndsAtItsDeadline() async throws {
        var settings = UpstreamSettings()
        settings.maximumConcurrentPerHost = 1
        try await withServer(always: [.silence]) { server in
            try await withClient(settings) { client in
                try await withThrowingTaskGroup(of: Ending.self) { group in
                    group.addTask {
                        await client.ending(Service(urls: [server.url]), within: .seconds(60))
                    }
                    await server.wait { $0.requests.count == 1 }
                    let error = try await #require(throws: UpstreamError.self) {
                        try await client.answer(server.url, within: .seconds(1))
                    }
                    #expect(error.kind == .timeout)
                    #expect(error.phase == .queued)
                    group.cancelAll()
                }
            }
        }
    }

    @Test func aResetHalfWayIsAnInterruptedAnswer() async throws {
        try await withServer(always: .part(of: 1000, then: [.gate, .reset])) { server in
            let error = try await withClient { client in
                try await #require(throws: UpstreamError.self) {
                    try await client.ask(
                        cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                        request: .plain, deadline: .now.advanced(by: .seconds(60))
                    ) { response in
                        // A reset takes away what has not been received.
                        for try await _ in response.body { server.open() }
                    }
                }
            }
            #expect(error.kind == .interrupted)
            #expect(error.receivedBytes == 4)
        }
    }

    @Test func halfABodyIsAnInterruptedAnswer() async throws {
        try await withServer(always: .part(of: 8, then: [.close])) { server in
            let error = try await failure(of: server.url)
            #expect(error.kind == .interrupted)
            #expect(error.description.contains("broke off after 4 bytes"))
        }
    }

    @Test func aChunkedBodyWithoutItsEndIsAnInterruptedAnswer() async throws {
        let whole = [FaultServer.Step].chunked([Array("a".utf8)])
        try await withServer(always: whole.dropLast() + [.close]) { server in
            let error = try await failure(of: server.url)
            #expect(error.kind == .interrupted)
        }
    }

    @Test func whatCameBeforeTheFailureIsRead() async throws {
        try await withServer(always: .part(of: 8, then: [.close])) { server in
            let piece = try await withClient { client in
                try await client.ask(
                    cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                    request: .plain, deadline: .now.advanced(by: .seconds(60))
                ) { response in
                    var pieces = response.body.makeAsyncIterator()
                    let piece = try await pieces.next()
                    await #expect(throws: UpstreamError.self) { _ = try await pieces.next() }
                    return piece
                }
            }
            #expect(piece == Array("half".utf8))
        }
    }

    @Test func aConnectionClosedInsteadOfAnAnswerIsAFailedConnection() async throws {
        try await withServer(always: [.close]) { server in
            let error = try await failure(of: server.url)
            #expect(error.kind == .connection)
            #expect(error.phase == .waiting)
        }
    }

    @Test func anAnnouncedBodyBeyondTheLimitIsRefusedAtOnce() async throws {
        var request = UpstreamRequest.plain
        request.maximumBytes = 1000
        try await withServer(always: .part(of: 1001, then: [.silence])) { server in
            let error = try await failure(of: server.url, request)
            #expect(error.kind == .tooLarge(limit: 1000))
        }
    }

    @Test func aBodyThatGrowsBeyondTheLimitIsRefused() async throws {
        var request = UpstreamRequest.plain
        request.maximumBytes = 1000
        let chunks = [[UInt8]](repeating: [UInt8](repeating: 0x61, count: 100), count: 11)
        try await withServer(always: .chunked(chunks)) { server in
            let error = try await failure(of: server.url, request)
            #expect(error.kind == .tooLarge(limit: 1000))
        }
    }

    @Test func aBodyOfJustTheLimitIsAnAnswer() async throws {
        var request = UpstreamRequest.plain
        request.maximumBytes = 1000
        let chunks = [[UInt8]](repeating: [UInt8](repeating: 0x61, count: 100), count: 10)
        try await withServer(always: .chunked(chunks)) { server in
            let answer = try await withClient { [request] in
                try await $0.answer(server.url, request: request)
            }
            #expect(answer.text.utf8.count == 1000)
        }
    }

    @Test func theLimitCountsWhatCompressionHides() async throws {
        var request = UpstreamRequest.plain
        request.maximumBytes = 1 << 20
        let bomb = try await Gzip.zeros(100 << 20)
        let steps = [FaultServer.Step].answer(headers: ["Content-Encoding: gzip"], body: bomb)
        try await withServer(always: steps) { server in
            let error = try await failure(of: server.url, request)
            #expect(error.kind == .tooLarge(limit: 1 << 20))
        }
    }

    @Test func theCallersLimitHoldsForCollecting() async throws {
        try await withServer(always: .answer(text: "12345")) { server in
            await #expect(throws: UpstreamError.self) {
                try await withClient { client in
                    try await client.ask(
                        cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                        request: .plain, deadline: .now.advanced(by: .seconds(60))
                    ) { try await $0.collect(upTo: 4) }
                }
            }
        }
    }

    @Test(arguments: [500, 502, 503, 504])
    func aFailedServerIsAFailureWithWhatItSaid(status: Int) async throws {
        let steps = [FaultServer.Step].answer(status: status, text: "it is\n  broken")
        try await withServer(always: steps) { server in
            let error = try await failure(of: server.url)
            #expect(error.kind == .status(status, excerpt: "it is\n  broken"))
            #expect(error.kind.label == "status_5xx")
            #expect(
                error.description
                    == "\(server.url) answered with HTTP status \(status): it is broken")
        }
    }

    @Test func aFailuresBodyIsNotWaitedForLong() async throws {
        let head = "HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\nbecause"
        try await withServer(always: [.send(Array(head.utf8)), .silence]) { server in
            let error = try await failure(of: server.url)
            #expect(error.kind == .status(500, excerpt: "because"))
            #expect(error.elapsed < .seconds(25))
        }
    }

    @Test func aFailuresLongBodyIsCut() async throws {
        let text = String(repeating: "x", count: 1 << 20)
        try await withServer(always: .answer(status: 500, text: text)) { server in
            let error = try await failure(of: server.url)
            #expect(error.kind == .status(500, excerpt: String(text.prefix(4 << 10))))
            #expect(error.description.utf8.count < 300)
        }
    }

    @Test func aPageForBrowsersIsNotShown() async throws {
        try await withServer(always: .answer(status: 502, text: "<html>oh</html>")) { server in
            let error = try await failure(of: server.url)
            #expect(error.description == "\(server.url) answered with HTTP status 502")
        }
    }

    @Test func garbageIsNotHTTP() async throws {
        try await withServer(always: [.send(Array("garbage\n\n".utf8)), .close]) { server in
            let error = try await failure(of: server.url)
            #expect(error.kind == .malformed)
        }
    }

    @Test func aBodyThatIsNotCompressedAsItSaysIsMalformed() async throws {
        let steps = [FaultServer.Step].answer(
            headers: ["Content-Encoding: gzip"], body: Array("not gzip at all".utf8))
        try await withServer(always: steps) { server in
            let error = try await failure(of: server.url)
            #expect(error.kind == .malformed)
        }
    }

    @Test func aHeadWithoutEndIsMalformed() async throws {
        let line = Array("X-A: \(String(repeating: "a", count: 1000))\r\n".utf8)
        let lines = [FaultServer.Step](repeating: .send(line), count: 2000)
        try await withServer(
            always: [.send(Array("HTTP/1.1 200 OK\r\n".utf8))] + lines
        ) { server in
            let error = try await failure(of: server.url)
            #expect(error.kind == .malformed)
        }
    }

    @Test func aRedirectIsNotFollowed() async throws {
        try await withServer(always: .answer(text: "elsewhere")) { elsewhere in
            let steps = [FaultServer.Step].answer(
                status: 302, headers: ["Location: \(elsewhere.url)/login?token=secret"])
            try await withServer(always: steps) { server in
                let error = try await failure(of: server.url)
                #expect(error.kind == .redirect(302, location: "\(elsewhere.url)/login"))
                #expect(error.kind.label == "status_3xx")
            }
            #expect(elsewhere.facts.connections == 0)
        }
    }

    @Test func aStoppedClientRefuses() async throws {
        try await withServer(always: [.silence]) { server in
            let client = UpstreamClient()
            async let waiting = client.ending(Service(urls: [server.url]))
            await server.wait { $0.requests.count == 1 }
            await client.stop()
            #expect(await waiting == Ending(failure: "stopped"))
            #expect(await client.ending(Service(urls: [server.url])) == Ending(failure: "stopped"))
            await client.stop()
        }
    }

    @Test func aForgottenClientEndsItsRequestsConnections() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            _ = try await UpstreamClient().answer(server.url)
            await server.wait { $0.closedConnections == 1 }
        }
    }
}
