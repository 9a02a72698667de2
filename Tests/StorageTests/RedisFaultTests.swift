import MetricsTestKit
import Storage
import TestSupport
import Testing

/// A real server that goes wrong: a slower answer at worst, never a wrong one.
@Suite(.timeLimit(.minutes(10)))
struct RedisFaultTests {
    /// Long enough for a server that answers, on a busy machine too, far shorter than any hang.
    private static let patience = Duration.seconds(2)
    /// When a caller is back for certain: with the fixture's patience it would be later.
    private static let limit = Duration.seconds(18)

    /// `patience` is for servers that do not answer: whatever answers has the fixture's time.
    private func options(
        _ server: RedisServer, patience: Duration? = nil
    ) throws -> StoreOptions {
        var options = try StoreOptions(server.address)
        if let patience {
            options.settings.readTimeout = patience
            options.settings.writeTimeout = patience
            options.settings.connectTimeout = patience
        }
        options.settings.breaker.failures = 1000
        return options
    }

    @Test func aPausedServerCostsNoMoreThanTheDeadline() async throws {
        try await withRedis { server in
            let options = try options(server, patience: Self.patience)
            try await withStore(options) { store in
                await store.keep(["a": [1]])
                #expect(await store.value(of: "a") == [1])
                server.pause()
                for round in 0..<4 {
                    let time = await duration { #expect(await store.value(of: "a") == nil) }
                    #expect(time < Self.limit, "\(time)")
                    // Later ones may find a connection that has waited for long already.
                    if round == 0 { #expect(time >= Self.patience * 5 / 6, "\(time)") }
                }
                // Writes are never waited for.
                await store.keep(["b": [2]])
                server.resume()
                try await eventually { await store.value(of: "a") == [1] }
                await store.keep(["b": [3]])
                #expect(await store.value(of: "b") == [3])
            }
            #expect(options.asked("timeout") + options.asked("unreachable") >= 4)
            #expect(options.dropped("timeout") == 1)
        }
    }

    private func look(for key: Int, in store: RedisStore) async {
        _ = await store.value(of: "\(key)")
    }

    @Test func manyCallersOfAPausedServerAllComeBackInTime() async throws {
        try await withRedis { server in
            let options = try options(server, patience: Self.patience)
            try await withStore(options) { store in
                _ = await store.value(of: "a")
                server.pause()
                let time = await duration {
                    await withDiscardingTaskGroup { group in
                        for key in 0..<100 { group.addTask { await look(for: key, in: store) } }
                    }
                }
                #expect(time < Self.limit, "\(time)")
                server.resume()
            }
        }
    }

    @Test func aCancelledCallerComesBackAtOnce() async throws {
        try await withRedis { server in
            let options = try StoreOptions(server.address)
            try await withStore(options) { store in
                await store.keep(["a": [1]])
                server.pause()
                let time = await duration {
                    await withTaskGroup(of: [[UInt8]?].self) { group in
                        group.addTask { await store.values(of: ["a", "b"]) }
                        group.cancelAll()
                        #expect(await group.next() == [nil, nil])
                    }
                }
                #expect(time < Self.limit, "\(time)")
                server.resume()
                #expect(await store.value(of: "a") == [1])
            }
            #expect(options.asked("cancelled") == 2)
        }
    }

    @Test func aServerThatIsKilledAndComesBackEmptyGivesMissesThenValues() async throws {
        try await withRedis { server in
            let options = try options(server)
            try await withStore(options) { store in
                await store.keep(["a": [1]])
                #expect(await store.value(of: "a") == [1])
                await server.kill()
                #expect(await store.value(of: "a") == nil)
                await store.keep(["a": [2]])
                try await server.restart()
                #expect(await store.value(of: "a") == nil)
                await store.keep(["a": [3]])
                #expect(await store.value(of: "a") == [3])
            }
            #expect(options.asked("unreachable") + options.asked("connection_lost") == 1)
        }
    }

    @Test func aServerThatIsReplacedWhileItIsAskedNeverGivesAWrongValue() async throws {
        try await withRedis { server in
            let options = try options(server)
            try await withStore(options) { store in
                let value = someBytes(50_000)
                for round in 0..<5 {
                    await store.keep(["a": value])
                    async let asking = askMany(store, key: "a", expected: value)
                    await server.kill()
                    try await server.restart()
                    #expect(await asking == 0, "round \(round)")
                }
                await store.keep(["a": value])
                #expect(await store.value(of: "a") == value)
            }
        }
    }

    @Test func aFlushIsAMiss() async throws {
        try await withRedis { server in
            try await withStore(server.address) { store in
                await store.keep(["a": [1]])
                try await server.ask(["FLUSHALL"])
                #expect(await store.value(of: "a") == nil)
            }
        }
    }

    @Test func aFullServerDropsWritesAndStillReads() async throws {
        try await withRedis(lines: ["maxmemory 4mb", "maxmemory-policy noeviction"]) { server in
            let options = try options(server)
            try await withStore(options) { store in
                for key in 0..<60 { await store.keep(["\(key)": someBytes(100_000)]) }
                #expect(await store.value(of: "0") == someBytes(100_000))
                #expect(await store.value(of: "59") == nil)
                #expect(store.openBreakers == (reads: false, writes: false))
            }
            #expect(options.dropped("refused_oom") > 20)
            #expect(options.dropped("refused_oom") + options.written == 60)
        }
    }

    @Test func aReplicaTakesNoWritesAndStillReads() async throws {
        try await withRedis { server in
            let options = try options(server)
            try await withStore(options) { store in
                await store.keep(["a": [1]])
                try await server.ask(["REPLICAOF", "127.0.0.1", "1"])
                await store.keep(["a": [2]])
                #expect(await store.value(of: "a") == [1])
            }
            #expect(options.dropped("refused_readonly") == 1)
        }
    }

    @Test func afterFailuresInARowNobodyAsksForAWhile() async throws {
        try await withRedis { server in
            var options = try options(server)
            options.settings.breaker.failures = 3
            options.settings.breaker.pause = .seconds(60)
            try await withStore(options) { store in
                await store.keep(["a": [1]])
                await server.kill()
                for _ in 0..<5 { #expect(await store.value(of: "a") == nil) }
                #expect(store.openBreakers.reads)
                #expect(options.asked("breaker_open") == 2)
                for _ in 0..<5 { await store.keep(["a": [2]]) }
                #expect(store.openBreakers.writes)
                #expect(options.dropped("breaker_open") == 2)
                try await server.restart()
                #expect(await store.value(of: "a") == nil)
                #expect(options.asked("breaker_open") == 3)
                options.clock.advance(by: .seconds(60))
                await store.keep(["a": [3]])
                #expect(await store.value(of: "a") == [3])
                #expect(store.openBreakers == (reads: false, writes: false))
            }
            let gauge = try options.metrics.expectGauge(
                StorageMetric.breakerOpen.name, [("store", "redis"), ("operation", "read")])
            #expect(gauge.values == [0, 1, 0])
        }
    }

    @Test func whatTheQueueCannotHoldIsDroppedAndCounted() async throws {
        try await withRedis { server in
            var options = try options(server)
            options.settings.maximumQueuedEntries = 10
            options.settings.maximumQueuedBytes = 50_000
            try await withStore(options) { store in
                await store.keep(["first": [1]])
                server.pause()
                func entry(_ key: Int, _ size: Int) -> StoreEntry {
                    StoreEntry(key: "\(key)", bytes: someBytes(size), timeToLive: .seconds(60))
                }
                store.store((0..<15).map { entry($0, 10) })
                #expect(options.dropped("busy") == 5)
                server.resume()
                await store.settled()
                server.pause()
                store.store((0..<5).map { entry(100 + $0, 20_000) })
                #expect(options.dropped("busy") == 8)
                server.resume()
                await store.settled()
                #expect(options.written == 13)
                #expect(await store.value(of: "101") == someBytes(20_000))
            }
            let queued = try options.metrics.expectGauge(
                StorageMetric.queuedBytes.name, [("store", "redis")])
            #expect(queued.lastValue == 0)
        }
    }

    @Test func aStoppedStoreAnswersAtOnceAndLeavesNoConnection() async throws {
        try await withRedis { server in
            let options = try StoreOptions(server.address)
            let store = RedisStore(options.settings, metrics: options.metrics)
            await store.keep(["a": [1]])
            #expect(await store.value(of: "a") == [1])
            server.pause()
            store.store([StoreEntry(key: "b", bytes: [1], timeToLive: .seconds(60))])
            async let waiting = store.value(of: "a")
            await store.stop()
            #expect(await waiting == nil)
            await store.settled()
            #expect(await store.value(of: "a") == nil)
            await store.keep(["a": [1]])
            await #expect(throws: StorageFailure(.stopped)) { try await store.clear() }
            await store.stop()
            server.resume()
            // Only the one that asks.
            try await eventually {
                try await server.ask(["CLIENT", "LIST"]).split(separator: "\n").count == 1
            }
        }
    }

    @Test func storesThatAreLetGoLeaveNoConnection() async throws {
        try await withRedis { server in
            for _ in 0..<20 {
                let options = try StoreOptions(server.address)
                let store = RedisStore(options.settings, metrics: options.metrics)
                #expect(await store.value(of: "a") == nil)
            }
            try await eventually {
                try await server.ask(["CLIENT", "LIST"]).split(separator: "\n").count == 1
            }
        }
    }
}

/// Asks again and again while a server is replaced. Returns how many values were wrong.
private func askMany(_ store: RedisStore, key: String, expected: [UInt8]) async -> Int {
    var wrong = 0
    for _ in 0..<200 {
        if let value = await store.value(of: key), value != expected { wrong += 1 }
    }
    return wrong
}

/// Waits until something is so that another process does.
func eventually(_ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not so after two minutes")
            return
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}
