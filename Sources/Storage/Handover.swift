import Synchronization

/// One value that a thread gives and one task waits for. The first value given is the one.
package final class Handover<Value: Sendable>: Sendable {
    private let state = Mutex(State.open)

    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        /// Given before it was awaited.
        case given(Value)
        case over
    }

    package init() {}

    package func give(_ value: Value) {
        let waiting: CheckedContinuation<Value, Never>? = state.withLock { state in
            switch state {
            case .open:
                state = .given(value)
                return nil
            case .awaited(let continuation):
                state = .over
                return continuation
            case .given, .over: return nil
            }
        }
        waiting?.resume(returning: value)
    }

    /// Waits for the value; a cancelled task gets another one at once.
    package func value(ifCancelled fallback: Value) async -> Value {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let given: Value? = state.withLock { state in
                    guard case .given(let value) = state else {
                        state = .awaited(continuation)
                        return nil
                    }
                    state = .over
                    return value
                }
                if let given { continuation.resume(returning: given) }
            }
        } onCancel: {
            give(fallback)
        }
    }
}
