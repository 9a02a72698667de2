import PromQL
import TimeSeries

// Where nothing was kept, alerts are found again by evaluating their rules over the past: what waits
// or fires then is as if the process had always run.
extension RuleGroupState {
    /// How far back a rule is to be evaluated, milliseconds; nil for one whose past says nothing:
    /// it neither waits nor goes on, or it reads what begins with the process.
    public func replayLength(_ index: Int) -> Int64? {
        let rule = rules[index].rule
        guard let terms = rule.alert, terms.holdDuration > 0 || terms.keepFiringFor > 0,
            rule.expression.namesEveryMetric
        else { return nil }
        let names = rule.expression.metricNames
        guard names.isDisjoint(with: records.keys),
            names.isDisjoint(with: [AlertSeries.alerts, AlertSeries.forState])
        else { return nil }
        // A label that asks has the answer of now; without it the alert is another one.
        if rules[index].labels.contains(where: { $0.text.contains("query") }) { return nil }
        // In a range query these are the range's, not each evaluation's.
        let text = rule.expression.text()
        if text.contains("@ start()") || text.contains("@ end()") { return nil }
        return terms.holdDuration + rules[index].policy.partialGrace + terms.keepFiringFor
    }

    /// Evaluates a rule at a past time, for what becomes of its alerts alone: nobody is told, and
    /// the first evaluation after the last replayed one tells of what fires. Returns what must be
    /// asked first, where that is not in `lookups`.
    public mutating func replay(
        _ index: Int, at time: Int64, answer: RuleAnswer,
        lookups: [RuleLookup: TemplateAnswer] = [:]
    ) -> [RuleLookup] {
        if case .needs(let wanted) = evaluate(index, at: time, answer: answer, lookups: lookups) {
            return wanted
        }
        for labels in rules[index].alerts.keys {
            rules[index].alerts[labels]?.lastSentAt = nil
            rules[index].alerts[labels]?.validUntil = nil
        }
        rules[index].series = []
        return []
    }
}
