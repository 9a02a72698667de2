import Federation
import HTTPAPI
import Logging
import Metrics
import ServiceLifecycle
import Storage

/// Where answers are remembered: in memory, and in the Redis that several gateways share.
struct CacheStores: Sendable {
    let cache: AnswerCache
    /// What runs beside it.
    let services: [any ServiceLifecycle.Service]
    private let redis: RedisStore?

    /// Nil where nothing is to be remembered.
    init?(_ settings: CacheSettings, metrics: any MetricsFactory, logger: Logger) {
        guard settings.isEnabled else { return nil }
        let memory = MemoryStore(
            maximumBytes: settings.memoryBytes, metrics: metrics)
        guard let shared = settings.redis else {
            redis = nil
            services = []
            cache = AnswerCache(store: memory, settings: settings)
            return
        }
        let redis = RedisStore(shared, logger: logger, metrics: metrics)
        self.redis = redis
        services = [ClearingWatch(redis: redis) { _ = memory.clear() }]
        cache = AnswerCache(
            store: TieredStore(memory: memory, redis: redis), claims: SharedClaims(redis),
            settings: settings)
    }

    /// Forgets everything.
    var clearing: ClearingCache {
        { [cache] () async throws(StorageFailure) -> Int in try await cache.clear() }
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
