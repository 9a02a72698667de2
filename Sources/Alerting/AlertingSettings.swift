import Rules

/// How rules are evaluated, as the configuration's section `alerting` says.
package struct AlertingSettings: Sendable {
    package var rules = RuleSettings()
    package var policies = RulePolicies()
    /// Rules of one group that are asked at once, where they do not depend on each other.
    package var concurrentQuestions = 16
    /// Whether the rules about the clusters themselves are evaluated too.
    package var hasBuiltInRules = true

    package init() {}
}
