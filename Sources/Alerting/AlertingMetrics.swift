import Metrics
import Rules

/// What this module counts of evaluations, one row each, under the names that Prometheus has for
/// the same with its own beginning.
package enum AlertingMetric {
    package static let evaluations = MetricRow(
        name: "isthmus_rule_evaluations_total", labels: ["rule_group"],
        help: "Rules that were evaluated.")
    package static let failures = MetricRow(
        name: "isthmus_rule_evaluation_failures_total", labels: ["rule_group"],
        help: "Evaluations of rules that failed.")
    package static let iterations = MetricRow(
        name: "isthmus_rule_group_iterations_total", labels: ["rule_group"],
        help: "Evaluations of a group.")
    package static let missed = MetricRow(
        name: "isthmus_rule_group_iterations_missed_total", labels: ["rule_group"],
        help: "Evaluations of a group that were due while another took too long.")
    package static let duration = MetricRow(
        name: "isthmus_rule_group_last_duration_seconds", labels: ["rule_group"],
        help: "How long the last evaluation of a group took.")
    package static let lateness = MetricRow(
        name: "isthmus_rule_group_last_lateness_seconds", labels: ["rule_group"],
        help: "How long after its time the last evaluation of a group began.")
    package static let time = MetricRow(
        name: "isthmus_rule_group_last_evaluation_timestamp_seconds", labels: ["rule_group"],
        help: "The time of a group's last evaluation, seconds since the Unix epoch.")
    package static let interval = MetricRow(
        name: "isthmus_rule_group_interval_seconds", labels: ["rule_group"],
        help: "The interval of a group.")
    package static let rules = MetricRow(
        name: "isthmus_rule_group_rules", labels: ["rule_group"],
        help: "Rules of a group.")
    package static let held = MetricRow(
        name: "isthmus_rule_group_held_alerts", labels: ["rule_group"],
        help: "Alerts of a group that stay as they are because clusters are missing.")
    package static let missingClusters = MetricRow(
        name: "isthmus_rule_group_missing_clusters", labels: ["rule_group"],
        help: "Clusters that the last evaluation of a group lacked.")
    package static let lintFindings = MetricRow(
        name: "isthmus_rule_lint_findings", labels: ["kind"],
        help: "What is most likely not meant in rules, by kind.")

    package static let all = [
        evaluations, failures, iterations, missed, duration, lateness, time, interval, rules,
        held, missingClusters, lintFindings,
    ]
}

/// The instruments of one group.
struct GroupMetrics: Sendable {
    private let evaluations: Counter
    private let failures: Counter
    private let iterations: Counter
    private let missedIterations: Counter
    private let duration: Gauge
    private let lateness: Gauge
    private let time: Gauge
    private let interval: Gauge
    private let rules: Gauge
    private let held: Gauge
    private let missingClusters: Gauge

    init(_ key: String, factory: any MetricsFactory) {
        func counter(_ row: MetricRow) -> Counter {
            Counter(label: row.name, dimensions: [("rule_group", key)], factory: factory)
        }
        func gauge(_ row: MetricRow) -> Gauge {
            Gauge(label: row.name, dimensions: [("rule_group", key)], factory: factory)
        }
        evaluations = counter(AlertingMetric.evaluations)
        failures = counter(AlertingMetric.failures)
        iterations = counter(AlertingMetric.iterations)
        missedIterations = counter(AlertingMetric.missed)
        duration = gauge(AlertingMetric.duration)
        lateness = gauge(AlertingMetric.lateness)
        time = gauge(AlertingMetric.time)
        interval = gauge(AlertingMetric.interval)
        rules = gauge(AlertingMetric.rules)
        held = gauge(AlertingMetric.held)
        missingClusters = gauge(AlertingMetric.missingClusters)
    }

    func loaded(_ state: RuleGroupState, _ interval: Int64) {
        self.interval.record(Double(interval) / 1000)
        rules.record(state.rules.count)
        // They are there before they count anything.
        for counter in [evaluations, failures, iterations, missedIterations] {
            counter.increment(by: 0)
        }
    }

    func missed(_ count: Int64) {
        if count > 0 { missedIterations.increment(by: count) }
    }

    /// `late` in milliseconds.
    func began(late: Int64) {
        iterations.increment()
        lateness.record(Double(late) / 1000)
    }

    func evaluated(hasFailed: Bool) {
        evaluations.increment()
        if hasFailed { failures.increment() }
    }

    func ended(_ report: GroupReport) {
        let parts = report.duration.components
        duration.record(Double(parts.seconds) + Double(parts.attoseconds) / 1e18)
        if let evaluatedAt = report.evaluatedAt { time.record(Double(evaluatedAt) / 1000) }
        held.record(report.heldCount)
        missingClusters.record(report.missingClusters.count)
    }

    /// The group is no more.
    func removed() {
        for counter in [evaluations, failures, iterations, missedIterations] { counter.destroy() }
        for gauge in [duration, lateness, time, interval, rules, held, missingClusters] {
            gauge.destroy()
        }
    }
}
