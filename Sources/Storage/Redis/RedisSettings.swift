/// How a Redis server is used.
package struct RedisSettings: Hashable, Sendable {
    package var address: RedisAddress
    /// With what all our keys begin.
    package var prefix: String
    /// How many connections there are for reading; writing has one of its own.
    package var poolSize = 4
    /// How long a caller waits for values.
    package var readTimeout: Duration = .milliseconds(25)
    /// How long the server may take for a write.
    package var writeTimeout: Duration = .seconds(1)
    /// How long connecting may take, from the name to the greeting's end.
    package var connectTimeout: Duration = .seconds(1)
    /// How long the server may take for a step of clearing.
    package var clearTimeout: Duration = .seconds(5)
    /// By how much of itself an entry's time may be cut short, so that entries that were stored
    /// together do not end together.
    package var timeToLiveJitter = 0.1
    /// How many reads may wait for a connection.
    package var maximumWaitingReads = 1024
    /// How many entries and bytes may wait to be written.
    package var maximumQueuedEntries = 8192
    package var maximumQueuedBytes = 64 << 20
    /// The most bytes of one entry.
    package var maximumEntryBytes = 16 << 20
    /// The most bytes of one reply.
    package var maximumReplyBytes = 256 << 20
    package var breaker = Breaker.Settings()

    package static let standardPrefix = "isthmus"

    package init(address: RedisAddress, prefix: String = Self.standardPrefix) {
        self.address = address
        self.prefix = prefix
    }
}
