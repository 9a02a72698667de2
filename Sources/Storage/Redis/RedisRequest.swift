/// Commands that are sent in one piece, and who wants to know what comes of them.
struct RedisRequest: Sendable {
    var lane: Lane
    /// At least one.
    var commands: [RedisCommand]
    /// When the answer is of no use any more; nil where only the server's time counts.
    var deadline: ContinuousClock.Instant?
    /// How long the server may take once it was asked.
    var patience: Duration
    /// Called once, on the connections' thread: it must not block.
    var complete: @Sendable (RedisOutcome) -> Void

    /// Which connections serve it.
    enum Lane: Int, CaseIterable, Sendable {
        case reads
        case writes
    }
}

/// What came of a request: the replies in the commands' order, fewer than those where it failed.
struct RedisOutcome: Sendable {
    var replies: [RedisReply] = []
    var failure: StorageFailure?
}
