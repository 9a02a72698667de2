// The first file to read in Storage: keeps bytes under keys for a while, in memory, in Redis, or in
// both. Whatever goes wrong, an absent value is the worst that comes of it: never a wrong value,
// never a failed query, and never a long wait. The module never knows what the bytes mean.

/// What is to be kept, and for how long.
package struct StoreEntry: Hashable, Sendable {
    package var key: String
    package var bytes: [UInt8]
    /// From now on; an entry without time is not kept.
    package var timeToLive: Duration

    package init(key: String, bytes: [UInt8], timeToLive: Duration) {
        self.key = key
        self.bytes = bytes
        self.timeToLive = timeToLive
    }
}

/// A store that forgets: an absent value is never an error.
package protocol KeyValueStore: Sendable {
    /// The values by position; nil where absent, expired, or where the store could not say in time.
    func values(of keys: [String]) async -> [[UInt8]?]

    /// Keeps the entries, off the caller's path: returns at once, and drops (and counts) what
    /// cannot be kept.
    func store(_ entries: [StoreEntry])

    /// Drops everything that is ours. Returns how many entries that were, as far as it is known.
    func clear() async throws(StorageFailure) -> Int
}

/// Who may do something that all gateways want done once.
package enum Claim: Hashable, Sendable {
    /// We may: the claim is ours until it is released or its time is over.
    case granted
    /// Another does it already.
    case held(byToken: String)
    /// The store could not say in time: do as if there were no others.
    case unknown
}
