/// Whether a replica is asked. A pure machine: what happens and when is handed in, whether to ask
/// comes out.
///
/// It opens after some failures in a row, or for as long as the replica itself says
/// (`Retry-After`). Once that time is over, one request is let through as a trial: its success
/// closes the breaker, its failure opens it for twice as long.
package struct CircuitBreaker: Sendable {
    package struct Settings: Hashable, Sendable {
        /// How many failures in a row open it.
        package var failures: Int
        /// How long it is open at first.
        package var openTime: Duration
        /// The longest that it is open at a time.
        package var maximumOpenTime: Duration

        package init(failures: Int, openTime: Duration, maximumOpenTime: Duration) {
            self.failures = failures
            self.openTime = openTime
            self.maximumOpenTime = maximumOpenTime
        }
    }

    package typealias Instant = ContinuousClock.Instant

    /// Why a breaker is open, and until when nobody is let through.
    package struct Opening: Hashable, Sendable {
        /// The first of the failures in a row.
        package var since: Instant
        package var until: Instant
        package var failures: Int
        /// The last failure's sentence.
        package var reason: String
        /// How long it was open the last time.
        package var time: Duration
        /// Whether the replica itself has asked for it.
        package var isWanted = false
    }

    package enum State: Hashable, Sendable {
        /// So many failures in a row, the first of them at a time.
        case closed(failures: Int, since: Instant?)
        case open(Opening)
        /// A trial is under way.
        case halfOpen(Opening)
    }

    package enum Admission: Hashable, Sendable {
        case asked
        case trial
        case refused(Opening)
    }

    package private(set) var state = State.closed(failures: 0, since: nil)
    /// When something happened last.
    package private(set) var touchedAt: Instant

    package init(at now: Instant) { touchedAt = now }

    package var isClosed: Bool {
        if case .closed = state { true } else { false }
    }

    /// Whether it is as if nothing had ever failed.
    package var isAsNew: Bool { state == .closed(failures: 0, since: nil) }

    /// Whether a request is let through.
    package mutating func admit(at now: Instant) -> Admission {
        touchedAt = now
        switch state {
        case .closed: return .asked
        case .halfOpen(let opening): return .refused(opening)
        case .open(let opening) where now < opening.until: return .refused(opening)
        case .open(let opening):
            state = .halfOpen(opening)
            return .trial
        }
    }

    /// A request was answered. Of a replica that wants to be left alone, only a trial counts.
    package mutating func succeeded(isTrial: Bool) {
        if case .open(let opening) = state, opening.isWanted, !isTrial { return }
        state = .closed(failures: 0, since: nil)
    }

    /// A request has failed for the replica's sake.
    package mutating func failed(
        _ reason: String, isTrial: Bool, at now: Instant, _ settings: Settings
    ) {
        touchedAt = now
        switch state {
        case .closed(let before, let since):
            let failures = before + 1
            guard failures >= settings.failures else {
                state = .closed(failures: failures, since: since ?? now)
                return
            }
            state = .open(
                Opening(
                    since: since ?? now, until: now + settings.openTime, failures: failures,
                    reason: reason, time: settings.openTime))
        case .halfOpen(var opening) where isTrial:
            opening.time = min(opening.time * 2, settings.maximumOpenTime)
            opening.until = now + opening.time
            opening.failures += 1
            opening.reason = reason
            opening.isWanted = false
            state = .open(opening)
        // What was asked before it opened says nothing new.
        case .halfOpen, .open: break
        }
    }

    /// The replica says that it is not to be asked for a while.
    package mutating func held(
        for time: Duration, _ reason: String, isTrial: Bool, at now: Instant,
        _ settings: Settings
    ) {
        touchedAt = now
        let until = now + time
        switch state {
        case .closed(let failures, let since):
            state = .open(
                Opening(
                    since: since ?? now, until: until, failures: failures + 1, reason: reason,
                    time: settings.openTime, isWanted: true))
        case .open(var opening):
            opening.until = max(opening.until, until)
            state = .open(opening)
        case .halfOpen(var opening):
            opening.until = max(opening.until, until)
            opening.reason = reason
            opening.isWanted = true
            state = isTrial ? .open(opening) : .halfOpen(opening)
        }
    }

    /// A request ended without saying anything about the replica. The next one may be the trial.
    package mutating func toldNothing(isTrial: Bool) {
        guard isTrial, case .halfOpen(let opening) = state else { return }
        state = .open(opening)
    }
}
