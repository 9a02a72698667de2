/// What becomes of a rule's alerts while clusters are missing that its answer needs.
public struct RulePolicy: Hashable, Sendable {
    public enum OnPartial: String, Hashable, Sendable, CaseIterable {
        /// What missing data alone could make true or false stays as it is.
        case hold
        /// The evaluation fails.
        case abort
        /// The answer counts as if nothing were missing.
        case bestEffort = "best_effort"
    }

    public enum AfterHold: String, Hashable, Sendable, CaseIterable {
        /// A held alert goes on until its cluster is back.
        case keep
        /// A held alert is resolved.
        case resolve
    }

    public var onPartial: OnPartial
    /// How much longer than `for` a condition must hold that missing data could move either way,
    /// milliseconds.
    public var partialGrace: Int64
    /// How long a missing cluster keeps alerts from beginning, milliseconds. Then it is given up:
    /// the others are judged as if it were none of them.
    public var maxHold: Int64
    /// What becomes of alerts that only clusters hold which were given up.
    public var afterHold: AfterHold
    /// The clusters that the rule waits for; nil for all that its answer needs.
    public var clusters: Set<String>?

    public init(
        onPartial: OnPartial = .hold, partialGrace: Int64 = 300_000, maxHold: Int64 = 3_600_000,
        afterHold: AfterHold = .keep, clusters: Set<String>? = nil
    ) {
        self.onPartial = onPartial
        self.partialGrace = partialGrace
        self.maxHold = maxHold
        self.afterHold = afterHold
        self.clusters = clusters
    }
}

/// Which rules have which policy: the first entry counts that names a rule.
public struct RulePolicies: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        /// The group's name; nil for every group.
        public var group: String?
        /// The alert's name, or the recorded metric's; nil for every rule.
        public var alert: String?
        public var policy: RulePolicy

        public init(group: String? = nil, alert: String? = nil, policy: RulePolicy) {
            self.group = group
            self.alert = alert
            self.policy = policy
        }
    }

    public var entries: [Entry]

    public init(_ entries: [Entry] = []) { self.entries = entries }

    public func policy(group: String, rule: String) -> RulePolicy {
        entries.first {
            ($0.group ?? group) == group && ($0.alert ?? rule) == rule
        }?.policy ?? RulePolicy()
    }
}
