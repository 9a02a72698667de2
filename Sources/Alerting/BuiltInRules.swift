import PromQL
import Rules
import TimeSeries

/// The rules about the clusters themselves, which explain why alerts are held.
package enum BuiltInRules {
    /// The name of their group, and what stands for its file.
    package static let groupName = "federation"
    package static let file = "built-in"

    /// How long ago a group should have been evaluated and was not, seconds, for each `rule_group`.
    package static let lagMetric = "isthmus:rule_group_lag_seconds"

    /// A cluster that does not answer for so long is worth an alert, milliseconds.
    private static let unreachableFor: Int64 = 120_000
    private static let interval: Int64 = 30_000

    private static let reachable = Selector(
        name: ClusterReachability.metric,
        matchers: [Matcher(Labels.metricNameLabel, equal: ClusterReachability.metric)])

    package static let group = RuleGroup(
        name: groupName, file: file, interval: interval,
        rules: [
            Rule(
                kind: .alerting(
                    AlertTerms(
                        holdDuration: unreachableFor,
                        annotations: [
                            RuleText(
                                name: "description",
                                text: """
                                    The gateway gets no answer from cluster {{ $labels.cluster }}. \
                                    Alerts that need its data neither begin nor end meanwhile: \
                                    those that are held say so in the annotation federation_held.
                                    """),
                            RuleText(
                                name: "runbook_url",
                                text: "deploy/rules/runbooks/FederationClusterUnreachable.md"),
                            RuleText(
                                name: "summary",
                                text: "Cluster {{ $labels.cluster }} does not answer"),
                        ])),
                name: "FederationClusterUnreachable",
                expression: .binary(
                    BinaryOperation(
                        operator: .equal, left: .selector(reachable),
                        right: .number(NumberLiteral(0)))),
                labels: [RuleText(name: "severity", text: "critical")])
        ])
}
