import Synchronization

/// Wakes the one task that waits for it. A ring that nobody waits for is heard by the next who does.
final class Bell: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func ring() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard let waiter = state.waiter else {
                state.isRung = true
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns at the next ring, or when the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isHeard = state.withLock { state in
                    precondition(state.waiter == nil, "a bell wakes one task")
                    defer { state.isRung = false }
                    if !state.isRung { state.waiter = continuation }
                    return state.isRung
                }
                if isHeard { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }

    /// Returns at `end` (never, where it is nil), at the next ring, or when the task is cancelled.
    func wait(until end: ContinuousClock.Instant?) async {
        guard let end else { return await wait() }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.ring(at: end) }
            await wait()
            group.cancelAll()
        }
    }

    private func ring(at end: ContinuousClock.Instant) async {
        // Cancelled means that nobody waits any more.
        guard (try? await Task.sleep(until: end, clock: .continuous)) != nil else { return }
        ring()
    }
}
