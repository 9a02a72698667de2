import Clusters
import Metrics
import Synchronization

/// Lets queries run, or wait for their turn, or refuses them: `AdmissionQueue` with tasks and a
/// clock. Who need not wait costs a lock and no task.
package final class Admission: Sendable {
    private struct State: Sendable {
        var queue: AdmissionQueue
        var lastNumber = 0
        var waiting: [Int: Slot] = [:]
        /// How long queries run of late, seconds: an average in which each counts for a sixteenth.
        var usualSeconds = 0.1
    }

    /// Somebody who waits.
    private struct Slot: Sendable {
        var verdict: Verdict?
        var continuation: CheckedContinuation<Verdict, Never>?
    }

    private enum Verdict: Sendable {
        case turn
        case pushedOut
        case gone
    }

    private let state: Mutex<State>
    private let limits: QueryLimits
    private let metrics = AdmissionMetrics()

    package init(_ limits: QueryLimits) {
        self.limits = limits
        state = Mutex(
            State(
                queue: AdmissionQueue(
                    .init(
                        running: limits.concurrent, cost: limits.concurrentCost,
                        waiting: limits.queued))))
    }

    /// How many run and how many wait.
    package var counts: (running: Int, waiting: Int) {
        state.withLock { ($0.queue.runningCount, $0.queue.waitingCount) }
    }

    /// A place among those that run; it is left when nobody holds it any more.
    package final class Place: Sendable {
        private let admission: Admission
        private let number: Int
        private let start = ContinuousClock.now

        fileprivate init(_ admission: Admission, _ number: Int) {
            self.admission = admission
            self.number = number
        }

        deinit { admission.leave(number, after: start.duration(to: .now)) }
    }

    /// Returns when it is the query's turn: at once, mostly. Nil for the gateway's own queries: what
    /// alerts are made of does not wait for dashboards.
    package func enter(
        cost: Int, by deadline: ContinuousClock.Instant
    ) async throws(QueryFailure) -> Place? {
        guard let client = QueryClient.current else { return nil }
        let arrival = arrive(.init(client: client, cost: cost))
        switch arrival.decision {
        case .runs: break
        case .refused:
            throw refusal(
                .queued,
                "\(limits.queued) queries wait already (\(LimitName.queued.key)) and "
                    + "\(limits.concurrent) run (\(LimitName.concurrent.key))")
        case .waits: try await wait(arrival.number, until: deadline)
        }
        metrics.running.increment()
        let place = Place(self, arrival.number)
        if Task.isCancelled { throw .cancelled }
        return place
    }

    private func arrive(
        _ arrival: AdmissionQueue.Arrival
    ) -> (number: Int, decision: AdmissionQueue.Decision) {
        let (number, decision, loser) = state.withLock { state in
            state.lastNumber += 1
            let number = state.lastNumber
            let outcome = state.queue.arrive(number, arrival)
            if outcome.decision == .waits { state.waiting[number] = Slot() }
            return (
                number, outcome.decision,
                outcome.pushedOut.flatMap { Self.decide(.pushedOut, $0, &state) }
            )
        }
        loser?.resume(returning: .pushedOut)
        return (number, decision)
    }

    /// Notes what becomes of somebody who waits; returns whom to tell.
    private static func decide(
        _ verdict: Verdict, _ number: Int, _ state: inout State
    ) -> CheckedContinuation<Verdict, Never>? {
        state.waiting[number]?.verdict = verdict
        return state.waiting[number]?.continuation.take()
    }

    private static func decide(
        _ turns: [Int], _ state: inout State
    ) -> [CheckedContinuation<Verdict, Never>] {
        turns.compactMap { decide(.turn, $0, &state) }
    }

    private func leave(_ number: Int, after duration: Duration) {
        metrics.running.decrement()
        let next = state.withLock { state in
            state.usualSeconds += (duration / .seconds(1) - state.usualSeconds) / 16
            return Self.decide(state.queue.leave(number), &state)
        }
        for waiter in next { waiter.resume(returning: .turn) }
    }

    // MARK: Refusing

    private func refusal(_ limit: LimitName, _ reason: String) -> QueryFailure {
        metrics.refused(limit)
        return .overloaded("the gateway is overloaded: \(reason)", retryAfter: retryAfter)
    }

    /// When those that wait now have had their turn, about; whole seconds.
    private var retryAfter: Int {
        let seconds = state.withLock { state in
            state.usualSeconds * Double(state.queue.waitingCount)
                / Double(max(1, limits.concurrent))
        }
        return Int(min(60, max(1, seconds.rounded(.up))))
    }

    // MARK: Waiting

    private func wait(
        _ number: Int, until deadline: ContinuousClock.Instant
    ) async throws(QueryFailure) {
        let start = ContinuousClock.now
        let longest = DurationText.text(milliseconds: limits.queueWait.wholeMilliseconds)
        metrics.waiting.increment()
        let end = min(deadline, start + limits.queueWait)
        // A timer costs more than all else here, but who waits is not in a hurry.
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.turn(of: number) }
            group.addTask { await Self.sleep(until: end) }
            await group.next()
            group.cancelAll()
        }
        metrics.waiting.decrement()
        metrics.waited.recordNanoseconds(Int64(start.duration(to: .now) / .nanoseconds(1)))
        let verdict = state.withLock { $0.waiting.removeValue(forKey: number)?.verdict }
        switch verdict {
        case .turn: return
        case .pushedOut:
            throw refusal(
                .queued,
                "\(limits.queued) queries wait (\(LimitName.queued.key)), more of them this "
                    + "client's than others'")
        case .gone, nil:
            if Task.isCancelled { throw .cancelled }
            let limit: LimitName = end < deadline ? .queueWait : .concurrent
            let bound =
                end < deadline
                ? "\(LimitName.queueWait.key) is \(longest)" : "its timeout is over"
            throw refusal(
                limit,
                "\(limits.concurrent) queries run (\(LimitName.concurrent.key)), and this one was "
                    + "not begun in time: \(bound)")
        }
    }

    private func turn(of number: Int) async {
        _ = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let verdict: Verdict? = state.withLock { state in
                    guard let slot = state.waiting[number] else { return .gone }
                    if let verdict = slot.verdict { return verdict }
                    state.waiting[number]?.continuation = continuation
                    return nil
                }
                if let verdict { continuation.resume(returning: verdict) }
            }
        } onCancel: {
            giveUp(number)
        }
    }

    private static func sleep(until deadline: ContinuousClock.Instant) async {
        // Cancelled is as good as over.
        try? await Task.sleep(until: deadline, clock: .continuous)
    }

    private func giveUp(_ number: Int) {
        let (own, others) = state.withLock { state in
            // Whose turn it is already keeps it.
            guard let slot = state.waiting[number], slot.verdict == nil else {
                return (
                    CheckedContinuation<Verdict, Never>?.none,
                    [CheckedContinuation<Verdict, Never>]()
                )
            }
            let own = Self.decide(.gone, number, &state)
            return (own, Self.decide(state.queue.withdraw(number), &state))
        }
        own?.resume(returning: .gone)
        for waiter in others { waiter.resume(returning: .turn) }
    }
}

/// What is measured of admission; the rows are in `FederationMetric`.
private struct AdmissionMetrics: Sendable {
    let running = Meter(label: FederationMetric.running.name)
    let waiting = Meter(label: FederationMetric.waiting.name)
    let waited = Timer(label: FederationMetric.waited.name)

    func refused(_ limit: LimitName) {
        Counter(
            label: FederationMetric.overloads.name, dimensions: [("limit", limit.rawValue)]
        ).increment()
    }
}
