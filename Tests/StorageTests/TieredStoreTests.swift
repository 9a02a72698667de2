import MetricsTestKit
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TieredStoreTests {
    private let clock = ManualClock()

    private func memory() -> MemoryStore {
        MemoryStore(maximumBytes: 1 << 20, metrics: TestMetrics(), now: { [clock] in clock.now })
    }

    @Test func whatRedisGivesIsInMemoryFromThenOn() async throws {
        try await withRedis { server in
            try await withStore(server.address) { redis in
                await redis.keep(["a": [1], "b": [2]])
                let memory = memory()
                let store = TieredStore(memory: memory, redis: redis)
                memory.store([StoreEntry(key: "m", bytes: [9], timeToLive: .seconds(60))])
                #expect(await store.values(of: ["a", "m", "x", "b"]) == [[1], [9], nil, [2]])
                await server.kill()
                #expect(await store.values(of: ["a", "m", "x", "b"]) == [[1], [9], nil, [2]])
            }
        }
    }

    @Test func whatIsStoredGoesToBoth() async throws {
        try await withRedis { server in
            try await withStore(server.address) { redis in
                let memory = memory()
                let store = TieredStore(memory: memory, redis: redis)
                store.store([StoreEntry(key: "a", bytes: [1], timeToLive: .seconds(60))])
                #expect(await memory.value(of: "a") == [1])
                await redis.settled()
                #expect(await redis.value(of: "a") == [1])
            }
        }
    }

    @Test func nothingIsLongerInMemoryThanInRedis() async throws {
        try await withRedis { server in
            try await withStore(server.address) { redis in
                await redis.keep(["short": [1]], for: .seconds(50))
                await redis.keep(["long": [2]], for: .seconds(5000))
                let memory = memory()
                let store = TieredStore(memory: memory, redis: redis, longestInMemory: .seconds(99))
                _ = await store.values(of: ["short", "long"])
                await server.kill()
                #expect(await store.values(of: ["short", "long"]) == [[1], [2]])
                clock.advance(by: .seconds(50))
                #expect(await store.values(of: ["short", "long"]) == [nil, [2]])
                clock.advance(by: .seconds(49))
                #expect(await store.values(of: ["short", "long"]) == [nil, nil])
            }
        }
    }

    @Test func clearingClearsBothAndMemoryEvenWhereRedisFails() async throws {
        try await withRedis { server in
            try await withStore(server.address) { redis in
                let memory = memory()
                let store = TieredStore(memory: memory, redis: redis)
                func fill() async {
                    store.store(
                        (0..<5).map {
                            StoreEntry(key: "\($0)", bytes: [1], timeToLive: .seconds(60))
                        })
                    await redis.settled()
                }
                await fill()
                let cleared = try await store.clear()
                #expect(cleared == 5)
                #expect(await store.value(of: "1") == nil)
                await fill()
                await server.kill()
                await #expect(throws: StorageFailure.self) { try await store.clear() }
                #expect(await store.value(of: "1") == nil)
            }
        }
    }
}
