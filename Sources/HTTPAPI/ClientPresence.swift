import Synchronization

/// Whether the client of a connection is still there to take an answer.
final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        /// Requests of a connection are answered one after another: at most one waits.
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    /// Where the client is, without its port; nil where that is not known.
    let address: String?

    init(address: String? = nil) { self.address = address }

    /// Notes that the client has closed the connection, or its half of it.
    func leave() {
        let waiter = state.withLock { state in
            state.isGone = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    /// Returns when the client leaves, or the task is cancelled.
    func departure() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A cancellation from here on finds the waiter, one before is seen here.
                let isOver = state.withLock { state in
                    if state.isGone || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiter.take() }?.resume()
        }
    }
}
