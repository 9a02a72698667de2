extension RedisStore {
    /// Says that we are about to do what all gateways want done once, unless another has said so.
    /// The claim ends by itself after the time.
    package func claim(_ key: String, token: String, for time: Duration) async -> Claim {
        let milliseconds = time.wholeMilliseconds
        guard milliseconds > 0, admitsReads() else { return .unknown }
        let name = keys.claim(key)
        let commands = [
            RedisCommand(
                ["SET", name, token, "NX", "PX", "\(milliseconds)"], shape: .statusOrNull),
            RedisCommand(["GET", name], shape: .bytesOrNull),
        ]
        let start = ContinuousClock.now
        let outcome = await ask(commands, within: settings.readTimeout)
        metrics.took(.claim, start.duration(to: .now))
        if case .status = outcome.replies.first { return .granted }
        if outcome.replies.count == 2, let holder = outcome.replies[1].text {
            return holder == token ? .granted : .held(byToken: holder)
        }
        // It may have been granted without our knowing; others need not wait for its end.
        if outcome.failure != nil { release(key, token: token) }
        return .unknown
    }

    /// Ends the claim if it is still ours. Returns at once.
    package func release(_ key: String, token: String) {
        send(
            RedisCommand(
                ["EVAL", Self.releaseScript, "1", keys.claim(key), token], shape: .integer))
    }

    private static let releaseScript = """
        if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
        return 0
        """
}
