import Planning

extension RuleGroupState {
    /// How often groups are looked at anew because others record what they read. A longer chain of
    /// groups is taken for what it is after so many: what is not known of a metric is that it is a
    /// plain one.
    private static let maximumRounds = 8

    /// The groups of a configuration. What missing clusters mean for a rule depends on what its
    /// metrics are recorded from, in whichever group.
    public static func all(
        _ groups: [RuleGroup], settings: RuleSettings = RuleSettings(),
        policies: RulePolicies = RulePolicies(), restores: Bool = false
    ) -> [RuleGroupState] {
        var records: [String: RecordedCoverage] = [:]
        var states: [RuleGroupState] = []
        for _ in 0..<maximumRounds {
            states = groups.map { group in
                RuleGroupState(
                    group, settings: settings, policies: policies, records: records,
                    restores: restores)
            }
            var found: [String: RecordedCoverage] = [:]
            for state in states {
                for name in state.group.recordedNames {
                    guard let record = state.records[name] else { continue }
                    if let known = found[name] {
                        found[name]?.effect = known.effect.united(with: record.effect)
                    } else {
                        found[name] = record
                    }
                }
            }
            if found == records { break }
            records = found
        }
        return states
    }

    /// Whether the rules of a group that is declared alike are judged alike.
    public func isJudged(as other: RuleGroupState) -> Bool {
        group == other.group && settings == other.settings
            && zip(rules, other.rules).allSatisfy {
                $0.effect == $1.effect && $0.policy == $1.policy
            }
    }
}

extension RuleGroup {
    /// The metrics that its rules record.
    public var recordedNames: Set<String> {
        Set(rules.lazy.filter { $0.alert == nil }.map(\.name))
    }

    /// The metrics that rules give: what they record, and the series of their alerts.
    public static func seriesNames(of groups: [RuleGroup]) -> Set<String> {
        groups.reduce(into: [AlertSeries.alerts, AlertSeries.forState]) {
            $0.formUnion($1.recordedNames)
        }
    }
}
