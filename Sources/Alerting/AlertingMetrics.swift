import Metrics
import Rules

/// What this module counts of evaluations, one row each, under the names that Prometheus has for
/// the same with its own beginning.
package struct AlertingMetric: Hashable, Sendable {
    package var name: String
    /// One line for `/metrics`.
    package var help: String

    package static let evaluations = AlertingMetric(
        name: "isthmus_rule_evaluations_total", help: "Rules that were evaluated.")
    package static let failures = AlertingMetric(
        name: "isthmus_rule_evaluation_failures_total", help: "Evaluations of rules that failed.")
    package static let iterations = AlertingMetric(
        name: "isthmus_rule_group_iterations_total", help: "Evaluations of a group.")
    package static let missed = AlertingMetric(
        name: "isthmus_rule_group_iterations_missed_total",
        help: "Evaluations of a group that were due while another took too long.")
    package static let duration = AlertingMetric(
        name: "isthmus_rule_group_last_duration_seconds",
        help: "How long the last evaluation of a group took.")
    package static let lateness = AlertingMetric(
        name: "isthmus_rule_group_last_lateness_seconds",
        help: "How long after its time the last evaluation of a group began.")
    package static let time = AlertingMetric(
        name: "isthmus_rule_group_last_evaluation_timestamp_seconds",
        help: "The time of a group's last evaluation, seconds since the Unix epoch.")
    package static let interval = AlertingMetric(
        name: "isthmus_rule_group_interval_seconds", help: "The interval of a group.")
    package static let rules = AlertingMetric(
        name: "isthmus_rule_group_rules", help: "Rules of a group.")
    package static let held = AlertingMetric(
        name: "isthmus_rule_group_held_alerts",
        help: "Alerts of a group that stay as they are because clusters are missing.")
    package static let missingClusters = AlertingMetric(
        name: "isthmus_rule_group_missing_clusters",
        help: "Clusters that the last evaluation of a group lacked.")
    package static let lintFindings = AlertingMetric(
        name: "isthmus_rule_lint_findings",
        help: "What is most likely not meant in rules, by kind.")

    package static let all = [
        evaluations, failures, iterations, missed, duration, lateness, time, interval, rules,
        held, missingClusters, lintFindings,
    ]
}

/// The instruments of all groups.
struct AlertingMetrics: Sendable {
    private let factory: any MetricsFactory

    init(factory: any MetricsFactory) { self.factory = factory }

    func metrics(of group: RuleGroup) -> GroupMetrics {
        GroupMetrics(group.key, factory: factory)
    }
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
        func counter(_ row: AlertingMetric) -> Counter {
            Counter(label: row.name, dimensions: [("rule_group", key)], factory: factory)
        }
        func gauge(_ row: AlertingMetric) -> Gauge {
            Gauge(label: row.name, dimensions: [("rule_group", key)], factory: factory)
        }
        evaluations = counter(.evaluations)
        failures = counter(.failures)
        iterations = counter(.iterations)
        missedIterations = counter(.missed)
        duration = gauge(.duration)
        lateness = gauge(.lateness)
        time = gauge(.time)
        interval = gauge(.interval)
        rules = gauge(.rules)
        held = gauge(.held)
        missingClusters = gauge(.missingClusters)
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
