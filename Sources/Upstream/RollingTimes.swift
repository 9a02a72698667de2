/// The last so many of some times, and their quantiles. They are sorted when somebody wants to
/// know, and that not for each new one.
package struct RollingTimes: Sendable {
    private var times: [Duration] = []
    private var next = 0
    private var known: (quantile: Double, value: Duration, age: Int)?

    /// How many are kept.
    static let capacity = 128
    /// After how many new ones a quantile is computed again.
    private static let freshness = 8

    package init() {}

    package var count: Int { times.count }

    package mutating func add(_ time: Duration) {
        if times.count < Self.capacity {
            times.append(time)
        } else {
            times[next] = time
        }
        next = (next + 1) % Self.capacity
        known?.age += 1
    }

    /// The time that so great a part of all are not above; nil where there are none.
    package mutating func quantile(_ quantile: Double) -> Duration? {
        if let known, known.quantile == quantile, known.age < Self.freshness { return known.value }
        guard !times.isEmpty else { return nil }
        let sorted = times.sorted()
        let rank = Int((Double(sorted.count) * quantile).rounded(.up)) - 1
        let value = sorted[min(max(rank, 0), sorted.count - 1)]
        known = (quantile, value, 0)
        return value
    }
}
