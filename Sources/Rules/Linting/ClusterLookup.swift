import PromQL
import TimeSeries

/// Looks up what is known of the clusters for one rule, and notes what is not known yet.
struct ClusterLookup {
    private let knowledge: LintKnowledge
    /// The selectors that are to be asked about, each once.
    private(set) var needs: [String] = []

    init(_ knowledge: LintKnowledge) { self.knowledge = knowledge }

    /// The names of the clusters with such series, in inventory order; nil where that is to be
    /// asked.
    private mutating func owners(
        _ matchers: [Matcher], among scope: [String]
    ) -> [String]? {
        if matchers.count == 1, let metrics = knowledge.metrics,
            let name = Selector(matchers: matchers).fixedName
        {
            return scope.filter { metrics[$0]?.contains(name) ?? false }
        }
        let text = Expression.selector(Selector(matchers: matchers)).text()
        guard let owners = knowledge.owners[text] else {
            if !needs.contains(text) { needs.append(text) }
            return nil
        }
        return scope.filter(owners.contains)
    }

    /// The conditions on what series say themselves; those on external labels say which clusters are
    /// meant.
    private func own(_ matchers: [Matcher]) -> [Matcher] {
        matchers.filter { !knowledge.isExternal($0.name) }
    }

    private func scope(_ use: SelectorUse) -> [String] {
        knowledge.scope(of: use.matchers).map(\.name)
    }

    private static func nameMatcher(_ metric: String) -> Matcher {
        Matcher(Labels.metricNameLabel, equal: metric)
    }

    /// Whether any cluster has a series of the selector.
    mutating func hasSeries(_ use: SelectorUse) -> Bool {
        let own = own(use.matchers)
        if own.isEmpty { return true }
        return !(owners(own, among: scope(use))?.isEmpty ?? true)
    }

    /// Whether no cluster at all has the metric.
    mutating func isMissingEverywhere(_ metric: String) -> Bool {
        owners([Self.nameMatcher(metric)], among: knowledge.clusters.map(\.name))?.isEmpty ?? false
    }

    // MARK: Findings

    /// What the clusters lack of what a selector wants.
    mutating func findings(of use: SelectorUse) -> [LintFinding] {
        let scope = scope(use)
        if scope.isEmpty {
            return [
                LintFinding(.missingSeries, "no cluster is meant by \(Self.text(use.matchers))")
            ]
        }
        guard let metric = use.name else { return findings(ofNameless: use, in: scope) }
        guard let present = owners([Self.nameMatcher(metric)], among: scope) else { return [] }
        if present.isEmpty {
            return [LintFinding(.missingMetric, "no cluster has \(metric)", clusters: scope)]
        }
        var findings: [LintFinding] = []
        let lacking = scope.filter { !present.contains($0) }
        if !lacking.isEmpty, !use.isAlternative {
            findings.append(
                LintFinding(
                    .partlyMissingMetric, "\(Self.subject(lacking)) no \(metric)",
                    clusters: lacking))
        }
        let labels = use.labels.filter {
            !knowledge.isExternal($0) && $0 != Labels.metricNameLabel
        }
        for label in labels.sorted() {
            findings += self.findings(ofLabel: label, of: metric, in: present, use)
        }
        return findings + self.findings(ofSeries: use, metric, in: present)
    }

    private mutating func findings(
        ofNameless use: SelectorUse, in scope: [String]
    ) -> [LintFinding] {
        let own = own(use.matchers)
        guard !own.isEmpty, let present = owners(own, among: scope), present.isEmpty else {
            return []
        }
        return [
            LintFinding(
                .missingSeries, "no cluster has a series of \(Self.text(own))", clusters: scope)
        ]
    }

    private mutating func findings(
        ofLabel label: String, of metric: String, in present: [String], _ use: SelectorUse
    ) -> [LintFinding] {
        guard let having = owners(withLabel: label, metric, among: present) else { return [] }
        if having.isEmpty {
            return [
                LintFinding(
                    .missingLabel, "no series of \(metric) has the label \(label)",
                    clusters: present)
            ]
        }
        let lacking = present.filter { !having.contains($0) }
        if lacking.isEmpty || use.isAlternative { return [] }
        return [
            LintFinding(
                .partlyMissingLabel,
                "\(Self.subject(lacking)) no series of \(metric) with the label \(label)",
                clusters: lacking)
        ]
    }

    private mutating func owners(
        withLabel label: String, _ metric: String, among present: [String]
    ) -> [String]? {
        guard let matcher = try? Matcher(label, .notEqual, "") else { return nil }
        return owners([Self.nameMatcher(metric), matcher], among: present)
    }

    /// Where no series meets all conditions: which of them no series meets alone.
    private mutating func findings(
        ofSeries use: SelectorUse, _ metric: String, in present: [String]
    ) -> [LintFinding] {
        let own = own(use.matchers)
        let conditions = own.filter { $0.name != Labels.metricNameLabel }
        guard !conditions.isEmpty, let having = owners(own, among: present), having.isEmpty else {
            return []
        }
        var findings: [LintFinding] = []
        // Some cluster has the metric, so that a series without the label meets a condition that
        // takes an empty one.
        for condition in conditions where !condition.matchesEmpty {
            guard
                let labelled = owners(withLabel: condition.name, metric, among: present),
                let meeting = owners([Self.nameMatcher(metric), condition], among: present)
            else { continue }
            if labelled.isEmpty {
                findings += self.findings(ofLabel: condition.name, of: metric, in: present, use)
            } else if meeting.isEmpty {
                findings.append(
                    LintFinding(
                        .missingSeries,
                        "no series of \(metric) has \(condition.name)"
                            + condition.operator.rawValue + GoText.quoted(condition.value),
                        clusters: present))
            }
        }
        if findings.isEmpty {
            findings.append(
                LintFinding(
                    .missingSeries, "no cluster has a series of \(Self.text(own))",
                    clusters: present))
        }
        return findings
    }

    // MARK: Words

    private static func text(_ matchers: [Matcher]) -> String {
        Expression.selector(Selector(matchers: matchers)).text()
    }

    /// `east has`, `east, west have`.
    private static func subject(_ clusters: [String]) -> String {
        clusters.joined(separator: ", ") + (clusters.count == 1 ? " has" : " have")
    }
}
