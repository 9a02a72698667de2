import Metrics

/// What is counted of keeping the state of alerts, one row each.
package enum StateMetric {
    package static let failures = MetricRow(
        name: "isthmus_alert_state_failures_total", labels: ["operation", "reason"],
        help: "Attempts to keep or find the state of alerts that failed.")
    package static let conflicts = MetricRow(
        name: "isthmus_alert_state_conflicts_total", labels: [],
        help: "Changes of the state of alerts that another gateway was faster with.")
    package static let restorations = MetricRow(
        name: "isthmus_alert_state_restorations_total", labels: ["source"],
        help: "Groups at their first evaluation, by where their state came from.")

    package static let all = [failures, conflicts, restorations]
}

/// The instruments.
struct StateMetrics: Sendable {
    enum Operation: String, Sendable {
        case load, save, decode
    }

    /// Where a group's state came from.
    enum Source: String, Sendable {
        case redis
        case series
        case backFill = "back_fill"
        case nothing
    }

    private let factory: any MetricsFactory

    init(factory: any MetricsFactory) { self.factory = factory }

    func failed(_ operation: Operation, reason: String) {
        Counter(
            label: StateMetric.failures.name,
            dimensions: [("operation", operation.rawValue), ("reason", reason)],
            factory: factory
        ).increment()
    }

    func conflicted() {
        Counter(label: StateMetric.conflicts.name, factory: factory).increment()
    }

    func restored(from source: Source) {
        Counter(
            label: StateMetric.restorations.name, dimensions: [("source", source.rawValue)],
            factory: factory
        ).increment()
    }
}
