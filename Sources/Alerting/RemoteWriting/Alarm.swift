import Synchronization

/// Lets one task sleep until a time, or until another one rings.
final class Alarm: Sendable {
    private let state = Mutex(State.quiet)

    private enum State {
        case quiet
        /// Rung while nobody slept: the next sleep is over at once.
        case rung
        case awaited(CheckedContinuation<Void, Never>)
    }

    func ring() {
        let sleeper: CheckedContinuation<Void, Never>? = state.withLock { state in
            if case .awaited(let continuation) = state {
                state = .quiet
                return continuation
            }
            state = .rung
            return nil
        }
        sleeper?.resume()
    }

    /// Returns at `end` (never, where it is nil), when rung, or when the task is cancelled.
    func sleep(until end: ContinuousClock.Instant?) async {
        guard let end else { return await awaitRing() }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.ring(at: end) }
            await awaitRing()
            group.cancelAll()
        }
    }

    private func ring(at end: ContinuousClock.Instant) async {
        // Cancelled means that nobody sleeps any more.
        guard (try? await Task.sleep(until: end, clock: .continuous)) != nil else { return }
        ring()
    }

    private func awaitRing() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = state.withLock { state in
                    if case .rung = state {
                        state = .quiet
                        return true
                    }
                    state = .awaited(continuation)
                    return false
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }
}
