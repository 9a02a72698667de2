import Metrics
import Synchronization

/// Keeps entries in this process, within a budget of bytes.
package final class MemoryStore: KeyValueStore {
    private let shards: [Shard]
    private let metrics: StorageMetrics
    private let now: @Sendable () -> ContinuousClock.Instant
    private let clearings = Atomic<Int>(0)

    /// A part that is locked by itself.
    private final class Shard: Sendable {
        let state: Mutex<MemoryShard>

        init(maximumBytes: Int) { state = Mutex(MemoryShard(maximumBytes: maximumBytes)) }
    }

    /// More are of no use to a few cores, and would let no entry be large.
    private static let mostShards = 8
    private static let leastShardBytes = 8 << 20

    /// `now` tells when an entry's time is over.
    package init(
        maximumBytes: Int, metrics factory: any MetricsFactory = MetricsSystem.factory,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        let count = min(Self.mostShards, max(1, maximumBytes / Self.leastShardBytes))
        shards = (0..<count).map { _ in Shard(maximumBytes: maximumBytes / count) }
        metrics = StorageMetrics(store: "memory", factory: factory)
        self.now = now
    }

    package var figures: StoreFigures {
        var sum = StoreFigures()
        for shard in shards { sum += shard.state.withLock { $0.figures } }
        return sum
    }

    package func values(of keys: [String]) async -> [[UInt8]?] { held(keys) }

    /// The values by position, without waiting.
    package func held(_ keys: [String]) -> [[UInt8]?] {
        let now = now()
        var hits = 0
        let values = keys.map { key in
            let value = shard(of: key).state.withLock { $0.value(of: key, now: now) }
            if value != nil { hits += 1 }
            return value
        }
        metrics.asked(outcome: "hit", count: hits)
        metrics.asked(outcome: "miss", count: keys.count - hits)
        return values
    }

    package func store(_ entries: [StoreEntry]) { store(entries, unlessClearedSince: nil) }

    /// Keeps the entries, unless the store was cleared after there were so many clearings: then
    /// they may be what was to be forgotten.
    func store(_ entries: [StoreEntry], unlessClearedSince count: Int?) {
        let now = now()
        var taken = 0
        var tooLarge = 0
        var evictions = 0
        for entry in entries where entry.timeToLive > .zero {
            let end = now.advanced(by: entry.timeToLive)
            shard(of: entry.key).state.withLock { shard in
                // `clear` counts before it takes the locks: what is kept now, it still finds.
                if let count, count != clearingCount { return }
                let before = shard.figures.evictions
                defer { evictions += shard.figures.evictions - before }
                if shard.store(entry.key, entry.bytes, until: end, now: now) {
                    taken += 1
                } else {
                    tooLarge += 1
                }
            }
        }
        metrics.wrote(taken)
        metrics.dropped(reason: "too_large", count: tooLarge)
        metrics.evicted(evictions)
        let figures = figures
        metrics.holds(entries: figures.entries, bytes: figures.bytes)
    }

    package func clear() -> Int {
        clearings.add(1, ordering: .sequentiallyConsistent)
        var count = 0
        for shard in shards { count += shard.state.withLock { $0.clear() } }
        metrics.holds(entries: 0, bytes: 0)
        return count
    }

    var clearingCount: Int { clearings.load(ordering: .sequentiallyConsistent) }

    private func shard(of key: String) -> Shard {
        // The seed is the process's own, so that keys from outside cannot crowd one shard.
        var hasher = Hasher()
        hasher.combine(key)
        return shards[Int(UInt(bitPattern: hasher.finalize()) % UInt(shards.count))]
    }
}
