import Foundation
import TestSupport
import Testing

/// `isthmus cache`.
@Suite(.timeLimit(.minutes(10))) struct CacheCommandTests {
    private func withConfiguration(
        _ text: String, _ body: (String) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory("cache")
        defer { directory.remove() }
        try await body(try directory.write(text, to: "isthmus.yaml"))
    }

    @Test func theRedisOfAFileIsClearedOfOurKeysOnly() async throws {
        let server = try await RedisServer(password: "open")
        try await server.ask(["SET", "foreign", "x"])
        for key in ["mesh:v1:e:a", "mesh:v1:e:b"] { try await server.ask(["SET", key, "x"]) }
        let text = """
            cache:
              redis: {url: "redis://:open@127.0.0.1:\(server.port)", prefix: mesh}
            """
        try await withConfiguration(text) { file in
            let result = try await IsthmusCommand.run(["cache", "clear", "--config", file])
            #expect(
                result.output
                    == "Cleared 2 entries (redis://127.0.0.1:\(server.port)/0, prefix mesh)\n")
            #expect(result.status == 0)
        }
        let keys = try await server.keys()
        #expect(keys == ["foreign", "mesh:epoch"])
        await server.end()
    }

    @Test func aRedisThatIsNotThereIsSaid() async throws {
        try await withConfiguration("cache: {redis: {url: \"redis://:never@127.0.0.1:1\"}}\n") {
            file in
            let result = try await IsthmusCommand.run(["cache", "clear", "--config", file])
            #expect(result.status == 1)
            #expect(
                result.errors
                    == "Error: redis://127.0.0.1:1/0: no connection: Connection refused\n")
        }
    }

    @Test func withoutARedisThereIsNothingToClear() async throws {
        try await withConfiguration("query: {timeout: 1m}\n") { file in
            let result = try await IsthmusCommand.run(["cache", "clear", "--config", file])
            #expect(result.status == 1)
            #expect(result.errors.contains("names no Redis (cache.redis.url)"))
        }
    }

    @Test func aGatewayIsAskedToClearItsCache() async throws {
        let server = try ScriptedServer { request in
            request.method == "POST" && request.path == "/-/cache/clear"
                ? .answer(
                    status: 200, type: "application/json",
                    body: #"{"status":"success","data":{"entries":1}}"#)
                : .answer(status: 404, type: "text/plain", body: "404 page not found")
        }
        defer { server.end() }
        let result = try await IsthmusCommand.run(["cache", "clear", "--server", server.address])
        #expect(result.output == "Cleared 1 entry (\(server.address))\n")
        let other = try await IsthmusCommand.run(
            ["cache", "clear", "--server", "\(server.address)/prefix"])
        #expect(other.status == 1 && other.errors.contains("is it an Isthmus gateway?"))
    }

    @Test func itsHelpNamesItsPurpose() async throws {
        let result = try await IsthmusCommand.run(["help", "cache"])
        #expect(result.status == 0 && result.output.contains("clear"))
    }
}
