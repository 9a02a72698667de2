import Clusters
import Synchronization

/// The breakers of all replicas that have failed of late. One that has not failed has none.
final class Breakers: Sendable {
    private let settings: UpstreamSettings
    private let now: @Sendable () -> ContinuousClock.Instant
    private let metrics: UpstreamMetrics
    private let breakers = Mutex<[ReplicaKey: CircuitBreaker]>([:])

    /// After so long without a request a breaker is forgotten: the replica may be gone from the
    /// inventory.
    private static let forgottenAfter = Duration.seconds(900)

    init(
        _ settings: UpstreamSettings, metrics: UpstreamMetrics,
        now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.settings = settings
        self.metrics = metrics
        self.now = now
    }

    private var rules: CircuitBreaker.Settings {
        .init(
            failures: settings.breakerFailures, openTime: settings.breakerOpenTime,
            maximumOpenTime: max(settings.breakerOpenTime, settings.breakerMaximumOpenTime))
    }

    /// Whether a replica is asked, and as what; a refusal is the failure to be told.
    func admit(_ key: ReplicaKey) -> Admission {
        let now = now()
        let admission: CircuitBreaker.Admission = breakers.withLock { breakers in
            breakers[key]?.admit(at: now) ?? .asked
        }
        switch admission {
        case .asked: return .asked(isTrial: false)
        case .trial:
            metrics.breaker(key, is: .halfOpen)
            return .asked(isTrial: true)
        case .refused(let opening):
            metrics.breakerRefused(key.cluster)
            return .refused(Self.error(key, opening, now))
        }
    }

    enum Admission {
        case asked(isTrial: Bool)
        case refused(UpstreamError)
    }

    private static func error(
        _ key: ReplicaKey, _ opening: CircuitBreaker.Opening, _ now: ContinuousClock.Instant
    ) -> UpstreamError {
        UpstreamError(
            kind: .open(
                .init(
                    failures: opening.failures, isWanted: opening.isWanted,
                    for: opening.since.duration(to: now),
                    remaining: max(.zero, now.duration(to: opening.until)),
                    reason: opening.reason)),
            replica: ServiceAddress.shown(key.replica))
    }

    func succeeded(_ key: ReplicaKey, isTrial: Bool) {
        let isNew = change(key) { breaker in breaker?.succeeded(isTrial: isTrial) }
        if isNew { metrics.breaker(key, is: .closed) }
    }

    func failed(_ key: ReplicaKey, _ reason: String, isTrial: Bool) {
        let now = now()
        let isNew = change(key) { breaker in
            var changed = breaker ?? CircuitBreaker(at: now)
            changed.failed(reason, isTrial: isTrial, at: now, rules)
            breaker = changed
        }
        if isNew { opened(key) }
        forgetOld(now)
    }

    func held(_ key: ReplicaKey, for time: Duration, _ reason: String, isTrial: Bool) {
        let now = now()
        let isNew = change(key) { breaker in
            var changed = breaker ?? CircuitBreaker(at: now)
            changed.held(for: time, reason, isTrial: isTrial, at: now, rules)
            breaker = changed
        }
        if isNew { opened(key) }
        forgetOld(now)
    }

    private func opened(_ key: ReplicaKey) {
        metrics.breakerOpened(key.cluster)
        metrics.breaker(key, is: .open)
    }

    func toldNothing(_ key: ReplicaKey, isTrial: Bool) {
        guard isTrial else { return }
        let isNew = change(key) { breaker in breaker?.toldNothing(isTrial: true) }
        if isNew { metrics.breaker(key, is: .open) }
    }

    /// Makes a transition; a breaker that is as new is let go. Returns whether it is another state.
    private func change(
        _ key: ReplicaKey, _ transition: (inout CircuitBreaker?) -> Void
    ) -> Bool {
        breakers.withLock { breakers in
            let before = breakers[key]?.kind ?? .closed
            transition(&breakers[key])
            let after = breakers[key]?.kind ?? .closed
            if breakers[key]?.isAsNew == true { breakers[key] = nil }
            return before != after
        }
    }

    private func forgetOld(_ now: ContinuousClock.Instant) {
        let old: [ReplicaKey] = breakers.withLock { breakers in
            let old = breakers.filter {
                $0.value.touchedAt.duration(to: now) > Self.forgottenAfter
            }.map(\.key)
            for key in old { breakers[key] = nil }
            return old
        }
        for key in old { metrics.breaker(key, is: nil) }
    }

    /// What is to be told of a replica.
    func state(of key: ReplicaKey) -> ReplicaState {
        let now = now()
        let breaker = breakers.withLock { $0[key] }
        var state = ReplicaState(
            url: ServiceAddress.shown(key.replica), breaker: breaker?.kind ?? .closed)
        switch breaker?.state {
        case .closed(let failures, let since):
            state.failures = failures
            state.failingFor = since?.duration(to: now)
        case .open(let opening), .halfOpen(let opening):
            state.failures = opening.failures
            state.failingFor = opening.since.duration(to: now)
            state.askedAgainIn = max(.zero, now.duration(to: opening.until))
            state.reason = opening.reason
        case nil: break
        }
        return state
    }
}

/// How a replica does, as the requests to it tell.
package struct ReplicaState: Hashable, Sendable {
    package enum Breaker: String, Hashable, Sendable {
        /// Asked.
        case closed
        /// Not asked.
        case open
        /// Asked one request, which decides.
        case halfOpen = "half-open"
    }

    /// Without user and password.
    package var url: String
    package var breaker: Breaker
    /// Failures in a row.
    package var failures = 0
    /// Since the first of them; nil where there is none.
    package var failingFor: Duration?
    /// When a trial is let through; nil where everything is.
    package var askedAgainIn: Duration?
    /// The last failure's sentence; nil where all requests are let through.
    package var reason: String?

    package init(url: String, breaker: Breaker) {
        self.url = url
        self.breaker = breaker
    }
}

extension CircuitBreaker {
    fileprivate var kind: ReplicaState.Breaker {
        switch state {
        case .closed: .closed
        case .open: .open
        case .halfOpen: .halfOpen
        }
    }
}
