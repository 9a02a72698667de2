/// A component's state over time, which one stray answer does not turn, and of which one sees that it
/// flaps. A value: events in, changes out; the time is given.
public struct StateTrack: Hashable, Sendable {
    public struct Settings: Hashable, Sendable {
        /// How many readings in a row must be worse, or better, to be believed. With two, what is
        /// killed or restarted shows within two intervals.
        public var worseAfter: Int
        public var betterAfter: Int
        /// Of so many readings …
        public var flapWindow: Int
        /// … so many changes between working and not are flapping.
        public var flapChanges: Int
        /// How old the last reading may be before nothing is known any more, milliseconds.
        public var staleAfter: Int64

        public init(
            worseAfter: Int = 2, betterAfter: Int = 2, flapWindow: Int = 12, flapChanges: Int = 4,
            staleAfter: Int64 = 120_000
        ) {
            self.worseAfter = max(1, worseAfter)
            self.betterAfter = max(1, betterAfter)
            self.flapWindow = max(2, flapWindow)
            self.flapChanges = max(2, flapChanges)
            self.staleAfter = staleAfter
        }
    }

    /// What somebody who watches is told.
    public struct Change: Hashable, Sendable {
        public var from: ComponentState
        public var to: ComponentState
        /// When the first of the readings was that led to it, milliseconds since the Unix epoch.
        public var since: Int64
        public var isFlapping: Bool
    }

    /// Readings in a row on the same side of the settled state.
    private struct Run: Hashable, Sendable {
        var isWorse: Bool
        var count: Int
        var since: Int64
    }

    private let settings: Settings
    /// What is believed, flapping aside.
    private var settled = ComponentState.unknown
    private var run: Run?
    /// The newest readings, the oldest first.
    private var recent: [ComponentState] = []
    /// What is shown was first seen then, milliseconds since the Unix epoch; nil before any reading.
    public private(set) var since: Int64?
    public private(set) var observedAt: Int64?
    /// The last time that it worked.
    public private(set) var servedAt: Int64?
    public private(set) var isFlapping = false

    public init(_ settings: Settings = Settings()) { self.settings = settings }

    /// What is believed: at least `degraded` while it flaps.
    public var state: ComponentState { isFlapping ? max(settled, .degraded) : settled }

    /// What is believed at a time: nothing, once the last reading is old.
    public func state(at time: Int64) -> ComponentState {
        isStale(at: time) ? .unknown : state
    }

    /// Whether the last readings say something else than what is believed, and one more may be enough.
    public var isInDoubt: Bool { run != nil }

    /// Whether the last reading is too old; `observedAt` says how old.
    public func isStale(at time: Int64) -> Bool {
        guard let observedAt else { return false }
        return time.subtractingReportingOverflow(observedAt).partialValue > settings.staleAfter
    }

    /// Takes a reading; the change where what is believed changed. A reading that is older than the
    /// last counts for nothing.
    public mutating func observe(_ reading: ComponentState, at time: Int64) -> Change? {
        if let observedAt, time < observedAt { return nil }
        let wasStale = isStale(at: time)
        let before = wasStale ? .unknown : state
        let settledBefore = settled
        let isFirst = observedAt == nil
        observedAt = time
        if reading.isServing { servedAt = time }
        if wasStale {
            // What was before the silence says nothing of what is after it.
            recent = []
            run = nil
            isFlapping = false
        }
        recent.append(reading)
        if recent.count > settings.flapWindow { recent.removeFirst() }
        if isFirst || wasStale {
            settled = reading
            since = time
        } else {
            settle(reading, at: time)
        }
        updateFlapping()
        guard state != before || isFirst else { return nil }
        // Flapping has begun or ended.
        if settled == settledBefore { since = time }
        return Change(from: before, to: state, since: since ?? time, isFlapping: isFlapping)
    }

    private mutating func settle(_ reading: ComponentState, at time: Int64) {
        guard reading != settled else {
            run = nil
            return
        }
        let isWorse = reading > settled
        var current = Run(isWorse: isWorse, count: 0, since: time)
        if let run, run.isWorse == isWorse { current = run }
        current.count += 1
        guard current.count >= (isWorse ? settings.worseAfter : settings.betterAfter) else {
            run = current
            return
        }
        settled = reading
        since = current.since
        run = nil
    }

    private mutating func updateFlapping() {
        var changes = 0
        for (one, next) in zip(recent, recent.dropFirst()) where one.isServing != next.isServing {
            changes += 1
        }
        // It ends later than it begins.
        if changes >= settings.flapChanges {
            isFlapping = true
        } else if changes <= settings.flapChanges / 2 {
            isFlapping = false
        }
    }
}
