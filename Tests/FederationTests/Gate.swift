import Synchronization

/// Something to wait for: open at once, or when so many have arrived.
final class Gate: Sendable {
    private struct State: Sendable {
        var isOpen = false
        var arrivals = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var lastNumber = 0
        var gone: Set<Int> = []
    }

    private let state = Mutex(State())
    private let opensAt: Int

    init(opensAt count: Int = .max) { opensAt = count }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Counts an arrival and waits for the others.
    func arrived() async {
        let isLast = state.withLock { state in
            state.arrivals += 1
            return state.arrivals >= opensAt
        }
        if isLast { open() }
        await passed()
    }

    /// Waits until it is open, or until the task is cancelled.
    func passed() async {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let passes = state.withLock { state in
                    if state.isOpen || state.gone.contains(number) { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if passes { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.gone.insert(number)
                return state.waiters.removeValue(forKey: number)
            }
            waiter?.resume()
        }
    }
}

/// A number that tasks count up.
final class Tally: Sendable {
    private let number = Mutex(0)

    var value: Int { number.withLock { $0 } }

    func add() { number.withLock { $0 += 1 } }

    func subtract() { number.withLock { $0 -= 1 } }
}
