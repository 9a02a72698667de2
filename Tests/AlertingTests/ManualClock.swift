import Alerting
import Synchronization

/// A clock that goes where the test says, and tells when somebody waits for it.
final class ManualClock: Sendable {
    private struct Sleeper {
        var number: Int
        var until: Int64
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct Watcher {
        var after: Int64
        var continuation: CheckedContinuation<Int64, Never>
    }

    private struct State {
        var now: Int64
        var count = 0
        var sleepers: [Sleeper] = []
        var watchers: [Watcher] = []
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    init(_ now: Int64) { state = Mutex(State(now: now)) }

    var clock: AlertingClock {
        AlertingClock(
            now: { self.state.withLock { $0.now } }, sleep: { await self.sleep(until: $0) })
    }

    func advance(to time: Int64) {
        let due = state.withLock { state in
            state.now = time
            let due = state.sleepers.filter { $0.until <= time }
            state.sleepers.removeAll { $0.until <= time }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Waits until somebody sleeps until after a time; gives until when.
    func sleeper(after time: Int64) async -> Int64 {
        await withCheckedContinuation { continuation in
            let found: Int64? = state.withLock { state in
                if let sleeper = state.sleepers.first(where: { $0.until > time }) {
                    return sleeper.until
                }
                state.watchers.append(Watcher(after: time, continuation: continuation))
                return nil
            }
            if let found { continuation.resume(returning: found) }
        }
    }

    private func sleep(until time: Int64) async {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOver, woken) = state.withLock { state -> (Bool, [Watcher]) in
                    if state.cancelled.contains(number) || time <= state.now { return (true, []) }
                    state.sleepers.append(
                        Sleeper(number: number, until: time, continuation: continuation))
                    let woken = state.watchers.filter { $0.after < time }
                    state.watchers.removeAll { $0.after < time }
                    return (false, woken)
                }
                if isOver { continuation.resume() }
                for watcher in woken { watcher.continuation.resume(returning: time) }
            }
        } onCancel: {
            let sleeper: Sleeper? = state.withLock { state in
                state.cancelled.insert(number)
                guard let place = state.sleepers.firstIndex(where: { $0.number == number }) else {
                    return nil
                }
                return state.sleepers.remove(at: place)
            }
            sleeper?.continuation.resume()
        }
    }
}
