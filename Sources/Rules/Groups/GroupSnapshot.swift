import Clusters
import TimeSeries

/// What of a group's state outlives the process, and what several gateways that evaluate the same
/// group tell each other.
///
/// Two snapshots merge alert by alert: see `AlertVerdict` for which verdict counts. An alert that a
/// snapshot does not name was over, for certain, when its rule was last evaluated with all clusters
/// there.
public struct GroupSnapshot: Hashable, Sendable {
    /// Of the alert rules.
    public var rules: [RuleKey: RuleSnapshot] = [:]
    /// Since when clusters are missing.
    public var absences: [ClusterID: ClusterAbsence] = [:]

    public init() {}

    /// By which a rule is known again: rules of one name and with the same labels are numbered.
    public struct RuleKey: Hashable, Sendable, Comparable {
        public var name: String
        public var labels: [RuleText]
        public var number: Int

        public init(name: String, labels: [RuleText] = [], number: Int = 0) {
            self.name = name
            self.labels = labels
            self.number = number
        }

        public static func < (left: RuleKey, right: RuleKey) -> Bool {
            if left.name != right.name { return left.name < right.name }
            if left.labels != right.labels {
                return left.labels.flatMap { [$0.name, $0.text] }
                    .lexicographicallyPrecedes(right.labels.flatMap { [$0.name, $0.text] })
            }
            return left.number < right.number
        }
    }

    /// Since when nobody has anything of a cluster.
    public struct ClusterAbsence: Hashable, Sendable {
        public var externalLabels: Labels
        /// Milliseconds since the Unix epoch. Of several gateways the latest time counts: until
        /// then one of them had something.
        public var since: Int64
        /// When it was last missing from an answer, milliseconds since the Unix epoch.
        public var lastMissingAt: Int64

        public init(externalLabels: Labels, since: Int64, lastMissingAt: Int64) {
            self.externalLabels = externalLabels
            self.since = since
            self.lastMissingAt = lastMissingAt
        }
    }

    /// When a rule was last evaluated with a result, milliseconds since the Unix epoch.
    public var evaluatedAt: Int64? { rules.values.compactMap(\.evaluatedAt).max() }

    /// What is known from both.
    public func merged(with other: GroupSnapshot) -> GroupSnapshot {
        var result = self
        result.rules.merge(other.rules) { $0.merged(with: $1) }
        result.absences.merge(other.absences) { mine, theirs in
            ClusterAbsence(
                externalLabels: max(mine.externalLabels, theirs.externalLabels),
                since: max(mine.since, theirs.since),
                lastMissingAt: max(mine.lastMissingAt, theirs.lastMissingAt))
        }
        return result
    }

    /// Without what no longer matters at a time: ends of alerts and missing clusters of which
    /// nothing was heard for `retention` milliseconds, and rules that nobody has evaluated for
    /// `ruleRetention`; and without what comes from a clock that is as far ahead.
    public func pruned(
        at time: Int64, retention: Int64 = 900_000, ruleRetention: Int64 = 604_800_000
    ) -> GroupSnapshot {
        var result = self
        let latest = time + retention
        result.absences = absences.filter { $0.value.lastMissingAt >= time - retention }
        result.rules = rules.compactMapValues { rule in
            guard let evaluated = rule.evaluatedAt, evaluated >= time - ruleRetention else {
                return nil
            }
            var rule = rule
            rule.verdicts = rule.verdicts.filter {
                $0.value.evidence.evaluatedAt <= latest
                    && ($0.value.alert != nil || $0.value.evidence.evaluatedAt >= time - retention)
            }
            rule.evaluatedAt = min(evaluated, latest)
            if let complete = rule.completeAt, complete > latest { rule.completeAt = nil }
            return rule
        }
        return result
    }
}

/// What is known of the alerts of one rule.
public struct RuleSnapshot: Hashable, Sendable {
    /// When the rule was last evaluated with all clusters there, milliseconds since the Unix epoch:
    /// an alert without a verdict was over then.
    public var completeAt: Int64?
    /// When it was last evaluated with a result, milliseconds since the Unix epoch.
    public var evaluatedAt: Int64?
    /// By the alerts' labels. None has worse evidence than `completeAt`.
    public internal(set) var verdicts: [Labels: AlertVerdict]

    public init(
        completeAt: Int64? = nil, evaluatedAt: Int64? = nil,
        verdicts: [Labels: AlertVerdict] = [:]
    ) {
        self.completeAt = completeAt
        self.evaluatedAt = evaluatedAt
        self.verdicts = verdicts
        drop()
    }

    /// What is known of an alert, named or not.
    public func verdict(of labels: Labels) -> AlertVerdict {
        verdicts[labels] ?? AlertVerdict(alert: nil, evidence: .absence(at: completeAt))
    }

    func merged(with other: RuleSnapshot) -> RuleSnapshot {
        var result = self
        result.verdicts.merge(other.verdicts) { $1.outranks($0) ? $1 : $0 }
        result.completeAt = later(completeAt, other.completeAt)
        result.evaluatedAt = later(evaluatedAt, other.evaluatedAt)
        result.drop()
        return result
    }

    private func later(_ left: Int64?, _ right: Int64?) -> Int64? {
        guard let left, let right else { return left ?? right }
        return max(left, right)
    }

    /// Leaves out what says no more than that there is no verdict.
    private mutating func drop() {
        let absence = AlertVerdict(alert: nil, evidence: .absence(at: completeAt))
        verdicts = verdicts.filter { $0.value.outranks(absence) }
    }
}
