import Rules
import Synchronization
import TimeSeries

/// The Alertmanagers of one entry of the configuration, as far as they are known by now.
final class AlertmanagerGroup: Sendable {
    let settings: AlertmanagerSettings
    private let surroundings: Alertmanager.Surroundings
    private let state: Mutex<State>

    private struct State: Sendable {
        /// Those whose senders run, in the order of their addresses.
        var known: [String: Alertmanager] = [:]
        var addresses: [String] = []
        /// What each name that is looked up stands for, as it was last told.
        var found: [[String]]
        /// What came while no Alertmanager was known: the first that are get it.
        var unsent: NotificationQueue
        var isEnding = false
    }

    init(_ settings: AlertmanagerSettings, _ surroundings: Alertmanager.Surroundings) {
        self.settings = settings
        self.surroundings = surroundings
        let names = settings.discovery.reduce(0) { $0 + $1.names.count }
        state = Mutex(
            State(
                found: [[String]](repeating: [], count: names),
                unsent: NotificationQueue(capacity: surroundings.settings.queueCapacity)))
    }

    /// The names that are to be looked up.
    var questions: [NameQuestion] {
        settings.discovery.flatMap { discovery in
            discovery.names.map {
                NameQuestion(name: $0, records: discovery.records, interval: discovery.interval)
            }
        }
    }

    var reports: [AlertmanagerReport] {
        state.withLock { state in state.addresses.compactMap { state.known[$0]?.report } }
    }

    /// Takes what a name stands for now, nil for what is known without one. Returns the
    /// Alertmanagers that are new, whose senders are to be run.
    func update(name place: Int? = nil, to addresses: [String] = []) -> [Alertmanager] {
        var gone: [Alertmanager] = []
        let new: [Alertmanager] = state.withLock { state in
            guard !state.isEnding else { return [] }
            if let place { state.found[place] = addresses }
            var wanted: [String] = []
            for address in settings.targets + state.found.flatMap({ $0 })
            where !wanted.contains(address) { wanted.append(address) }
            var new: [Alertmanager] = []
            var known: [String: Alertmanager] = [:]
            for address in wanted {
                if let old = state.known.removeValue(forKey: address) {
                    known[address] = old
                } else {
                    let made = Alertmanager(settings.service(at: address), surroundings)
                    known[address] = made
                    new.append(made)
                }
            }
            gone = Array(state.known.values)
            (state.known, state.addresses) = (known, wanted)
            if !known.isEmpty {
                let unsent = state.unsent.removeAll()
                for alertmanager in known.values { alertmanager.add(unsent) }
            }
            return new
        }
        for alertmanager in gone { alertmanager.end() }
        return new
    }

    /// Lets alerts wait for each Alertmanager.
    func send(_ alerts: [RelabelledAlert], now: ContinuousClock.Instant) {
        let posted = alerts.compactMap { alert -> PostedAlert? in
            guard let labels = settings.relabelling.relabelled(alert.labels), !labels.isEmpty
            else { return nil }
            return PostedAlert(
                alert.notification, labels: labels,
                externalURL: surroundings.settings.externalURL, queuedAt: now)
        }
        // Under the lock, so that what waits for the first Alertmanagers comes before these.
        state.withLock { state in
            if state.known.isEmpty {
                let dropped =
                    state.isEnding ? posted.count : state.unsent.append(posted)
                surroundings.metrics.droppedUnsent(dropped)
            } else {
                for alertmanager in state.known.values { alertmanager.add(posted) }
            }
        }
    }

    /// Takes no more; what waits gets one more attempt.
    func end() {
        let known = state.withLock { state in
            state.isEnding = true
            surroundings.metrics.droppedUnsent(state.unsent.removeAll().count)
            return Array(state.known.values)
        }
        for alertmanager in known { alertmanager.end() }
    }
}

/// An alert with the labels that it has after the relabelling for all Alertmanagers.
struct RelabelledAlert: Sendable {
    var notification: AlertNotification
    var labels: Labels
}
