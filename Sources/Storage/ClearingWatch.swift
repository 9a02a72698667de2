import ServiceLifecycle
import Synchronization

/// Clears this gateway's memory when any gateway, or anybody, has cleared the Redis that they share.
package final class ClearingWatch: Service {
    private let epoch: @Sendable () async -> RedisStore.Epoch
    private let interval: Duration
    private let clear: @Sendable () async -> Void
    private let seen = Mutex<Seen>(.nothing)

    private enum Seen: Equatable {
        case nothing
        case token([UInt8]?)
    }

    /// Looks every `interval`, and calls `clear` after a clearing.
    package init(
        redis: RedisStore, interval: Duration = .seconds(1),
        clear: @escaping @Sendable () async -> Void
    ) {
        epoch = { await redis.epoch() }
        self.interval = interval
        self.clear = clear
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.look()
                // Cancelled means told to stop, which the loop sees.
                try? await Task.sleep(for: self.interval)
            }
        }
    }

    /// Looks once, now.
    package func look() async {
        guard case .known(let token) = await epoch() else { return }
        let isCleared = seen.withLock { seen in
            defer {
                // A server that has lost the token was not cleared for that: its next one differs.
                if token != nil || seen == .nothing { seen = .token(token) }
            }
            // At first nobody knows what was cleared between our start and now.
            return seen == .nothing ? token != nil : token != nil && seen != .token(token)
        }
        if isCleared { await clear() }
    }
}
