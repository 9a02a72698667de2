/// What of the clusters' answers is kept, and for how long.
package struct CacheSettings: Hashable, Sendable {
    package var isEnabled = true
    /// What never changes any more is kept so long. It ends all the same, as samples can be deleted
    /// or come in years late, which no gateway is told of; a day is how far back most looks go.
    package var timeToLive: Duration = .seconds(86_400)
    /// Answers about one instant are kept so long; nil where they are not kept.
    package var instantTimeToLive: Duration? = .seconds(5)
    /// How old values are when nothing changes them any more, where a cluster's file does not say:
    /// a scrape interval, what may come out of order, and the difference of clocks.
    package var freshness: Duration = .seconds(120)
    /// The budget of the store in memory.
    package var memoryBytes = 256 << 20
    /// The store that several gateways share.
    package var redis: RedisSettings?

    package init() {}
}
