import Synchronization

/// How much waits to be written, within bounds.
final class WriteBudget: Sendable {
    private let maximumEntries: Int
    private let maximumBytes: Int
    private let state = Mutex(State())

    private struct State {
        var entries = 0
        var bytes = 0
        var waitingForNone: [CheckedContinuation<Void, Never>] = []
    }

    init(maximumEntries: Int, maximumBytes: Int) {
        self.maximumEntries = maximumEntries
        self.maximumBytes = maximumBytes
    }

    var bytes: Int { state.withLock { $0.bytes } }

    /// Whether there is room for one more entry, which then counts.
    func reserve(bytes: Int) -> Bool {
        state.withLock { state in
            guard state.entries < maximumEntries, state.bytes + bytes <= maximumBytes else {
                return false
            }
            state.entries += 1
            state.bytes += bytes
            return true
        }
    }

    /// An entry is written or dropped.
    func release(bytes: Int) {
        let waiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
            state.entries -= 1
            state.bytes -= bytes
            guard state.entries == 0 else { return [] }
            defer { state.waitingForNone = [] }
            return state.waitingForNone
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until nothing waits to be written.
    func emptied() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.entries > 0 { state.waitingForNone.append(continuation) }
                return state.entries == 0
            }
            if isEmpty { continuation.resume() }
        }
    }
}
