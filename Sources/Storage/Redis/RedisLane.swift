/// The connections of one kind, and who waits for one of them.
final class RedisLane {
    /// The most connections.
    let size: Int
    /// How many requests are under way on one connection at a time.
    let depth: Int
    let breaker: Breaker
    /// How many requests may wait.
    let maximumWaiting: Int
    var connections: [RedisConnection] = []
    var waiting = RequestQueue()
    /// After a failure no further connection is made for a moment, while there are others.
    var nextOpening: ContinuousClock.Instant?

    init(size: Int, depth: Int, maximumWaiting: Int, breaker: Breaker) {
        self.size = size
        self.depth = depth
        self.maximumWaiting = maximumWaiting
        self.breaker = breaker
    }

    /// A connection that can take a request.
    var free: RedisConnection? {
        connections.first { $0.phase == .ready && $0.askedCount < depth }
    }

    var hasReadyConnection: Bool { connections.contains { $0.phase == .ready } }

    /// How many connections are to be made for those who wait.
    func wantedConnections(_ now: ContinuousClock.Instant) -> Int {
        if let nextOpening, nextOpening <= now { self.nextOpening = nil }
        if nextOpening != nil, !connections.isEmpty { return 0 }
        let opening = connections.count { $0.phase != .ready }
        return max(0, min(waiting.count - opening, size - connections.count))
    }

    /// When something is to be looked at again.
    var deadline: ContinuousClock.Instant? {
        var deadlines = connections.compactMap(\.deadline)
        if let waiting = waiting.nextDeadline { deadlines.append(waiting) }
        if let nextOpening, !waiting.isEmpty { deadlines.append(nextOpening) }
        return deadlines.min()
    }
}
