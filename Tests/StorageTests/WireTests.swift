import Storage
import TestSupport
import Testing

/// A server that says what no Redis says.
@Suite(.timeLimit(.minutes(10)))
struct WireTests {
    /// A server for one test; all but reading goes well.
    private func withServer(
        _ options: (inout RedisSettings) -> Void = { _ in },
        whenRead steps: @escaping @Sendable ([String]) -> [ScriptedRedis.Step],
        _ body: (ScriptedRedis, RedisStore, StoreOptions) async throws -> Void
    ) async throws {
        let server = try ScriptedRedis { words in
            words[0] == "MGET" ? steps(words) : [.send("+OK\r\n")]
        }
        defer { server.stop() }
        var all = try StoreOptions(server.address)
        all.settings.breaker.failures = 1000
        options(&all.settings)
        try await withStore(all) { store in try await body(server, store, all) }
        // Each connection that was made is closed, and the thread that made it has ended.
        await server.wait { $0.closedConnections == $0.connections }
    }

    @Test(arguments: [
        "garbage\r\n", "\r\n", "\0\0\0\0", "$-2\r\n", "*2\r\n$1\r\n", "*-7\r\n", "$99999999999\r\n",
        "$1\r\nab\r\n", ":12\r\n", "+OK\r\n", "$-1\r\n", "*0\r\n", "*-1\r\n",
        "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "*1\r\n:1\r\n", "*1\r\n+a\r\n", "*1\r\n*0\r\n",
        "*2147483647\r\n", "*1000000\r\n", "*99999999999999999999\r\n",
        String(repeating: "*1\r\n", count: 100), "HTTP/1.1 400 Bad Request\r\n\r\n", "%1\r\n",
        ",1\r\n",
    ])
    func whatIsNoAnswerIsAMissAndEndsTheConnection(text: String) async throws {
        try await withServer { _ in
            [.send(text), .close]
        } _: { server, store, options in
            let time = await duration {
                #expect(await store.value(of: "a") == nil)
            }
            // It is not waited for until the fixture's patience ends.
            #expect(time < .seconds(18))
            #expect(
                options.asked("malformed_reply") + options.asked("connection_lost") == 1)
            #expect(await store.value(of: "a") == nil)
            #expect(server.facts.connections == 2)
        }
    }

    @Test func garbageBeforeAnythingIsAskedIsAMiss() async throws {
        let server = try ScriptedRedis { _ in [.send("-nonsense\r\n+OK\r\n$4\r\nab"), .close] }
        defer { server.stop() }
        let options = try StoreOptions("redis://:word@127.0.0.1:\(server.port)/3")
        try await withStore(options) { store in
            #expect(await store.value(of: "a") == nil)
            #expect(await store.claim("a", token: "t", for: .seconds(9)) == .unknown)
        }
    }

    @Test(arguments: [
        ("-LOADING Redis is loading the dataset in memory\r\n", "refused_loading"),
        ("-MOVED 3999 127.0.0.1:6381\r\n", "refused_moved"),
        ("-NOAUTH Authentication required.\r\n", "refused_noauth"),
        ("-WRONGTYPE Operation against a key\r\n", "refused_wrongtype"),
        ("-MASTERDOWN Link with MASTER is down\r\n", "refused_masterdown"),
        ("-ERR unknown command\r\n", "refused_err"), ("-\r\n", "refused_err"),
    ])
    func refusalsAreMissesOfTheirKind(text: String, outcome: String) async throws {
        try await withServer { _ in
            [.send(text)]
        } _: { server, store, options in
            #expect(await store.values(of: ["a", "b"]) == [nil, nil])
            #expect(options.asked(outcome) == 2)
            // A server that refuses answers all the same.
            #expect(await store.value(of: "a") == nil)
            #expect(server.facts.connections == 1)
        }
    }

    @Test func aServerThatIsStillLoadingIsNotConnectedTo() async throws {
        let server = try ScriptedRedis { _ in [.send("-LOADING wait\r\n")] }
        defer { server.stop() }
        let options = try StoreOptions("redis://127.0.0.1:\(server.port)/3")
        try await withStore(options) { #expect(await $0.value(of: "a") == nil) }
        #expect(options.asked("refused_loading") == 1)
    }

    @Test func aLateAnswerIsNotTakenForALaterQuestions() async throws {
        try await withServer {
            $0.readTimeout = .milliseconds(300)
            $0.poolSize = 1
        } whenRead: { words in
            words.last == "isthmus:v1:e:slow"
                ? [.gate, .send("*1\r\n$4\r\nslow\r\n")] : [.send("*1\r\n$-1\r\n")]
        } _: { server, store, options in
            // Connecting is not part of the time that is tested.
            try await eventually {
                _ = await store.value(of: "first")
                return options.asked("miss") > 0
            }
            let connections = server.facts.connections
            #expect(await store.value(of: "slow") == nil)
            server.open()
            try await eventually {
                let misses = options.asked("miss")
                _ = await store.value(of: "quick")
                return options.asked("miss") > misses
            }
            #expect(options.asked("corrupt") == 0 && options.asked("timeout") > 0)
            #expect(server.facts.connections > connections)
        }
    }

    @Test func oneAnswerTooManyEndsTheConnection() async throws {
        try await withServer {
            $0.poolSize = 1
        } whenRead: { _ in
            [.send("*1\r\n$-1\r\n*1\r\n$5\r\nother\r\n")]
        } _: { server, store, _ in
            for _ in 0..<3 { #expect(await store.value(of: "a") == nil) }
            #expect(server.facts.connections == 3)
        }
    }

    @Test func aServerThatDripsIsGivenUpAtTheDeadline() async throws {
        try await withServer {
            $0.readTimeout = .milliseconds(500)
        } whenRead: { _ in
            [
                .drip(
                    "*1\r\n$1000\r\n" + String(repeating: "x", count: 1000) + "\r\n",
                    every: .milliseconds(20))
            ]
        } _: { _, store, options in
            let time = await duration { #expect(await store.value(of: "a") == nil) }
            // The drip itself takes twenty seconds.
            #expect(time < .seconds(18), "\(time)")
            #expect(options.asked("timeout") == 1)
        }
    }

    @Test func anEndlessAnswerIsGivenUpAtItsLimit() async throws {
        try await withServer {
            $0.maximumReplyBytes = 100_000
        } whenRead: { _ in
            [.send("*1\r\n$90000000\r\n" + String(repeating: "x", count: 2_000_000)), .silence]
        } _: { _, store, options in
            #expect(await store.value(of: "a") == nil)
            #expect(options.asked("malformed_reply") == 1)
        }
    }

    @Test func whatCameBeforeTheDeadlineCounts() async throws {
        // The first 32 keys are asked for by one command, the others by a second one.
        try await withServer {
            $0.readTimeout = .seconds(2)
        } whenRead: { words in
            let values = String(repeating: "$-1\r\n", count: words.count - 1)
            return words.count == 33 ? [.send("*32\r\n" + values)] : [.silence]
        } _: { _, store, options in
            let values = await store.values(of: (0..<40).map { "\($0)" })
            #expect(values == [[UInt8]?](repeating: nil, count: 40))
            #expect(options.asked("miss") == 32 && options.asked("timeout") == 8)
        }
    }

    @Test func aServerThatTakesConnectionsAndSaysNothingIsGivenUp() async throws {
        let server = try ScriptedRedis { _ in [.silence] }
        defer { server.stop() }
        var options = try StoreOptions(server.address)
        options.settings.readTimeout = .milliseconds(50)
        options.settings.connectTimeout = .milliseconds(100)
        try await withStore(options) { store in
            for _ in 0..<8 { #expect(await store.value(of: "a") == nil) }
            #expect(store.openBreakers.reads)
        }
        await server.wait { $0.closedConnections == $0.connections }
        // Connections that do not come about count as failures, as callers that wait in vain do.
        let refused = options.asked("breaker_open")
        let failed = options.asked("timeout") + options.asked("unreachable")
        #expect(failed <= 5 && refused >= 3 && failed + refused == 8)
    }

    @Test(arguments: [
        "redis://127.0.0.1:1", "unix:///nowhere/redis.sock",
        // With a part that is too long: no name server has to be asked, which may take its time.
        "redis://\(String(repeating: "x", count: 64)).invalid",
    ])
    func aServerThatIsNotThereIsAMissAtOnce(address: String) async throws {
        let options = try StoreOptions(address)
        try await withStore(options) { store in
            #expect(await store.value(of: "a") == nil)
            await store.keep(["a": [1]])
            #expect(await store.claim("a", token: "t", for: .seconds(1)) == .unknown)
        }
        #expect(options.asked("unreachable") == 1 && options.dropped("unreachable") == 1)
    }
}
