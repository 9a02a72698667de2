import Clusters
import Synchronization
import TestSupport
import Testing
import Upstream

@Suite(.timeLimit(.minutes(10)))
struct FailoverTests {
    /// The ways in which the first replica fails.
    static let faults: [String: [FaultServer.Step]] = [
        "500": .answer(status: 500, text: "no"),
        "503": .answer(status: 503, text: "no"),
        "closed": [.close],
        "reset": [.reset],
        "half a body": .part(of: 100, then: [.close]),
        "reset in the body": .part(of: 100, then: [.pause(.milliseconds(20)), .reset]),
        "silence": [.silence],
        "silence in the body": .part(of: 100, then: [.silence]),
        "garbage": [.send(Array("garbage\n\n".utf8)), .close],
    ]

    @Test(arguments: faults.keys.sorted())
    func theNextReplicaIsAskedTheWholeRequest(fault: String) async throws {
        try await withServer(always: Self.faults[fault] ?? []) { first in
            try await withServer(always: .answer(text: "whole")) { second in
                var request = UpstreamRequest.plain
                request.method = .post
                request.parameters = [.init(name: "query", value: "up")]
                // The first replica gets half of the time; the second needs some on a busy machine.
                let time: Duration = fault.hasPrefix("silence") ? .seconds(12) : .seconds(60)
                let answer = try await withClient { [request] client in
                    try await client.answer(
                        Service(urls: [first.url, second.url]), request, within: time)
                }
                #expect(answer.text == "whole")
                #expect(answer.replica == second.url)
                #expect(first.facts.requests.count == 1)
                #expect(second.facts.requests.map(\.bodyText) == ["query=up"])
            }
        }
    }

    @Test func theNextReplicaIsAskedWhereTheFirstIsDown() async throws {
        let port = try Loopback.freePort()
        try await withServer(always: .answer(text: "whole")) { second in
            let answer = try await withClient {
                try await $0.answer("http://127.0.0.1:\(port)", second.url)
            }
            #expect(answer.text == "whole")
        }
    }

    @Test func aReplicaThatFailedIsAskedLastUntilItHasCooledOff() async throws {
        let failing = Mutex(true)
        let script: FaultServer.Script = { _ in
            failing.withLock { $0 } ? .answer(status: 500) : .answer(text: "first")
        }
        try await withServer(script) { first in
            try await withServer(always: .answer(text: "second")) { second in
                let start = ContinuousClock.now
                let elapsed = Mutex(Duration.zero)
                let client = UpstreamClient(
                    healthClock: { start.advanced(by: elapsed.withLock { $0 }) })
                // When, after the first failure, which replica answers.
                let expectations: [(seconds: Int, text: String)] = [
                    (0, "second"), (0, "second"), (14, "second"), (16, "first"),
                ]
                for (seconds, text) in expectations {
                    elapsed.withLock { $0 = .seconds(seconds) }
                    let answer = try await client.answer(first.url, second.url)
                    #expect(answer.text == text)
                    failing.withLock { $0 = false }
                }
                #expect(first.facts.requests.count == 2)
                await client.stop()
            }
        }
    }

    @Test func aReplicaThatFailedIsStillAskedWhereTheOthersFail() async throws {
        try await withServer(always: .answer(status: 500, text: "both fail")) { first in
            try await withClient { client in
                for _ in 0..<2 {
                    #expect(
                        await client.ending(Service(urls: [first.url, first.url + "/b"]))
                            == Ending(failure: "status_5xx"))
                }
            }
            #expect(first.facts.requests.count == 4)
        }
    }

    @Test func allFailuresAreTold() async throws {
        let port = try Loopback.freePort()
        try await withServer(always: .answer(status: 503, text: "overloaded")) { second in
            let error = try await withClient { client in
                try await #require(throws: UpstreamError.self) {
                    try await client.answer("http://127.0.0.1:\(port)", second.url)
                }
            }
            #expect(error.kind == .status(503, excerpt: "overloaded"))
            #expect(error.earlier.map(\.kind) == [.connection])
            #expect(error.description.contains("overloaded; before, http://127.0.0.1:\(port) "))
        }
    }

    @Test func whatTheReaderThrowsIsNotTheReplicasFailure() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            try await withClient { client in
                await #expect(throws: Distaste()) {
                    try await client.ask(
                        cluster: ClusterID("eu-1"),
                        service: Service(urls: [server.url, server.url]),
                        request: .plain, deadline: .now.advanced(by: .seconds(60))
                    ) { _ in throw Distaste() }
                }
            }
            #expect(server.facts.requests.count == 1)
        }
    }

    @Test func anAnswerThatIsTooLargeIsSoEverywhere() async throws {
        var request = UpstreamRequest.plain
        request.maximumBytes = 3
        try await withServer(always: .answer(text: "12345")) { server in
            let error = try await withClient { [request] client in
                try await #require(throws: UpstreamError.self) {
                    try await client.answer(server.url, server.url, request: request)
                }
            }
            #expect(error.kind == .tooLarge(limit: 3))
            #expect(server.facts.requests.count == 1)
        }
    }

    @Test func theReaderBeginsAfresh() async throws {
        try await withServer(always: .part(of: 100, then: [.close])) { first in
            try await withServer(always: .answer(text: "whole")) { second in
                let readings = Mutex<[String]>([])
                try await withClient { client in
                    try await client.ask(
                        cluster: ClusterID("eu-1"),
                        service: Service(urls: [first.url, second.url]), request: .plain,
                        deadline: .now.advanced(by: .seconds(60))
                    ) { response in
                        readings.withLock { $0.append("") }
                        for try await piece in response.body {
                            readings.withLock {
                                $0[$0.count - 1] += String(decoding: piece, as: UTF8.self)
                            }
                        }
                    }
                }
                #expect(readings.withLock { $0 } == ["half", "whole"])
            }
        }
    }
}
