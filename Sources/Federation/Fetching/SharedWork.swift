import ServiceLifecycle
import Synchronization
import Tracing
import Upstream

/// Work that several may wait for. However many ask for the same at the same time, it is done once,
/// and what comes of it goes to all of them.
///
/// The work is done by this service, not by whoever asked first: when the first leaves, the others
/// still get the result, and only when the last has left is the work given up.
///
/// In traces the work belongs to the span of whoever asked first; those of the others are linked to
/// it.
package final class SharedWork<Subject: Hashable & Sendable, Value: Sendable>:
    ServiceLifecycle.Service
{
    package typealias Work = @Sendable () async -> Value

    /// A result, and whether somebody else had asked for it already.
    package struct Shared: Sendable {
        package var value: Value
        package var isJoined: Bool
    }

    /// Work under way.
    private struct Flight: Sendable {
        var number: Int
        /// When it is given up.
        var deadline: ContinuousClock.Instant
        /// Where in a trace the work is; nil outside of any.
        var context: ServiceContext?
        var waiters: [Int: CheckedContinuation<Value, Never>] = [:]
        /// Ends the work when nobody waits any more.
        var abandonment: AsyncStream<Never>.Continuation
    }

    /// What the service is to do.
    private struct Departure: Sendable {
        var subject: Subject
        var number: Int
        var work: Work
        var abandoned: AsyncStream<Never>
        var context: ServiceContext?
    }

    private struct State: Sendable {
        /// Whether the service runs; before and after, each asks for itself.
        var isOpen = false
        var flights: [Subject: Flight] = [:]
        /// Flights that later ones have taken the place of, by number.
        var replaced: [Int: Flight] = [:]
        /// How many wait for a result.
        var waiterCount = 0
        /// Waiters that left before they had begun to wait.
        var gone: Set<Int> = []
        var lastNumber = 0
    }

    private let state = Mutex(State())
    private let departures: AsyncStream<Departure>
    private let gate: AsyncStream<Departure>.Continuation
    /// What whoever leaves gets.
    private let cancelled: Value
    /// Whether a value means that the time was over.
    private let isTimeout: @Sendable (Value) -> Bool
    /// Told how many wait, when that changes.
    private let noting: @Sendable (Int) -> Void

    /// `cancelled` is what whoever leaves gets; `isTimeout` tells whether a value means that the
    /// time was over. `noting` is told how many wait, when that changes.
    package init(
        cancelled: Value, isTimeout: @escaping @Sendable (Value) -> Bool,
        noting: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.cancelled = cancelled
        self.isTimeout = isTimeout
        self.noting = noting
        (departures, gate) = AsyncStream.makeStream()
    }

    package func run() async {
        state.withLock { $0.isOpen = true }
        await cancelWhenGracefulShutdown { [self] in
            await withDiscardingTaskGroup { group in
                for await departure in departures {
                    group.addTask { await self.fly(departure) }
                }
                group.cancelAll()
            }
        }
        close()
    }

    /// Nobody is left waiting for a service that has ended.
    private func close() {
        let waiters = state.withLock { state in
            state.isOpen = false
            let flights = Array(state.flights.values) + Array(state.replaced.values)
            state.flights = [:]
            state.replaced = [:]
            count(-state.waiterCount, in: &state)
            return flights.flatMap(\.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: cancelled) }
    }

    // MARK: Asking

    /// What comes of the work, which is under way already or is begun now. It ends by the deadline.
    package func value(
        of subject: Subject, by deadline: ContinuousClock.Instant, _ work: @escaping Work
    ) async -> Shared {
        while true {
            guard state.withLock({ $0.isOpen }) else {
                return Shared(value: await work(), isJoined: false)
            }
            let waiter = state.withLock { state in
                state.lastNumber += 1
                return state.lastNumber
            }
            let asking = Asking(
                subject: subject, deadline: deadline, work: work, number: waiter, joined: Joined(),
                context: ServiceContext.current)
            let value = await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in enter(asking, continuation) }
            } onCancel: {
                leave(subject, waiter: waiter)
            }
            // Who is cancelled after the answer has come has not left before it.
            state.withLock { _ = $0.gone.remove(waiter) }
            let joined = asking.joined.deadline
            if let context = asking.joined.context {
                ServiceContext.current?.clientSpan?.addLink(
                    SpanLink(context: context, attributes: [:]))
            }
            let shared = Shared(value: value, isJoined: joined != nil)
            // Who joined work of less patience has time to begin it again.
            guard let end = joined, isTimeout(value), end < deadline,
                ContinuousClock.now + leastTime < deadline, !Task.isCancelled
            else { return shared }
        }
    }

    /// Begins the work where it is not under way, and does not wait for it. Nothing is begun while
    /// the service does not run.
    package func begin(
        _ subject: Subject, by deadline: ContinuousClock.Instant, _ work: @escaping Work
    ) {
        let departure: Departure? = state.withLock { state in
            guard state.isOpen, state.flights[subject] == nil else { return nil }
            state.lastNumber += 1
            let (abandoned, abandonment) = AsyncStream<Never>.makeStream()
            state.flights[subject] = Flight(
                number: state.lastNumber, deadline: deadline, abandonment: abandonment)
            return Departure(
                subject: subject, number: state.lastNumber, work: work, abandoned: abandoned)
        }
        if let departure { gate.yield(departure) }
    }

    /// It is not worth beginning again for less.
    private let leastTime = Duration.milliseconds(20)

    /// Somebody who asks for work.
    private struct Asking: Sendable {
        var subject: Subject
        var deadline: ContinuousClock.Instant
        var work: Work
        var number: Int
        var joined: Joined
        var context: ServiceContext?
    }

    /// Which work a waiter has joined.
    private final class Joined: Sendable {
        private struct Other: Sendable {
            var deadline: ContinuousClock.Instant
            var context: ServiceContext?
        }

        private let other = Mutex<Other?>(nil)

        /// When the work is given up; nil for the waiter's own.
        var deadline: ContinuousClock.Instant? { other.withLock { $0?.deadline } }

        /// Where in a trace the work is; nil for the waiter's own.
        var context: ServiceContext? { other.withLock { $0?.context } }

        func join(until deadline: ContinuousClock.Instant, _ context: ServiceContext?) {
            other.withLock { $0 = Other(deadline: deadline, context: context) }
        }
    }

    /// What becomes of who asks.
    private enum Step: Sendable {
        case cancelled
        case joined
        case departs(Departure)
    }

    private func enter(_ asking: Asking, _ continuation: CheckedContinuation<Value, Never>) {
        let (subject, number) = (asking.subject, asking.number)
        let step: Step = state.withLock { state in
            if state.gone.remove(number) != nil || !state.isOpen { return .cancelled }
            count(1, in: &state)
            // Work that ends much later than this waiter may is none to wait for.
            if let flight = state.flights[subject],
                flight.deadline <= asking.deadline + Self.grace(until: asking.deadline)
            {
                state.flights[subject]?.waiters[number] = continuation
                asking.joined.join(until: flight.deadline, flight.context)
                return .joined
            }
            if let other = state.flights[subject] { state.replaced[other.number] = other }
            let (abandoned, abandonment) = AsyncStream<Never>.makeStream()
            state.flights[subject] = Flight(
                number: number, deadline: asking.deadline, context: asking.context,
                waiters: [number: continuation], abandonment: abandonment)
            return .departs(
                Departure(
                    subject: subject, number: number, work: asking.work, abandoned: abandoned,
                    context: asking.context))
        }
        switch step {
        case .cancelled: continuation.resume(returning: cancelled)
        case .joined: break
        case .departs(let departure): gate.yield(departure)
        }
    }

    /// By how much work may end later than who joins it wanted: a twentieth of the time that is left.
    ///
    /// Of those who ask at the same time with the same patience, the one with the later deadline may be
    /// the first to get here.
    private static func grace(until deadline: ContinuousClock.Instant) -> Duration {
        min(.seconds(1), max(.zero, ContinuousClock.now.duration(to: deadline) / 20))
    }

    /// Who is to be told that somebody leaves.
    private struct Leaving: Sendable {
        var waiter: CheckedContinuation<Value, Never>?
        var abandonment: AsyncStream<Never>.Continuation?
    }

    private func leave(_ subject: Subject, waiter: Int) {
        let leaving: Leaving = state.withLock { state in
            if let found = state.flights[subject]?.waiters.removeValue(forKey: waiter) {
                count(-1, in: &state)
                guard state.flights[subject]?.waiters.isEmpty == true else {
                    return Leaving(waiter: found)
                }
                let flight = state.flights.removeValue(forKey: subject)
                return Leaving(waiter: found, abandonment: flight?.abandonment)
            }
            for (number, flight) in state.replaced {
                guard let found = flight.waiters[waiter] else { continue }
                state.replaced[number]?.waiters[waiter] = nil
                count(-1, in: &state)
                guard state.replaced[number]?.waiters.isEmpty == true else {
                    return Leaving(waiter: found)
                }
                state.replaced[number] = nil
                return Leaving(waiter: found, abandonment: flight.abandonment)
            }
            state.gone.insert(waiter)
            return Leaving()
        }
        leaving.abandonment?.finish()
        leaving.waiter?.resume(returning: cancelled)
    }

    /// Counts waiters. It is told under the lock, lest an older number be told after a newer one.
    private func count(_ change: Int, in state: inout State) {
        state.waiterCount += change
        noting(state.waiterCount)
    }

    // MARK: Under way

    private enum Event: Sendable {
        case done(Value)
        case abandoned
    }

    private func fly(_ departure: Departure) async {
        let value = await withTaskGroup(of: Event.self) { group in
            group.addTask { await Self.result(of: departure) }
            group.addTask { await Self.abandonment(of: departure) }
            var value = cancelled
            for await event in group {
                if case .done(let result) = event { value = result }
                // Whichever is first ends the other.
                group.cancelAll()
            }
            return value
        }
        for waiter in landed(departure) { waiter.resume(returning: value) }
    }

    private static func result(of departure: Departure) async -> Event {
        .done(
            await ServiceContext.$current.withValue(departure.context) { await departure.work() })
    }

    private static func abandonment(of departure: Departure) async -> Event {
        for await _ in departure.abandoned {}
        return .abandoned
    }

    private func landed(_ departure: Departure) -> [CheckedContinuation<Value, Never>] {
        state.withLock { state in
            let isCurrent = state.flights[departure.subject]?.number == departure.number
            let flight =
                isCurrent
                ? state.flights.removeValue(forKey: departure.subject)
                : state.replaced.removeValue(forKey: departure.number)
            let waiters = flight.map { Array($0.waiters.values) } ?? []
            count(-waiters.count, in: &state)
            return waiters
        }
    }

    /// Whether the service runs.
    package var isOpen: Bool { state.withLock { $0.isOpen } }

    /// How many wait for a result.
    package var waiterCount: Int { state.withLock { $0.waiterCount } }

    /// How much work is under way.
    package var count: Int { state.withLock { $0.flights.count + $0.replaced.count } }
}
