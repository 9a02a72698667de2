import Clusters
import TestSupport
import Testing
import Upstream

@Suite(.timeLimit(.minutes(10)))
struct BackPressureTests {
    private static var settings: UpstreamSettings {
        var settings = UpstreamSettings()
        settings.highWaterBytes = 256 << 10
        settings.lowWaterBytes = 64 << 10
        settings.pieceBytes = 32 << 10
        return settings
    }

    /// What a reader saw that let a body pile up before it read on.
    private struct Reading: Sendable {
        var heldBackBytes = 0
        var totalBytes = 0
        var piecesBeyondSize = 0
    }

    private func reading(_ server: FaultServer) async throws -> Reading {
        try await withClient(Self.settings) { client in
            // Thousands of pieces, each of which waits for its turn on a busy machine.
            try await client.ask(
                cluster: ClusterID("eu-1"),
                service: Service(urls: [server.url], timeout: .seconds(180)), request: .plain,
                deadline: .now.advanced(by: .seconds(180)), read: slowReading)
        }
    }

    private func slowReading(_ response: UpstreamResponse) async throws -> Reading {
        var reading = Reading()
        while !response.body.isHeldBack { try await Task.sleep(for: .milliseconds(1)) }
        // Whoever is held back sends no more, however long the reader takes.
        try await Task.sleep(for: .milliseconds(50))
        reading.heldBackBytes = response.body.unreadBytes
        for try await piece in response.body {
            reading.totalBytes += piece.count
            if piece.count > 32 << 10 { reading.piecesBeyondSize += 1 }
        }
        return reading
    }

    @Test func aSlowReaderHoldsTheSenderBack() async throws {
        let body = [UInt8](repeating: 0x61, count: 64 << 20)
        try await withServer(always: .answer(body: body)) { server in
            let reading = try await reading(server)
            #expect(reading.heldBackBytes < 512 << 10)
            #expect(reading.totalBytes == body.count)
            #expect(reading.piecesBeyondSize == 0)
        }
    }

    @Test func aSlowReaderGetsTheWholeOfACompressedBody() async throws {
        let count = 100 << 20
        let zipped = try await Gzip.zeros(count)
        let steps = [FaultServer.Step].answer(headers: ["Content-Encoding: gzip"], body: zipped)
        try await withServer(always: steps) { server in
            let reading = try await reading(server)
            #expect(reading.totalBytes == count)
        }
    }

    /// Around the sizes at which the sender is made to wait with the last bytes in hand.
    static let sizes = [-20_000, -16_384, -1, 0, 1, 100, 16_383, 16_384, 16_385, 40_000].map {
        (256 << 10) + $0
    }

    @Test(arguments: sizes)
    func aBodyThatEndsWhileItIsHeldBackIsWhole(size: Int) async throws {
        let body = [UInt8](repeating: 0x61, count: size)
        let zipped = try await Gzip.zeros(size)
        let forms: [[FaultServer.Step]] = [
            .answer(body: body),
            .chunked([body]),
            .answer(headers: ["Content-Encoding: gzip"], body: zipped),
        ]
        for form in forms {
            try await withServer(always: form) { server in
                let count = try await withClient(Self.settings) { client in
                    try await client.ask(
                        cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                        request: .plain, deadline: .now.advanced(by: .seconds(120)),
                        read: lateReading)
                }
                #expect(count == size)
            }
        }
    }

    private func lateReading(_ response: UpstreamResponse) async throws -> Int {
        try await Task.sleep(for: .milliseconds(20))
        return try await response.collect(upTo: 1 << 30).count
    }

    @Test func aHeldBackRequestEndsAtItsDeadline() async throws {
        let body = [UInt8](repeating: 0x61, count: 16 << 20)
        try await withServer(always: .answer(body: body)) { server in
            let error = try await withClient(Self.settings) { client in
                try await #require(throws: UpstreamError.self) {
                    try await client.ask(
                        cluster: ClusterID("eu-1"), service: Service(urls: [server.url]),
                        request: .plain, deadline: .now.advanced(by: .milliseconds(300))
                    ) { response in
                        await server.wait { $0.closedConnections == 1 }
                        return try await response.collect(upTo: 1 << 30).count
                    }
                }
            }
            #expect(error.kind == .timeout)
        }
    }

    @Test func aHeldBackRequestIsCancelled() async throws {
        let body = [UInt8](repeating: 0x61, count: 16 << 20)
        try await withServer(always: .answer(body: body)) { server in
            try await withClient(Self.settings) { client in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await heldBack(client, server) }
                    await server.wait { $0.sentBytes > 1 << 20 }
                    group.cancelAll()
                }
                await server.wait { $0.closedConnections == 1 }
            }
        }
    }

    private func heldBack(_ client: UpstreamClient, _ server: FaultServer) async {
        let error = await #expect(throws: UpstreamError.self) {
            try await client.ask(
                cluster: ClusterID("eu-1"),
                service: Service(urls: [server.url], timeout: .seconds(300)), request: .plain,
                deadline: .now.advanced(by: .seconds(300))
            ) { response in
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(300)) }
                return try await response.collect(upTo: 1 << 30).count
            }
        }
        #expect(error?.kind == .cancelled)
    }
}
