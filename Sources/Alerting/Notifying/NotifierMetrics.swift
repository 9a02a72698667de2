import Metrics
import Synchronization

/// What sending alerts is counted by, one row each. The names are Prometheus's, with our prefix.
package enum NotifierMetric {
    package static let sent = MetricRow(
        name: "isthmus_notifications_sent_total", labels: ["alertmanager"],
        help: "Alerts that the Alertmanager has taken.")
    package static let errors = MetricRow(
        name: "isthmus_notifications_errors_total", labels: ["alertmanager"],
        help: "Alerts in requests to the Alertmanager that failed; each attempt counts.")
    package static let dropped = MetricRow(
        name: "isthmus_notifications_dropped_total", labels: ["alertmanager"],
        help: "Alerts that were given up: the queue was full, or sending failed for too long.")
    package static let queueLength = MetricRow(
        name: "isthmus_notifications_queue_length", labels: ["alertmanager"],
        help: "Alerts that wait to be sent to the Alertmanager.")
    package static let queueCapacity = MetricRow(
        name: "isthmus_notifications_queue_capacity", labels: [],
        help: "How many alerts can wait for each Alertmanager.")
    package static let latency = MetricRow(
        name: "isthmus_notifications_latency_seconds", labels: ["alertmanager"],
        help: "Time that requests with alerts take that succeed.")
    package static let discovered = MetricRow(
        name: "isthmus_alertmanagers_discovered", labels: [],
        help: "Alertmanagers that are configured or that names stand for.")
    package static let failedLookups = MetricRow(
        name: "isthmus_alertmanagers_failed_lookups_total", labels: [],
        help: "Lookups of names of Alertmanagers that no name server has answered.")

    package static let all = [
        sent, errors, dropped, queueLength, queueCapacity, latency, discovered, failedLookups,
    ]
}

/// The instruments of all Alertmanagers.
struct NotifierMetrics: Sendable {
    private let factory: any MetricsFactory
    private let capacity: Gauge
    private let discovered: Gauge
    private let failedLookups: Counter
    /// Of alerts that came while no Alertmanager was known, which go under no name.
    private let unsent: Counter

    init(factory: any MetricsFactory) {
        self.factory = factory
        capacity = Gauge(label: NotifierMetric.queueCapacity.name, factory: factory)
        discovered = Gauge(label: NotifierMetric.discovered.name, factory: factory)
        failedLookups = Counter(label: NotifierMetric.failedLookups.name, factory: factory)
        unsent = Counter(
            label: NotifierMetric.dropped.name, dimensions: [("alertmanager", "")],
            factory: factory)
    }

    func hasCapacity(_ count: Int) { capacity.record(count) }

    func discovered(_ count: Int) { discovered.record(count) }

    func lookupFailed() { failedLookups.increment() }

    /// Alerts were given up that came while no Alertmanager was known.
    func droppedUnsent(_ count: Int) { unsent.increment(by: count) }

    func instruments(of alertmanager: String) -> AlertmanagerMetrics {
        AlertmanagerMetrics(alertmanager, factory: factory)
    }
}

/// The instruments of one Alertmanager, there from the beginning, so that they are 0 before
/// anything happens.
struct AlertmanagerMetrics: Sendable {
    private let sent: Counter
    private let errors: Counter
    private let dropped: Counter
    private let queueLength: Gauge
    private let latency: Recorder

    init(_ alertmanager: String, factory: any MetricsFactory) {
        let dimensions = [("alertmanager", alertmanager)]
        func counter(_ row: MetricRow) -> Counter {
            let counter = Counter(label: row.name, dimensions: dimensions, factory: factory)
            counter.increment(by: 0)
            return counter
        }
        sent = counter(NotifierMetric.sent)
        errors = counter(NotifierMetric.errors)
        dropped = counter(NotifierMetric.dropped)
        queueLength = Gauge(
            label: NotifierMetric.queueLength.name, dimensions: dimensions, factory: factory)
        queueLength.record(0)
        latency = Recorder(
            label: NotifierMetric.latency.name, dimensions: dimensions, aggregate: true,
            factory: factory)
    }

    func sent(_ count: Int) { sent.increment(by: count) }

    func failed(_ count: Int) { errors.increment(by: count) }

    func dropped(_ count: Int) { dropped.increment(by: count) }

    func waiting(_ count: Int) { queueLength.record(count) }

    func took(_ time: Duration) {
        let (seconds, attoseconds) = time.components
        latency.record(Double(seconds) + Double(attoseconds) / 1e18)
    }
}
