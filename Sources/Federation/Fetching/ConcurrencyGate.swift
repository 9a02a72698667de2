import Clusters
import Synchronization

/// Lets so many questions at a time through to a cluster; the others wait in the order in which they
/// came.
package final class ConcurrencyGate: Sendable {
    private struct State: Sendable {
        var limit: Int
        var busy = 0
        var lastNumber = 0
        /// In order; a waiter that gave up is no longer among them.
        var waiters: [Waiter] = []
        /// Waiters that gave up before they had begun to wait.
        var gone: Set<Int> = []
    }

    private struct Waiter: Sendable {
        var number: Int
        /// Resumed with whether it is the waiter's turn.
        var continuation: CheckedContinuation<Bool, Never>
    }

    private let state: Mutex<State>

    package init(limit: Int) { state = Mutex(State(limit: limit)) }

    /// Changes the limit; what is under way stays under way.
    package func setLimit(_ limit: Int) {
        resume(
            state.withLock { state in
                state.limit = limit
                return Self.next(&state)
            })
    }

    /// Does something in a place of its own. Throws `NoPlace` where there is none by the
    /// deadline.
    package func withPlace<Result>(
        by deadline: ContinuousClock.Instant, _ body: () async throws -> Result
    ) async throws -> Result {
        if !takesPlace() {
            guard await waited(until: deadline) else {
                if Task.isCancelled { throw CancellationError() }
                let limit = state.withLock { $0.limit }
                throw NoPlace(limit: limit)
            }
        }
        defer { leavePlace() }
        return try await body()
    }

    /// Takes a place of its own, which has to be left; false where there is none by the deadline.
    func enters(by deadline: ContinuousClock.Instant) async -> Bool {
        if takesPlace() { return true }
        return await waited(until: deadline)
    }

    /// Leaves a place that was entered.
    func leave() { leavePlace() }

    /// How many wait for their turn.
    package var waitingCount: Int { state.withLock { $0.waiters.count } }

    private func takesPlace() -> Bool {
        state.withLock { state in
            guard state.busy < state.limit, state.waiters.isEmpty else { return false }
            state.busy += 1
            return true
        }
    }

    private func leavePlace() {
        resume(
            state.withLock { state in
                state.busy -= 1
                return Self.next(&state)
            })
    }

    /// The waiters whose turn it is, their places taken.
    private static func next(_ state: inout State) -> [Waiter] {
        let count = min(max(state.limit - state.busy, 0), state.waiters.count)
        let turn = Array(state.waiters.prefix(count))
        state.waiters.removeFirst(count)
        state.busy += count
        return turn
    }

    private func resume(_ waiters: [Waiter]) {
        for waiter in waiters { waiter.continuation.resume(returning: true) }
    }

    // MARK: Waiting

    /// Whether it became the caller's turn by the deadline.
    private func waited(until deadline: ContinuousClock.Instant) async -> Bool {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        // A timer costs more than all else here, but who waits is not in a hurry.
        let isTurn = await withTaskGroup(of: Bool?.self) { group in
            group.addTask { await self.turn(of: number) }
            group.addTask { await Self.end(at: deadline) }
            var isTurn = false
            for await event in group {
                if let event { isTurn = event }
                group.cancelAll()
            }
            return isTurn
        }
        state.withLock { _ = $0.gone.remove(number) }
        return isTurn
    }

    private func turn(of number: Int) async -> Bool? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enter(Waiter(number: number, continuation: continuation))
            }
        } onCancel: {
            giveUp(number)
        }
    }

    private static func end(at deadline: ContinuousClock.Instant) async -> Bool? {
        // Cancelled is as good as over.
        try? await Task.sleep(until: deadline, clock: .continuous)
        return nil
    }

    private func enter(_ waiter: Waiter) {
        let isTurn: Bool? = state.withLock { state in
            if state.gone.remove(waiter.number) != nil { return false }
            if state.busy < state.limit, state.waiters.isEmpty {
                state.busy += 1
                return true
            }
            state.waiters.append(waiter)
            return nil
        }
        if let isTurn { waiter.continuation.resume(returning: isTurn) }
    }

    private func giveUp(_ number: Int) {
        let waiter: Waiter? = state.withLock { state in
            guard let place = state.waiters.firstIndex(where: { $0.number == number }) else {
                // It has not begun to wait, or it is its turn already: then nobody asks.
                state.gone.insert(number)
                return nil
            }
            return state.waiters.remove(at: place)
        }
        waiter?.continuation.resume(returning: false)
    }
}

/// It did not become one's turn in time.
package struct NoPlace: Error, Hashable, Sendable {
    package var limit: Int

    package init(limit: Int) { self.limit = limit }

    /// One sentence for people.
    var message: String {
        "\(limit) requests to it were under way all the time (max_concurrent_requests)"
    }
}

/// The gates of all clusters.
final class ConcurrencyGates: Sendable {
    private let gates = Mutex<[ClusterID: ConcurrencyGate]>([:])

    /// The gate of a cluster, with the limit that its file says now.
    func gate(of cluster: Cluster) -> ConcurrencyGate {
        let limit = cluster.prometheus.maximumConcurrentRequests
        let gate = gates.withLock { gates in
            let known = gates[cluster.id] ?? ConcurrencyGate(limit: limit)
            gates[cluster.id] = known
            return known
        }
        gate.setLimit(limit)
        return gate
    }
}
