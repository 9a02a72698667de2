import Synchronization

/// Keeps callers from a server that does not answer: after some failures in a row nobody asks for
/// a while, then one does to see.
package final class Breaker: Sendable {
    private let settings: Settings
    private let now: @Sendable () -> ContinuousClock.Instant
    private let observe: @Sendable (Change) -> Void
    private let state = Mutex(State.closed(failures: 0))

    package struct Settings: Hashable, Sendable {
        /// So many failures in a row open it.
        package var failures = 5
        /// So long nobody asks.
        package var pause: Duration = .seconds(5)

        package init() {}
    }

    package enum Change: Sendable {
        case opened(StorageFailure)
        case closed
    }

    private enum State {
        case closed(failures: Int)
        /// Nobody asks until then; who comes first after it, tries.
        case open(until: ContinuousClock.Instant)
    }

    /// `observe` is told of each change, one after another.
    package init(
        _ settings: Settings = Settings(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        observe: @escaping @Sendable (Change) -> Void = { _ in }
    ) {
        self.settings = settings
        self.now = now
        self.observe = observe
    }

    package var isOpen: Bool { state.withLock { if case .open = $0 { true } else { false } } }

    /// Whether the caller may ask.
    package func admits() -> Bool {
        state.withLock { state in
            guard case .open(let end) = state else { return true }
            let now = now()
            guard end <= now else { return false }
            // A trial of which nothing is heard again is followed by another one.
            state = .open(until: now.advanced(by: settings.pause))
            return true
        }
    }

    package func succeeded() {
        state.withLock { state in
            if case .open = state { observe(.closed) }
            state = .closed(failures: 0)
        }
    }

    package func failed(_ failure: StorageFailure) {
        state.withLock { state in
            switch state {
            case .closed(let failures) where failures + 1 < settings.failures:
                state = .closed(failures: failures + 1)
            case .closed:
                state = .open(until: now().advanced(by: settings.pause))
                observe(.opened(failure))
            case .open:
                state = .open(until: now().advanced(by: settings.pause))
            }
        }
    }
}
