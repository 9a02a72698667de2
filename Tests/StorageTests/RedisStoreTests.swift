import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RedisStoreTests {
    @Test func valuesComeBackByPositionWhateverTheirBytes() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                let all = [UInt8](0...255)
                let large = someBytes(3_000_000)
                await store.keep(["empty": [], "all": all, "large": large, "ü \n*": [1]])
                let keys = ["large", "none", "empty", "ü \n*", "all", "all"]
                #expect(await store.values(of: keys) == [large, nil, [], [1], all, all])
                #expect(await store.values(of: []) == [])
            }
        }
    }

    @Test func hundredsOfKeysAtOnceKeepTheirPlaces() async throws {
        try await withRedis { server in
            let options = try StoreOptions(server.address)
            try await withStore(options) { store in
                let keys = (0..<500).map { "key \($0)" }
                await store.keep(
                    Dictionary(
                        uniqueKeysWithValues: keys.enumerated().compactMap { index, key in
                            index % 3 == 0 ? nil : (key, someBytes(index, seed: UInt64(index)))
                        }))
                let values = await store.values(of: keys)
                for (index, value) in values.enumerated() {
                    let expected = index % 3 == 0 ? nil : someBytes(index, seed: UInt64(index))
                    #expect(value == expected)
                }
            }
            #expect(options.asked("hit") == 333 && options.asked("miss") == 167)
            #expect(options.written == 333)
        }
    }

    @Test func manyCallersAtATimeGetTheirOwnValues() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                await store.keep(
                    Dictionary(
                        uniqueKeysWithValues: (0..<100).map { ("\($0)", Array("\($0)".utf8)) }))
                let wrong = await withTaskGroup(of: Int.self) { group in
                    for caller in 0..<32 { group.addTask { await wrongValues(store, caller) } }
                    return await group.reduce(0, +)
                }
                #expect(wrong == 0)
            }
        }
    }

    @Test func keysCarryPrefixAndVersionAndATimeThatIsCutAtRandom() async throws {
        try await withRedis { server in
            var options = try StoreOptions(server.address)
            options.settings.prefix = "mesh"
            options.random = 0.5
            try await withStore(options) { await $0.keep(["a": [1]], for: .seconds(1000)) }
            #expect(try await server.keys() == ["mesh:v1:e:a"])
            let left = try #require(Int(try await server.ask(["PTTL", "mesh:v1:e:a"])))
            #expect(left > 800_000 && left <= 950_000)
        }
    }

    @Test func aValueIsGoneWhenItsTimeIsOver() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                await store.keep(["a": [1], "none": [2]], for: .milliseconds(30))
                let deadline = ContinuousClock.now + .seconds(120)
                // Real time of another process: it can only be looked at.
                while await store.value(of: "a") != nil, ContinuousClock.now < deadline {}
                #expect(await store.value(of: "a") == nil)
                await store.keep(["b": [1]], for: .zero)
                #expect(await store.value(of: "b") == nil)
            }
        }
    }

    @Test func socketsServeToo() async throws {
        try await withRedis { server in
            try await withStore("unix://\(server.socketPath)?db=2") { store in
                await store.keep(["a": [1, 2]])
                #expect(await store.value(of: "a") == [1, 2])
            }
            #expect(try await server.ask(["-n", "2", "DBSIZE"]) == "1")
            #expect(try await server.ask(["DBSIZE"]) == "0")
        }
    }

    @Test func namesOfServersAreLookedUp() async throws {
        try await withRedis { server in
            try await withStore("redis://localhost:\(server.port)/1") { store in
                await store.keep(["a": [1, 2]])
                #expect(await store.value(of: "a") == [1, 2])
            }
            #expect(try await server.ask(["-n", "1", "DBSIZE"]) == "1")
        }
    }

    @Test func theServerKnowsUsByName() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                _ = await store.value(of: "a")
                let clients = try await server.ask(["CLIENT", "LIST"])
                #expect(clients.contains("name=isthmus"))
            }
        }
    }

    @Test func aPasswordOpensTheServer() async throws {
        try await withRedis(password: "open") { server in
            let place = "127.0.0.1:\(server.port)"
            try await withStore("redis://:open@\(place)") { store in
                await store.keep(["a": [1]])
                #expect(await store.value(of: "a") == [1])
            }
            for address in ["redis://\(place)", "redis://:wrong@\(place)"] {
                let options = try StoreOptions(address)
                try await withStore(options) { store in
                    #expect(await store.value(of: "a") == nil)
                    await store.keep(["a": [2]])
                }
                #expect(options.asked("authentication") == 1)
                #expect(options.dropped("authentication") == 1)
            }
        }
    }

    @Test func aUserOfARestrictedServerNeedsNoMoreThanItsKeys() async throws {
        let rule = "user ann on >open ~isthmus:* +get +set +mget +pttl +scan +unlink +eval +del"
        try await withRedis(lines: [rule]) { server in
            let options = try StoreOptions("redis://ann:open@127.0.0.1:\(server.port)")
            try await withStore(options) { store in
                await store.keep(["a": [1]])
                #expect(await store.value(of: "a") == [1])
                #expect(await store.claim("c", token: "t", for: .seconds(9)) == .granted)
                let cleared = try await store.clear()
                #expect(cleared == 2)
            }
            var others = options
            others.settings.prefix = "other"
            try await withStore(others) { store in
                #expect(await store.value(of: "a") == nil)
            }
            #expect(others.asked("refused_noperm") == 1)
        }
    }

    @Test func aPasswordFileIsReadWhenConnecting() async throws {
        let directory = try TemporaryDirectory("password")
        defer { directory.remove() }
        let path = try directory.write("wrong\n", to: "password")
        try await withRedis(password: "open") { server in
            var options = try StoreOptions("redis://h")
            options.settings.address = try RedisAddress(server.address, passwordFile: path)
            try await withStore(options) { store in
                #expect(await store.value(of: "a") == nil)
                try directory.write("open\n", to: "password")
                await store.keep(["a": [1]])
                #expect(await store.value(of: "a") == [1])
            }
            #expect(options.asked("authentication") == 1)
        }
    }

    @Test func valuesThatOthersHaveWrittenAreMisses() async throws {
        try await withRedis { server in
            let options = try StoreOptions(server.address)
            try await withStore(options) { store in
                let bytes = someBytes(1000)
                await store.keep(["cut": bytes, "changed": bytes, "moved": bytes, "list": bytes])
                for key in ["garbage", "empty", "longer"] { await store.keep([key: bytes]) }
                func name(_ key: String) -> String { "isthmus:v1:e:\(key)" }
                try await server.ask(["SETRANGE", name("changed"), "500", "x!"])
                try await server.ask(["SET", name("garbage"), "garbage"])
                try await server.ask(["SET", name("empty"), ""])
                try await server.ask(["APPEND", name("longer"), "x"])
                try await server.ask(["RENAME", name("moved"), name("other")])
                try await server.ask(["DEL", name("list")])
                try await server.ask(["LPUSH", name("list"), "x"])
                let keys = ["changed", "garbage", "empty", "longer", "other", "list"]
                let values = await store.values(of: keys + ["cut"])
                #expect(values == [nil, nil, nil, nil, nil, nil, bytes])
                await store.keep(["garbage": [7]])
                #expect(await store.value(of: "garbage") == [7])
            }
            #expect(options.asked("corrupt") == 5)
        }
    }

    @Test func whatIsTooLargeIsDroppedAndCounted() async throws {
        try await withRedis { server in
            var options = try StoreOptions(server.address)
            options.settings.maximumEntryBytes = 1000
            try await withStore(options) { store in
                await store.keep(["a": someBytes(1001), "b": someBytes(1000)])
                #expect(await store.values(of: ["a", "b"]) == [nil, someBytes(1000)])
            }
            #expect(options.dropped("too_large") == 1 && options.written == 1)
        }
    }
}

/// Asks for keys whose values are their own names. Returns how many had another.
private func wrongValues(_ store: RedisStore, _ caller: Int) async -> Int {
    var generator = SeededGenerator(seed: UInt64(caller))
    var wrong = 0
    for _ in 0..<40 {
        let keys = (0..<6).map { _ in "\(Int.random(in: 0..<100, using: &generator))" }
        let values = await store.values(of: keys)
        wrong += zip(keys, values).count { key, value in value != Array(key.utf8) }
    }
    return wrong
}
