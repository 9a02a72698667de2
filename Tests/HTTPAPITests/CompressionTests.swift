import Federation
import HTTPAPI
import Testing

/// How bodies travel: in one piece or many, compressed or not.
@Suite struct CompressionTests {
    /// About three quarters of a megabyte.
    private static let large = Canned.dependencies(
        queries: Canned.queries { (_) async throws(QueryFailure) in
            Canned.large(series: 20, values: 2000)
        })
    /// About four kilobytes: one piece.
    private static let middling = Canned.dependencies(
        queries: Canned.queries { (_) async throws(QueryFailure) in
            Canned.large(series: 2, values: 100)
        })
    private static let query = "/api/v1/query_range?query=x&start=0&end=1&step=1"

    @Test func aLargeAnswerIsStreamedInLargePieces() async throws {
        try await withServer(dependencies: Self.large) { server in
            let answer = try await server.get(Self.query)
            #expect(answer.status == 200)
            #expect(answer["transfer-encoding"] == "chunked")
            #expect(answer["content-length"] == nil)
            #expect(answer["content-encoding"] == nil)
            #expect(answer.body.count > 600_000)
            #expect(answer.chunks.count > 5)
            #expect(answer.chunks.dropLast().allSatisfy { $0.count >= 1 << 16 })
            #expect(answer.text.hasPrefix(#"{"status":"success","data":{"resultType":"matrix""#))
            #expect(answer.text.hasSuffix("]}]}}"))
        }
    }

    @Test(arguments: ["gzip", "zstd"])
    func aLargeAnswerIsCompressedAsItIsMade(_ coding: String) async throws {
        try await withServer(dependencies: Self.large) { server in
            let plain = try await server.get(Self.query)
            let answer = try await server.get(Self.query, ["Accept-Encoding: \(coding)"])
            #expect(answer["content-encoding"] == coding)
            #expect(answer["transfer-encoding"] == "chunked")
            #expect(answer["vary"] == "Accept-Encoding")
            #expect(answer.body.count < plain.body.count / 2)
            let read =
                coding == "gzip"
                ? Decompression.gzip(answer.body) : Decompression.zstd(answer.body)
            #expect(read == plain.body)
        }
    }

    @Test(arguments: ["gzip", "zstd"])
    func anAnswerOfOnePieceIsCompressedWithItsLength(_ coding: String) async throws {
        try await withServer(dependencies: Self.middling) { server in
            let plain = try await server.get(Self.query)
            #expect(plain["content-length"] == String(plain.body.count))
            let answer = try await server.get(Self.query, ["Accept-Encoding: \(coding)"])
            #expect(answer["content-encoding"] == coding)
            #expect(answer["content-length"] == String(answer.body.count))
            let read =
                coding == "gzip"
                ? Decompression.gzip(answer.body) : Decompression.zstd(answer.body)
            #expect(read == plain.body)
        }
    }

    @Test func aSmallAnswerIsNotCompressed() async throws {
        try await withServer { server in
            let answer = try await server.get(
                "/api/v1/query?query=up", ["Accept-Encoding: gzip, zstd"])
            #expect(answer["content-encoding"] == nil)
            #expect(answer["vary"] == "Accept-Encoding")
        }
    }

    @Test(arguments: [
        ("", nil), ("gzip", "gzip"), ("gzip, zstd", "zstd"), ("gzip, zstd;q=0.5", "gzip"),
        ("zstd;q=0, gzip;q=0.1", "gzip"), ("gzip;q=0", nil), ("br, deflate", nil), ("*", "zstd"),
        ("*;q=0.5, zstd;q=0", "gzip"), ("GZIP", "gzip"), ("x-gzip", "gzip"),
        ("identity, gzip;q=0.5", nil), ("identity;q=0.2, gzip;q=0.5", "gzip"),
        ("gzip ; q=0.7 , zstd ; q = 1", "zstd"), ("gzip;q=x", nil), (",,;q=1,", nil),
        ("gzip;q=nan", nil), ("gzip, deflate, br, zstd", "zstd"),
    ])
    func theClientChoosesTheCoding(_ accepted: String, _ coding: String?) async throws {
        try await withServer(dependencies: Self.middling) { server in
            let answer = try await server.get(Self.query, ["Accept-Encoding: \(accepted)"])
            #expect(answer["content-encoding"] == coding)
        }
    }

    @Test func severalLinesOfCodingsCountAsOne() async throws {
        try await withServer(dependencies: Self.middling) { server in
            let answer = try await server.get(
                Self.query, ["Accept-Encoding: gzip;q=0.2", "Accept-Encoding: zstd;q=0.1"])
            #expect(answer["content-encoding"] == "gzip")
        }
    }

    @Test func anErrorIsCompressedToo() async throws {
        let message = String(repeating: "all too much. ", count: 200)
        let queries = Canned.queries { (_) async throws(QueryFailure) in
            throw .execution(message)
        }
        try await withServer(dependencies: Canned.dependencies(queries: queries)) { server in
            let answer = try await server.get(Self.query, ["Accept-Encoding: gzip"])
            #expect(answer.status == 422)
            let read = Decompression.gzip(answer.body) ?? []
            #expect(String(decoding: read, as: UTF8.self).contains(message))
        }
    }
}
