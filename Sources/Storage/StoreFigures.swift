/// What a store in memory holds and has done.
package struct StoreFigures: Hashable, Sendable {
    package var entries = 0
    /// With keys and bookkeeping.
    package var bytes = 0
    package var hits = 0
    package var misses = 0
    /// Entries that made room for others before their time was over.
    package var evictions = 0

    static func += (left: inout StoreFigures, right: StoreFigures) {
        left.entries += right.entries
        left.bytes += right.bytes
        left.hits += right.hits
        left.misses += right.misses
        left.evictions += right.evictions
    }
}
