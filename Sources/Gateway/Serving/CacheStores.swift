import Federation
import HTTPAPI
import Logging
import Metrics
import ServiceLifecycle
import Storage

/// Where answers are remembered: in memory, and in the Redis that several gateways share. The state
/// of alerts is kept in that Redis too, whether answers are or not.
struct CacheStores: Sendable {
    /// Nil where nothing is to be remembered.
    let cache: AnswerCache?
    let redis: RedisStore?
    /// What runs beside it.
    let services: [any ServiceLifecycle.Service]

    init(_ settings: CacheSettings, metrics: any MetricsFactory, logger: Logger) {
        let redis = settings.redis.map { RedisStore($0, logger: logger, metrics: metrics) }
        self.redis = redis
        guard settings.isEnabled else {
            cache = nil
            services = []
            return
        }
        let memory = MemoryStore(
            maximumBytes: settings.memoryBytes, metrics: metrics)
        guard let redis else {
            services = []
            cache = AnswerCache(store: memory, settings: settings)
            return
        }
        services = [ClearingWatch(redis: redis) { _ = memory.clear() }]
        cache = AnswerCache(
            store: TieredStore(memory: memory, redis: redis), claims: SharedClaims(redis),
            settings: settings)
    }

    /// Forgets all answers; nil where none are remembered.
    var clearing: ClearingCache? {
        guard let cache else { return nil }
        return { () async throws(StorageFailure) -> Int in try await cache.clear() }
    }

    /// Ends the connections.
    func stop() async { await redis?.stop() }
}

extension SharedClaims {
    /// Claims in a Redis.
    fileprivate init(_ redis: RedisStore) {
        self.init(
            claim: { await redis.claim($0, token: $1, for: $2) },
            publish: { entry, key, token in
                // Both go the same way, one after the other.
                redis.store([entry])
                redis.release(key, token: token)
            },
            release: { redis.release($0, token: $1) },
            value: { await redis.values(of: [$0]).first ?? nil },
            token: { String(UInt64.random(in: .min ... .max), radix: 36) })
    }
}
