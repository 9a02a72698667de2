import Alerting
import Clusters
import Federation
import PromQL
import PrometheusAPI
import Rules
import TimeSeries

/// Groups of rules that were evaluated on answers that a test gives.
enum CannedRules {
    /// A group after evaluations a minute apart, of which the last is at `Canned.now`; each is
    /// answered with the elements and the missing clusters that a rule's place has.
    static func report(
        _ group: RuleGroup, policies: RulePolicies = RulePolicies(),
        _ evaluations: [[RuleAnswer]]
    ) -> GroupReport {
        var state = RuleGroupState(group, policies: policies)
        for (number, answers) in evaluations.enumerated() {
            let time = Canned.now - Int64(evaluations.count - 1 - number) * 60_000
            for index in group.rules.indices {
                _ = state.evaluate(index, at: time, answer: answers[index])
            }
        }
        var report = GroupReport(state: state)
        if !evaluations.isEmpty { report.evaluatedAt = Canned.now }
        report.duration = .milliseconds(3)
        report.ruleDurations = report.ruleDurations.map { _ in .microseconds(1500) }
        return report
    }

    static func alert(
        _ name: String, _ expression: String, holdDuration: Int64 = 0, keepFiringFor: Int64 = 0,
        labels: [RuleText] = [], annotations: [RuleText] = []
    ) throws -> Rule {
        Rule(
            kind: .alerting(
                AlertTerms(
                    holdDuration: holdDuration, keepFiringFor: keepFiringFor,
                    annotations: annotations)),
            name: name, expression: try parse(expression), labels: labels)
    }

    static func record(
        _ name: String, _ expression: String, labels: [RuleText] = []
    ) throws -> Rule {
        Rule(kind: .recording, name: name, expression: try parse(expression), labels: labels)
    }

    /// An answer of elements with these values, from all clusters but the missing.
    static func answer(
        _ elements: [(labels: Labels, value: Double)], missing: [MissingCluster] = []
    ) -> RuleAnswer {
        .elements(
            elements.map { RuleElement(labels: $0.labels, value: .float($0.value)) },
            RuleCoverage(missing: missing))
    }

    /// Two minutes ago it was last heard of.
    static let missingWest = MissingCluster(
        id: ClusterID("west"), externalLabels: ["cluster": "west"], since: Canned.now - 120_000)

    /// One alert that fires, and a recording rule.
    static func usual() throws -> GroupReport {
        let group = RuleGroup(
            name: "errors", file: "mesh.yaml", interval: 30_000, limit: 5,
            labels: [RuleText(name: "team", text: "mesh")],
            rules: [
                try alert(
                    "Slow", "latency > 0.5", holdDuration: 60_000, keepFiringFor: 90_000,
                    labels: [RuleText(name: "severity", text: "page")],
                    annotations: [
                        RuleText(name: "summary", text: "{{ $labels.job }} is slow"),
                        RuleText(name: "runbook", text: "https://example.org/?a&b"),
                    ]),
                try record("job:up:sum", "sum by (job) (up)"),
            ])
        let answers = [
            answer([(["__name__": "latency", "cluster": "east", "job": "api"], 0.75)]),
            answer([(["job": "api"], 3)]),
        ]
        return report(group, [answers, answers])
    }

    /// A group that was not evaluated yet.
    static func plain(_ name: String, file: String, _ rules: [Rule]) -> GroupReport {
        report(RuleGroup(name: name, file: file, rules: rules), [])
    }

    /// What a cluster's own Prometheus says, as the gateway passes it on.
    static func cluster(
        _ name: String, _ externalLabels: Labels, _ subject: ClusterRulesRequest.Subject,
        _ data: String
    ) throws -> ClusterRules {
        let json = try JSONValue(parsing: Array(data.utf8))
        guard
            let rules = ClusterRules(
                json, of: subject, cluster: ClusterID(name), externalLabels: externalLabels)
        else { throw WireClient.Failure("no rules: \(data)") }
        return rules
    }
}
