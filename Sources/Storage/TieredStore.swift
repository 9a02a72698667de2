/// Memory before Redis: what Redis gives is kept in memory too, and what is stored goes to both.
package struct TieredStore: KeyValueStore {
    private let memory: MemoryStore
    private let redis: RedisStore
    private let longestInMemory: Duration

    /// What Redis gives stays in memory no longer than in Redis, and at most so long.
    package init(
        memory: MemoryStore, redis: RedisStore, longestInMemory: Duration = .seconds(3600)
    ) {
        self.memory = memory
        self.redis = redis
        self.longestInMemory = longestInMemory
    }

    package func values(of keys: [String]) async -> [[UInt8]?] {
        var values = memory.held(keys)
        let missing = keys.indices.filter { values[$0] == nil }
        guard !missing.isEmpty else { return values }
        let clearings = memory.clearingCount
        let found = await redis.entries(of: missing.map { keys[$0] })
        var kept: [StoreEntry] = []
        for (index, entry) in zip(missing, found) {
            guard var entry else { continue }
            values[index] = entry.bytes
            entry.timeToLive = min(entry.timeToLive, longestInMemory)
            kept.append(entry)
        }
        if !kept.isEmpty { memory.store(kept, unlessClearedSince: clearings) }
        return values
    }

    package func store(_ entries: [StoreEntry]) {
        memory.store(entries)
        redis.store(entries)
    }

    /// Memory is cleared even where Redis fails. The number is Redis's, which holds the most.
    package func clear() async throws(StorageFailure) -> Int {
        // Redis first, lest memory be filled from it again.
        defer { _ = memory.clear() }
        return try await redis.clear()
    }
}
