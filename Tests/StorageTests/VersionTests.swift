import Storage
import TestSupport
import Testing

/// Values that several gateways change, each on top of the one that it has seen.
@Suite(.timeLimit(.minutes(10)))
struct VersionTests {
    private static let patience = Duration.seconds(20)

    private static func store(
        _ bytes: [UInt8], _ version: StoreVersion, in store: RedisStore
    ) async -> VersionedOutcome {
        await store.store(
            bytes, for: "a", replacing: version, timeToLive: .seconds(600), within: patience)
    }

    private static func kept(in store: RedisStore, _ key: String = "a") async throws
        -> VersionedValue
    {
        try await store.versioned(key, within: patience)
    }

    private static func cleared(_ store: RedisStore) async throws -> Int {
        try await store.clear()
    }

    @Test func aValueIsStoredOnTopOfTheOneThatWasSeenAndOnNoOther() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                let nothing = try await Self.kept(in: store)
                #expect(nothing == VersionedValue())
                guard case .stored(let first) = await Self.store([1], .none, in: store) else {
                    Issue.record("a first value is stored")
                    return
                }
                let kept = VersionedValue(version: first, bytes: [1])
                #expect(try await Self.kept(in: store) == kept)
                #expect(await Self.store([2], .none, in: store) == .conflict(kept))
                guard case .stored(let second) = await Self.store([], first, in: store) else {
                    Issue.record("a second value is stored")
                    return
                }
                #expect(
                    await Self.store([3], first, in: store)
                        == .conflict(VersionedValue(version: second, bytes: [])))
            }
            let left = try #require(Int(try await server.ask(["PTTL", "isthmus:state:a"])))
            #expect(left > 1000 && left <= 600_000)
        }
    }

    private static func addHundred(to store: RedisStore) async -> Int {
        var known = VersionedValue()
        var count = 0
        while count < 100 {
            let number = (known.bytes ?? [0])[0]
            switch await Self.store([number + 1], known.version, in: store) {
            case .stored(let version):
                known = VersionedValue(version: version, bytes: [number + 1])
                count += 1
            case .conflict(let value): known = value
            case .unknown: return count
            }
        }
        return count
    }

    @Test func ofTwoWritersThatRaceNoneLosesAChange() async throws {
        try await withRedis { server in
            try await withStore(server.address) { first in
                try await withStore(server.address) { second in
                    async let mine = Self.addHundred(to: first)
                    async let theirs = Self.addHundred(to: second)
                    #expect(await mine + theirs == 200)
                    let kept = try await Self.kept(in: first)
                    #expect(kept.bytes == [200])
                }
            }
        }
    }

    @Test func afterALossAllBeginsAnew() async throws {
        try await withRedis { server in
            var options = try StoreOptions(server.address)
            options.settings.breaker.failures = 1000
            try await withStore(options) { store in
                guard case .stored(let first) = await Self.store([1], .none, in: store) else {
                    Issue.record("a first value is stored")
                    return
                }
                try await server.ask(["FLUSHALL"])
                #expect(await Self.store([2], first, in: store) == .conflict(VersionedValue()))
                guard case .stored(let second) = await Self.store([2], .none, in: store) else {
                    Issue.record("a value is stored anew")
                    return
                }
                #expect(second != first)
                await server.kill()
                try await server.restart()
                try await eventually {
                    await Self.store([3], second, in: store) == .conflict(VersionedValue())
                }
            }
        }
    }

    @Test(arguments: ["x", "01234567890123456789 not ours at all", "\u{1}"])
    func whatIsNoValueOfOursIsReplaced(_ text: String) async throws {
        try await withRedis { server in
            try await server.ask(["SET", "isthmus:state:a", text])
            try await withStore(server.address) { store in
                let kept = try await Self.kept(in: store)
                #expect(kept.bytes == nil)
                #expect(await Self.store([1], .none, in: store) == .conflict(kept))
                guard case .stored(let version) = await Self.store([1], kept.version, in: store)
                else {
                    Issue.record("it is replaced")
                    return
                }
                let now = try await Self.kept(in: store)
                #expect(now == VersionedValue(version: version, bytes: [1]))
            }
        }
    }

    @Test func aValueThatLiesUnderAnotherKeyOrIsDamagedIsNotRead() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                _ = await Self.store([1, 2, 3], .none, in: store)
                try await server.ask(["COPY", "isthmus:state:a", "isthmus:state:b"])
                #expect(try await Self.kept(in: store, "b").bytes == nil)
                try await server.ask(["SETRANGE", "isthmus:state:a", "21", "x"])
                #expect(try await Self.kept(in: store).bytes == nil)
            }
        }
    }

    @Test func clearingLeavesThem() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                _ = await Self.store([1], .none, in: store)
                await store.keep(["entry": [2]])
                let cleared = try await Self.cleared(store)
                #expect(cleared == 1)
                #expect(try await Self.kept(in: store).bytes == [1])
            }
        }
    }

    @Test func whatTheServerRefusesIsUnknownAndSaysWhy() async throws {
        try await withRedis { server in
            var options = try StoreOptions(server.address)
            options.settings.maximumEntryBytes = 100
            try await withStore(options) { store in
                try await server.ask(["LPUSH", "isthmus:state:a", "1"])
                let failure = await #expect(throws: StorageFailure.self) {
                    try await Self.kept(in: store)
                }
                #expect(failure?.kind == .refused(.wrongType))
                guard case .unknown(let reason) = await Self.store([1], .none, in: store) else {
                    Issue.record("a list is no value")
                    return
                }
                #expect(reason.message.contains("WRONGTYPE"))
                let large = [UInt8](repeating: 0, count: 101)
                #expect(
                    await Self.store(large, .none, in: store)
                        == .unknown(StorageFailure(.tooLarge, message: "101 bytes")))
            }
        }
    }

    @Test func aServerThatSaysNothingCostsTheGivenTime() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                _ = await Self.store([1], .none, in: store)
                server.pause()
                let time = await duration {
                    await #expect(throws: StorageFailure(.timeout)) {
                        try await store.versioned("a", within: .milliseconds(100))
                    }
                }
                #expect(time >= .milliseconds(80) && time < .seconds(18), "\(time)")
                server.resume()
            }
        }
    }
}
