// The first file to read in Metrics: what metrics say where probes cannot reach is a table of rules,
// each a query over the union of all clusters and what its numbers lead to. `HealthRules` is the
// table, `MetricAssessment` reads the answers.

/// One row: a query, and what follows from its numbers.
public struct HealthRule: Hashable, Sendable {
    public enum Outcome: Hashable, Sendable {
        /// Numbers from a limit on say that the component is in a state; nil where no number does.
        case state(degraded: Double?, unhealthy: Double?)
        /// Each series above zero is an issue, about what these labels say, `/` between.
        case issue(IssueKind, subject: [String])
    }

    /// Free of data, and unique.
    public var name: String
    public var source: MetricSource
    public var outcome: Outcome
    /// PromQL over the union of all clusters; every series has the label `cluster`.
    public var text: String
    /// The metrics that it asks for.
    public var metrics: [String]
    /// What the number is, for people.
    public var meaning: String
    /// The number's unit: `/s`, `s`, `%` of a share, empty for a count.
    public var unit: String

    init(
        _ name: String, _ source: MetricSource, _ outcome: Outcome, metrics: [String],
        _ text: String, _ meaning: String, unit: String = ""
    ) {
        self.name = name
        self.source = source
        self.outcome = outcome
        self.metrics = metrics
        self.text = text
        self.meaning = meaning
        self.unit = unit
    }

    /// The state that a number leads to; nil where it leads to none.
    public func state(of value: Double) -> ComponentState? {
        guard case .state(let degraded, let unhealthy) = outcome, !value.isNaN else { return nil }
        if let unhealthy, value >= unhealthy { return .unhealthy }
        if let degraded, value >= degraded { return .degraded }
        return nil
    }

    /// The rules of all sources, looking back as far as these windows.
    public static func all(_ windows: RuleWindows) -> [HealthRule] {
        istiod(windows) + istiodIssues(windows) + agent(windows) + ambient(windows)
            + linkerd(windows) + consul + traffic(windows)
    }

    /// The rules of all sources, looking back as far as they do where nobody says otherwise.
    public static let all = all(RuleWindows())
}
