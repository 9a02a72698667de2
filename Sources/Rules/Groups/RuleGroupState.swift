import Clusters
import Planning
import PromQL
import TimeSeries

/// A group of rules between two evaluations: Prometheus's own state machine, and beside it what it
/// means that clusters are missing (`alerting.md` D6, with the corrections of D0).
///
/// Whoever drives it goes through the rules in order: takes the rule's `question`, gives the answer
/// to `evaluate`, appends the samples, sends the notifications; then it calls `finish`. Nothing here
/// waits: what else must be asked comes back as `RuleStep.needs`.
public struct RuleGroupState: Sendable {
    public let group: RuleGroup
    public let settings: RuleSettings
    public internal(set) var rules: [RuleState]
    /// Whose data the series lack that rules record, by metric; of this group, and of others as the
    /// driver says.
    public internal(set) var records: [String: RecordedCoverage]
    /// Series of rules that are gone, to be ended at the next evaluation.
    var staleSeries: Set<Labels> = []

    /// `restores` says whether alerts wait for `restore` before their series are written. `records`
    /// are those of other groups.
    public init(
        _ group: RuleGroup, settings: RuleSettings = RuleSettings(),
        policies: RulePolicies = RulePolicies(), records: [String: RecordedCoverage] = [:],
        restores: Bool = false
    ) {
        self.group = group
        self.settings = settings
        self.records = records
        var effects = records.mapValues(\.effect)
        func analysis() -> MissingDataAnalysis {
            MissingDataAnalysis(
                externalNames: settings.clusterLabelNames, identifyingName: Cluster.label,
                recorded: effects)
        }
        // Alerts may read what is recorded behind them, of the evaluation before.
        for rule in group.rules where rule.alert == nil {
            let effect = analysis().effect(of: rule.expression)
                .recorded(with: group.labels(of: rule).map(\.name))
            effects[rule.name] = effects[rule.name].map { $0.united(with: effect) } ?? effect
        }
        rules = group.rules.map { rule in
            RuleState(
                rule, in: group, policy: policies.policy(group: group.name, rule: rule.name),
                effect: analysis().effect(of: rule.expression),
                witness: analysis().witnessOfAbsence(of: rule.expression),
                isRestored: !restores)
        }
        for rule in group.rules where rule.alert == nil {
            guard let effect = effects[rule.name] else { continue }
            self.records[rule.name] = RecordedCoverage(effect: effect, coverage: .complete)
        }
    }

    /// Milliseconds.
    public var interval: Int64 { group.interval ?? settings.interval }
    /// Milliseconds.
    public var queryOffset: Int64 { group.queryOffset ?? settings.queryOffset }

    /// What a rule asks in the evaluation of a time.
    public func question(_ index: Int, at time: Int64) -> RuleQuestion {
        RuleQuestion(expression: rules[index].rule.expression, time: time - queryOffset)
    }

    /// Takes a rule from one evaluation to the next. `lookups` holds what was asked because an
    /// earlier call said so.
    public mutating func evaluate(
        _ index: Int, at time: Int64, answer: RuleAnswer,
        lookups: [RuleLookup: TemplateAnswer] = [:]
    ) -> RuleStep {
        var evaluation = RuleEvaluation(
            time: time, queryOffset: queryOffset, interval: interval, limit: group.limit,
            settings: settings, lookups: lookups)
        var state = rules[index]
        switch answer {
        case .failure(let reason): evaluation.fail(reason, &state)
        case .elements(let elements, let coverage):
            let coverage = relevant(coverage.united(with: inherited(by: state.rule)), to: state)
            if !coverage.missing.isEmpty, state.policy.onPartial == .abort {
                let names = coverage.missing.map(\.id.name).joined(separator: ", ")
                evaluation.fail("the answer lacks clusters: \(names)", &state)
            } else if state.rule.alert == nil {
                evaluation.record(elements, coverage, &state)
            } else {
                evaluation.alert(elements, coverage, &state)
            }
            if !evaluation.needs.isEmpty { return .needs(evaluation.needs) }
            state.lastCoverage = coverage
        }
        state.lastEvaluatedAt = time
        rules[index] = state
        if state.rule.alert == nil { noteRecord(state.rule.name) }
        return .done(evaluation.outcome)
    }

