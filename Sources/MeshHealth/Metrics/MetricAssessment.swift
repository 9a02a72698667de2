import TimeSeries

/// What the answers to the queries of the table say.
public struct MetricAssessment: Hashable, Sendable {
    /// Of the components that the clusters have, by cluster and name.
    public private(set) var components: [MetricHealth] = []
    /// Joined, the worst first.
    public private(set) var issues: [ConfigurationIssue] = []
    /// How many series of each cluster were left out because there are too many of one rule.
    public private(set) var omittedByCluster: [String: Int] = [:]
    /// How many that is of all clusters.
    public var omitted: Int { omittedByCluster.values.reduce(0, +) }

    /// `presence` are the answers to `MetricSource.presenceText`, `answers` those to the rules by
    /// name, `earlier` those to `MetricSource.earlierText`; what was not asked, or failed everywhere,
    /// is left out. `mostOfRule` is how many issues of one rule are taken, the greatest numbers first.
    public init(
        presence: [MetricSource: MetricAnswer], answers: [String: MetricAnswer],
        earlier: [MetricSource: MetricAnswer] = [:], rules: [HealthRule] = HealthRule.all,
        mostOfRule: Int = 1000
    ) {
        var found: [ComponentID: [MetricFinding]] = [:]
        var issues: [ConfigurationIssue] = []
        for rule in rules {
            guard let answer = answers[rule.name] else { continue }
            let samples = MetricSample.all(of: answer.value)
            switch rule.outcome {
            case .state:
                for sample in samples {
                    guard let finding = Self.finding(rule, sample) else { continue }
                    found[Self.component(rule.source, sample.cluster), default: []].append(finding)
                }
            case .issue(let kind, let subject):
                let above = samples.filter { $0.value > 0 }
                    .sorted { ($1.value, $0.labels) < ($0.value, $1.labels) }
                for sample in above.dropFirst(mostOfRule) {
                    omittedByCluster[sample.cluster, default: 0] += 1
                }
                issues += above.prefix(mostOfRule).map { Self.issue(rule, kind, subject, $0) }
            }
        }
        self.issues = ConfigurationIssue.merged(issues)
        components =
            Self.components(presence, answers, found, rules)
            + Self.vanished(presence, earlier, found)
        components.sort { $0.id < $1.id }
    }

    /// Adds what is known from before of clusters that did not answer now.
    public mutating func add(components: [MetricHealth], issues: [ConfigurationIssue]) {
        let known = Set(self.components.map(\.id))
        self.components += components.filter { !known.contains($0.id) }
        self.components.sort { $0.id < $1.id }
        self.issues = ConfigurationIssue.merged(self.issues + issues)
    }

    private static func component(_ source: MetricSource, _ cluster: String) -> ComponentID {
        ComponentID(cluster: cluster, mesh: source.mesh, name: source.component)
    }

    private static func finding(_ rule: HealthRule, _ sample: MetricSample) -> MetricFinding? {
        guard let state = rule.state(of: sample.value) else { return nil }
        return MetricFinding(
            rule: rule.name, state: state, value: sample.value,
            detail: "\(rule.meaning): \(rule.shown(sample.value))",
            evidence: Evidence(.metric(query: rule.text), sample.text))
    }

    private static func issue(
        _ rule: HealthRule, _ kind: IssueKind, _ labels: [String], _ sample: MetricSample
    ) -> ConfigurationIssue {
        // What a label of the fleet has pushed aside may also still stand where it was.
        let values = labels.compactMap { sample.labels[$0] }.filter { !$0.isEmpty }
        let subject = values.joined(separator: "/")
        return ConfigurationIssue(
            kind, component(rule.source, sample.cluster),
            // Types of resources, which istiod's list of proxies has in capitals.
            subject: kind == .rejectedConfiguration ? subject.uppercased() : subject,
            count: sample.value, detail: rule.shown(sample.value),
            evidence: Evidence(.metric(query: rule.text), sample.text))
    }

    /// A component is well where it is there and no rule says otherwise, all of them having been
    /// answered. That no rule says anything is not enough: its metrics may not be scraped.
    private static func components(
        _ presence: [MetricSource: MetricAnswer], _ answers: [String: MetricAnswer],
        _ found: [ComponentID: [MetricFinding]], _ rules: [HealthRule]
    ) -> [MetricHealth] {
        var result: [MetricHealth] = []
        for source in MetricSource.allCases where source != .istioTraffic {
            let rules = rules.filter { rule in
                if case .state = rule.outcome { rule.source == source } else { false }
            }
            let present = presence[source].map { MetricSample.all(of: $0.value) } ?? []
            var clusters = Set(present.filter { $0.value > 0 }.map(\.cluster))
            let told = found.keys.filter { $0.name == source.component }
            clusters.formUnion(told.map(\.cluster))
            for cluster in clusters.sorted() {
                let id = component(source, cluster)
                let findings = (found[id] ?? []).sorted {
                    ($1.state, $0.rule) < ($0.state, $1.rule)
                }
                let unanswered = rules.filter { rule in
                    answers[rule.name].map { $0.missing.contains(cluster) } ?? true
                }.map(\.name)
                result.append(health(id, findings, unanswered))
            }
        }
        return result
    }

    /// Components whose metrics were there within the hour and are not now, in clusters that answer.
    private static func vanished(
        _ presence: [MetricSource: MetricAnswer], _ earlier: [MetricSource: MetricAnswer],
        _ found: [ComponentID: [MetricFinding]]
    ) -> [MetricHealth] {
        var result: [MetricHealth] = []
        for (source, answer) in earlier {
            guard let now = presence[source] else { continue }
            let present = Set(MetricSample.all(of: now.value).map(\.cluster)).union(now.missing)
            for sample in MetricSample.all(of: answer.value) where sample.value > 0 {
                let id = component(source, sample.cluster)
                guard !present.contains(sample.cluster), found[id] == nil else { continue }
                result.append(
                    MetricHealth(
                        id: id, state: .unreachable,
                        detail: "its metrics were there within the hour, and come no more",
                        findings: [], unanswered: []))
            }
        }
        return result
    }

    private static func health(
        _ id: ComponentID, _ findings: [MetricFinding], _ unanswered: [String]
    ) -> MetricHealth {
        let state =
            findings.map(\.state).max() ?? (unanswered.isEmpty ? ComponentState.healthy : .unknown)
        let detail =
            findings.first?.detail
            ?? (unanswered.isEmpty
                ? "nothing is amiss" : "\(unanswered.count) queries were not answered")
        return MetricHealth(
            id: id, state: state, detail: detail, findings: findings, unanswered: unanswered)
    }
}

extension HealthRule {
    /// A number in the rule's unit, for people.
    func shown(_ value: Double) -> String {
        if unit == "%" { return "\(Self.rounded(value * 100)) %" }
        return unit.isEmpty ? Self.rounded(value) : "\(Self.rounded(value)) \(unit)"
    }

    /// Two digits behind the point.
    private static func rounded(_ value: Double) -> String {
        guard value.magnitude < 1e12 else { return NumberText.literal(value) }
        return NumberText.literal((value * 100).rounded() / 100)
    }
}
