import PromQL
import TimeSeries

/// Looks for what is most likely not meant in rules: in their text alone, and beside the series that
/// the clusters have. It asks nobody: what it must know of the clusters comes back as
/// `LintStep.needs`.
public struct RuleLinter: Sendable {
    /// Metrics that rules record, which need not be there yet.
    private let recorded: Set<String>

    /// For rules that may read what these groups record.
    public init(_ groups: [RuleGroup]) {
        recorded = groups.reduce(into: ["ALERTS", "ALERTS_FOR_STATE"]) { names, group in
            for rule in group.rules where rule.alert == nil { names.insert(rule.name) }
        }
    }

    /// Whether a metric need not be any cluster's: rules record it, or it is of the gateway itself.
    private func isOwn(_ metric: String) -> Bool {
        recorded.contains(metric) || ["isthmus_", "isthmus:"].contains { metric.hasPrefix($0) }
    }

    // MARK: The text

    /// What the rule's text alone shows.
    public func findings(of rule: Rule) -> [LintFinding] {
        retired(rule).map(\.finding) + textFindings(of: rule)
    }

    private struct Retired {
        var metric: String
        var finding: LintFinding
    }

    private func retired(_ rule: Rule) -> [Retired] {
        rule.expression.metricNames.filter { !isOwn($0) }.sorted().compactMap { metric in
            RetiredMetric.named(metric).map { row in
                Retired(
                    metric: metric,
                    finding: LintFinding(
                        .retiredMetric, "\(metric) is given by no release of today: \(row.advice)"))
            }
        }
    }

    private func textFindings(of rule: Rule) -> [LintFinding] {
        var findings = UnitAnalysis.findings(in: rule.expression)
        findings += CounterAnalysis.findings(in: rule.expression)
        findings += QuantileAnalysis.findings(in: rule.expression)
        if rule.alert != nil, case .binary(let operation) = rule.expression.bare,
            operation.returnsBool
        {
            findings.append(
                LintFinding(
                    .alwaysTrue,
                    "with bool the comparison gives 0 where it does not hold, which is an alert too"
                ))
            return findings
        }
        switch FiringAnalysis.outcome(of: rule.expression) {
        case .never(let reason): findings.append(LintFinding(.neverTrue, reason))
        // Without any series it is meant so: a watchdog.
        case .always where rule.alert != nil && !SelectorUse.isNone(in: rule.expression):
            findings.append(
                LintFinding(.alwaysTrue, "the expression gives something whatever the data"))
        case .always, .depends: break
        }
        return findings
    }

    // MARK: The clusters

    /// What the rule's text shows beside what is known of the clusters.
    public func step(_ rule: Rule, _ knowledge: LintKnowledge) -> LintStep {
        var lookup = ClusterLookup(knowledge)
        let uses = SelectorUse.all(in: rule.expression).filter { use in
            // A selector that no series can meet is told of already.
            !use.isContradictory && !isOwn(use.name ?? "")
        }
        let byUse = uses.map { lookup.findings(of: $0) }
        // What some cluster still has is not gone.
        let gone = retired(rule).filter { lookup.isMissingEverywhere($0.metric) }
        let isOtherThere = uses.contains { $0.isAlternative && lookup.hasSeries($0) }
        guard lookup.needs.isEmpty else { return .needs(lookup.needs) }
        let isGone = Set(gone.map(\.metric))
        var found = gone.map(\.finding) + textFindings(of: rule)
        for (use, findings) in zip(uses, byUse) {
            if use.isAlternative, isOtherThere { continue }
            found += findings.filter {
                $0.kind != .missingMetric || !isGone.contains(use.name ?? "")
            }
        }
        var seen: Set<LintFinding> = []
        return .done(found.filter { seen.insert($0).inserted })
    }
}
