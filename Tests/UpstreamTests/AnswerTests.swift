import Clusters
import Foundation
import TestSupport
import Testing
import Upstream

@Suite(.timeLimit(.minutes(10)))
struct AnswerTests {
    @Test func aBodyIsReadAsItArrives() async throws {
        let chunks = [Array("first".utf8), Array("second".utf8)]
        try await withServer(always: .chunked(chunks, between: [.gate])) { server in
            let pieces = try await withClient { client in
                try await client.ask(
                    cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                    request: .plain, deadline: .now.advanced(by: .seconds(60))
                ) { response in
                    var pieces: [String] = []
                    for try await piece in response.body {
                        pieces.append(String(decoding: piece, as: UTF8.self))
                        // The server goes on only once its first chunk has been read.
                        server.open()
                    }
                    return pieces
                }
            }
            #expect(pieces.first == "first")
            #expect(pieces.joined() == "firstsecond")
        }
    }

    @Test func manySmallChunksAreGathered() async throws {
        let chunks = [[UInt8]](repeating: [0x61], count: 5000)
        try await withServer(always: .chunked(chunks)) { server in
            let text = try await withClient { try await $0.answer(server.url).text }
            #expect(text == String(repeating: "a", count: 5000))
        }
    }

    @Test func aLargeBodyComesWhole() async throws {
        let line = (0..<4099).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        let body = [[UInt8]](repeating: line, count: 2000).flatMap(\.self)
        try await withServer(always: .answer(body: body)) { server in
            let bytes = try await withClient { client in
                try await client.ask(
                    cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                    request: .plain, deadline: .now.advanced(by: .seconds(60))
                ) { try await $0.collect(upTo: 8 << 20) }
            }
            #expect(bytes == body)
        }
    }

    @Test func aCompressedBodyIsDecompressed() async throws {
        let zipped = try await Gzip.zeros(100_000)
        let steps = [FaultServer.Step].answer(headers: ["Content-Encoding: gzip"], body: zipped)
        try await withServer(always: steps) { server in
            let text = try await withClient { try await $0.answer(server.url).text }
            #expect(text.utf8.count == 100_000)
            let encodings = server.facts.requests.first?.header("accept-encoding") ?? ""
            #expect(encodings.contains("gzip") && encodings.contains("zstd"))
        }
    }

    @Test func anEmptyBodyIsAnAnswer() async throws {
        try await withServer(always: .answer()) { server in
            let answer = try await withClient { try await $0.answer(server.url) }
            #expect(answer.text.isEmpty)
        }
    }

    @Test(arguments: [400, 401, 403, 404, 422, 429])
    func refusalsOfTheRequestAreAnswers(status: Int) async throws {
        try await withServer(always: .answer(status: status, text: "no")) { server in
            let answer = try await withClient { try await $0.answer(server.url, server.url) }
            #expect(answer.status == status)
            #expect(answer.text == "no")
            #expect(server.facts.requests.count == 1)
        }
    }

    @Test func headersAreFoundByName() async throws {
        let steps = [FaultServer.Step].answer(headers: ["Retry-AFTER:  7", "X-A: b"])
        try await withServer(always: steps) { server in
            let value = try await withClient { client in
                try await client.ask(
                    cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                    request: .plain, deadline: .now.advanced(by: .seconds(60))
                ) { $0.header("retry-after") }
            }
            #expect(value == "7")
        }
    }

    @Test func anInterimAnswerIsNotTheAnswer() async throws {
        let interim = FaultServer.Step.send(
            Array("HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n".utf8))
        try await withServer(always: [interim] + .answer(text: "later")) { server in
            let answer = try await withClient { try await $0.answer(server.url) }
            #expect(answer.status == 200)
            #expect(answer.text == "later")
        }
    }

    @Test func aConnectionServesOneRequestAfterAnother() async throws {
        try await withServer(always: .answer(text: "{}")) { server in
            try await withClient { client in
                for _ in 0..<20 { _ = try await client.answer(server.url) }
            }
            #expect(server.facts.requests.count == 20)
            #expect(server.facts.connections == 1)
        }
    }

    @Test func aConnectionThatTheServerEndsIsReplaced() async throws {
        try await withServer(always: .answer(text: "{}") + [.close]) { server in
            try await withClient { client in
                for _ in 0..<5 { _ = try await client.answer(server.url) }
            }
            #expect(server.facts.requests.count == 5)
            #expect(server.facts.connections == 5)
        }
    }

    @Test func aReaderMayLeaveTheRestOfABody() async throws {
        try await withServer(always: .part(of: 100, then: [.silence])) { server in
            let status = try await withClient { client in
                let status = try await client.ask(
                    cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                    request: .plain, deadline: .now.advanced(by: .seconds(60))
                ) { $0.status }
                // The request is let go of, without waiting for its deadline.
                await server.wait { $0.closedConnections == 1 }
                return status
            }
            #expect(status == 200)
        }
    }

    @Test func requestsToOneHostQueueBeyondTheirNumber() async throws {
        var settings = UpstreamSettings()
        settings.maximumConcurrentPerHost = 3
        try await withServer(always: [.gate] + .answer(text: "{}")) { server in
            let endings = try await withClient(settings) { client in
                try await withThrowingTaskGroup(of: Ending.self) { group in
                    for _ in 0..<20 {
                        group.addTask { await client.ending(Service(urls: [server.url])) }
                    }
                    await server.wait { $0.requests.count == 3 }
                    server.open()
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(endings == [Ending](repeating: Ending(status: 200), count: 20))
            #expect(server.facts.connections <= 3)
        }
    }
}

/// Compressed bodies.
enum Gzip {
    /// As many zero bytes, compressed by gzip.
    static func zeros(_ count: Int) async throws -> [UInt8] {
        let directory = try TemporaryDirectory("gzip")
        defer { directory.remove() }
        let file = directory.file("zeros.gz")
        try await Command.mustRun(
            "sh", ["-c", "head -c \(count) /dev/zero | gzip -c > '\(file)'"])
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    }
}
