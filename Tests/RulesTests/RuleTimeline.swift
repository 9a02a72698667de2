import Clusters
import Planning
import PromQL
import Rules
import TimeSeries

/// A group whose answers the test gives, at times in seconds.
struct RuleTimeline {
    var state: RuleGroupState
    /// Asked beside the rules' own questions.
    var lookups: [String: TemplateAnswer] = [:]
    private(set) var samples: [RuleSample] = []

    static let start: Int64 = 1_700_000_000

    init(
        _ rules: [Rule], interval: Int64 = 60, limit: Int = 0, queryOffset: Int64? = nil,
        labels: [RuleText] = [], settings: RuleSettings = RuleSettings(),
        policy: RulePolicy = RulePolicy(), restores: Bool = false
    ) {
        let group = RuleGroup(
            name: "g", file: "rules.yaml", interval: interval * 1000, limit: limit,
            queryOffset: queryOffset, labels: labels, rules: rules)
        state = RuleGroupState(
            group, settings: settings,
            policies: RulePolicies([.init(policy: policy)]), restores: restores)
    }

    static func at(_ second: Int64) -> Int64 { (start + second) * 1000 }

    /// The alerts of the only rule.
    var alerts: [AlertInstance] { state.rules[0].activeAlerts }
    var firing: [AlertInstance] { alerts.filter { $0.state == .firing } }

    /// Evaluates the only rule, or one of several.
    @discardableResult
    mutating func evaluate(
        _ second: Int64, _ answer: RuleAnswer, rule: Int = 0
    ) -> RuleOutcome {
        let time = Self.at(second)
        var known: [RuleLookup: TemplateAnswer] = [:]
        for _ in 0..<10 {
            switch state.evaluate(rule, at: time, answer: answer, lookups: known) {
            case .done(let outcome):
                samples += outcome.samples
                return outcome
            case .needs(let wanted):
                for lookup in wanted { known[lookup] = lookups[lookup.query] ?? .samples([]) }
            }
        }
        preconditionFailure("a rule asks ten times in a row")
    }

    @discardableResult
    mutating func evaluate(
        _ second: Int64, _ labels: [Labels], missing: [MissingCluster] = [],
        hasAnswers: Bool = true
    ) -> RuleOutcome {
        evaluate(second, Self.answer(labels, missing: missing, hasAnswers: hasAnswers))
    }

    static func answer(
        _ labels: [Labels], missing: [MissingCluster] = [], hasAnswers: Bool = true
    ) -> RuleAnswer {
        .elements(
            labels.map { RuleElement(labels: $0, value: .float(1)) },
            RuleCoverage(missing: missing, hasAnswers: hasAnswers))
    }

    static func cluster(_ name: String, since second: Int64) -> MissingCluster {
        MissingCluster(
            id: ClusterID(name), externalLabels: ["cluster": name], since: at(second))
    }

    static func alert(
        _ query: String, for hold: Int64 = 0, keep: Int64 = 0, labels: [RuleText] = [],
        annotations: [RuleText] = []
    ) throws -> Rule {
        Rule(
            kind: .alerting(
                AlertTerms(
                    holdDuration: hold * 1000, keepFiringFor: keep * 1000,
                    annotations: annotations)),
            name: "A", expression: try parse(query), labels: labels)
    }

    static func record(
        _ name: String, _ query: String, labels: [RuleText] = []
    ) throws -> Rule {
        Rule(kind: .recording, name: name, expression: try parse(query), labels: labels)
    }
}
