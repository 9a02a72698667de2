import ControlPlane
import Synchronization

/// A clock that a test moves. Whoever sleeps by it wakes when its time has come, or when cancelled.
final class ManualClock: Sendable {
    private struct State {
        /// Milliseconds since the Unix epoch.
        var now: Int64 = 1_700_000_000_000
        var sleepers: [Int: Sleeper] = [:]
        var lastNumber = 0
        /// Those that were cancelled before they slept.
        var cancelled: Set<Int> = []
        /// Who waits until so many sleep.
        var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private struct Sleeper {
        var end: Int64
        var continuation: CheckedContinuation<Void, Never>
    }

    private let state = Mutex(State())

    var now: Int64 { state.withLock { $0.now } }

    /// For whom it is the time.
    var clock: ControlPlaneClock {
        ControlPlaneClock(now: { self.now }, sleep: { await self.sleep(until: $0) })
    }

    /// Moves the time, and wakes those whose time has come.
    func move(_ milliseconds: Int64) {
        let woken = state.withLock { state in
            state.now += milliseconds
            let due = state.sleepers.filter { $0.value.end <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Waits until so many sleep at least: then nothing goes on but by the clock.
    func settled(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isSettled { continuation.resume() }
        }
    }

    private func sleep(until end: Int64) async {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let woken: [CheckedContinuation<Void, Never>] = state.withLock { state in
                    if end <= state.now || state.cancelled.remove(number) != nil {
                        return [continuation]
                    }
                    state.sleepers[number] = Sleeper(end: end, continuation: continuation)
                    let count = state.sleepers.count
                    let served = state.waiting.filter { $0.count <= count }
                    state.waiting.removeAll { $0.count <= count }
                    return served.map(\.continuation)
                }
                for continuation in woken { continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: number)
                if sleeper == nil { state.cancelled.insert(number) }
                return sleeper
            }
            sleeper?.continuation.resume()
        }
    }
}
