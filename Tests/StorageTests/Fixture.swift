import Logging
import MetricsTestKit
import Storage
import Synchronization
import TestSupport

/// A clock that stands until it is moved.
final class ManualClock: Sendable {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 += duration } }
}

/// A Redis for one test, gone at its end.
@discardableResult
func withRedis<Result: Sendable>(
    password: String? = nil, lines: [String] = [],
    _ body: (RedisServer) async throws -> Result
) async throws -> Result {
    let server = try await RedisServer(password: password, lines: lines)
    do {
        let result = try await body(server)
        await server.end()
        return result
    } catch {
        await server.end()
        throw error
    }
}

/// What differs from store to store in tests.
struct StoreOptions: Sendable {
    var settings: RedisSettings
    var metrics = TestMetrics()
    var clock = ManualClock()
    /// What jitter is made of.
    var random = 0.0

    /// With so much time that a busy machine does not make a miss of a hit.
    init(_ address: String) throws {
        settings = RedisSettings(address: try RedisAddress(address))
        settings.readTimeout = .seconds(20)
        settings.writeTimeout = .seconds(20)
        settings.connectTimeout = .seconds(20)
    }

    /// How often the store said this about a key.
    func asked(_ outcome: String) -> Int64 {
        count(StorageMetric.requests, [("store", "redis"), ("outcome", outcome)])
    }

    func dropped(_ reason: String) -> Int64 {
        count(StorageMetric.droppedWrites, [("store", "redis"), ("reason", reason)])
    }

    var written: Int64 { count(StorageMetric.writes, [("store", "redis")]) }

    private func count(_ row: StorageMetric, _ labels: [(String, String)]) -> Int64 {
        (try? metrics.expectCounter(row.name, labels).totalValue) ?? 0
    }
}

/// A store for one test, stopped at its end.
@discardableResult
func withStore<Result: Sendable>(
    _ options: StoreOptions, _ body: (RedisStore) async throws -> Result
) async throws -> Result {
    let store = RedisStore(
        options.settings, metrics: options.metrics, random: { [random = options.random] in random },
        breakerClock: { [clock = options.clock] in clock.now })
    do {
        let result = try await body(store)
        await store.stop()
        return result
    } catch {
        await store.stop()
        throw error
    }
}

@discardableResult
func withStore<Result: Sendable>(
    _ address: String, _ body: (RedisStore) async throws -> Result
) async throws -> Result {
    try await withStore(StoreOptions(address), body)
}

extension KeyValueStore {
    func value(of key: String) async -> [UInt8]? { await values(of: [key])[0] }
}

extension RedisStore {
    /// Stores values and waits until the server has them.
    func keep(_ values: [String: [UInt8]], for time: Duration = .seconds(600)) async {
        store(values.map { StoreEntry(key: $0.key, bytes: $0.value, timeToLive: time) })
        await settled()
    }
}

/// Bytes that differ from seed to seed.
func someBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
}

/// How long something takes.
func duration(of body: () async throws -> Void) async rethrows -> Duration {
    let start = ContinuousClock.now
    try await body()
    return start.duration(to: .now)
}