    /// Ends an evaluation: what of series is to be ended whose rules are gone.
    public mutating func finish(at time: Int64) -> [RuleSample] {
        defer { staleSeries = [] }
        return ends(of: staleSeries, at: time)
    }

    /// The ends of all series, for a group that is gone.
    public func ends(at time: Int64) -> [RuleSample] {
        ends(of: rules.reduce(into: staleSeries) { $0.formUnion($1.series) }, at: time)
    }

    private func ends(of series: Set<Labels>, at time: Int64) -> [RuleSample] {
        series.sorted().map { .end(of: $0, at: time - queryOffset) }
    }

    // MARK: Coverage

    /// The clusters that the rule waits for.
    private func relevant(_ coverage: RuleCoverage, to state: RuleState) -> RuleCoverage {
        guard let clusters = state.policy.clusters else { return coverage }
        var result = coverage
        result.missing.removeAll { !clusters.contains($0.id.name) }
        return result
    }

    /// What is missing from the recorded series that a rule reads.
    private func inherited(by rule: Rule) -> RuleCoverage {
        var result = RuleCoverage(hasAnswers: false)
        for name in rule.expression.metricNames {
            if let record = records[name] { result = result.united(with: record.coverage) }
        }
        return result
    }

    /// Notes whose data a recorded metric lacks, of all rules that record it.
    private mutating func noteRecord(_ name: String) {
        var coverage = RuleCoverage(hasAnswers: false)
        for state in rules where state.rule.alert == nil && state.rule.name == name {
            coverage = coverage.united(with: state.lastCoverage)
        }
        coverage.hasAnswers = true
        records[name]?.coverage = coverage
    }

    /// Learns from another group whose data the series lack that it records. What this group records
    /// itself it knows better.
    public mutating func note(_ others: [String: RecordedCoverage]) {
        let own = group.recordedNames
        for (name, record) in others where !own.contains(name) && records[name] != nil {
            records[name] = record
        }
    }

    // MARK: Reloads

    /// Goes on where a group of an earlier configuration was. Rules are the same that have the same
    /// name and labels; of several, the first goes on with the first.
    public mutating func carry(from old: RuleGroupState) {
        var places: [RuleState.Identity: [Int]] = [:]
        for (place, state) in old.rules.enumerated() {
            places[state.identity, default: []].append(place)
        }
        var left = Set(old.rules.indices)
        for index in rules.indices {
            guard let place = places[rules[index].identity]?.first else { continue }
            places[rules[index].identity]?.removeFirst()
            left.remove(place)
            rules[index].series = old.rules[place].series
            rules[index].isRestored = old.rules[place].isRestored
            guard rules[index].rule.alert != nil, old.rules[place].rule.alert != nil else {
                continue
            }
            rules[index].alerts = old.rules[place].alerts
            rules[index].completeAt = old.rules[place].completeAt
            rules[index].endings = old.rules[place].endings
            rules[index].bases = old.rules[place].bases
            rules[index].lastResultAt = old.rules[place].lastResultAt
        }
        staleSeries = left.reduce(into: old.staleSeries) { $0.formUnion(old.rules[$1].series) }
    }
}

/// What is known of a metric that rules record.
public struct RecordedCoverage: Hashable, Sendable {
    /// What missing clusters mean for its series.
    public var effect: MissingDataEffect
    /// Whose data it lacks.
    public var coverage: RuleCoverage

    public init(effect: MissingDataEffect, coverage: RuleCoverage) {
        self.effect = effect
        self.coverage = coverage
    }
}

extension Expression {
    /// The metrics that are read by name.
    var metricNames: Set<String> {
        switch self {
        case .selector(let selector): selector.metricNames
        case .range(let range): range.selector.metricNames
        default: children.reduce(into: []) { $0.formUnion($1.metricNames) }
        }
    }
}

extension Selector {
    /// The name that a condition fixes; empty where none does.
    var metricNames: Set<String> {
        Set(
            matchers.filter { $0.name == Labels.metricNameLabel && $0.operator == .equal }
                .map(\.value))
    }
}
