import Clusters
import PromQL
import Rules
import TimeSeries

/// A file of unit tests of rules, in promtool's format.
///
/// Beside promtool's keys a test may have two of ours, which promtool rejects:
/// `unreachable_clusters` says in which times which clusters do not answer (the label `cluster` of
/// the input series tells whose they are), and `policies` what the gateway's configuration says
/// about such times.
public struct RuleTestFile: Sendable {
    public var file: String
    /// Paths or patterns of paths, as the file has them.
    public var ruleFiles: [String]
    /// How often rules are evaluated, milliseconds.
    public var evaluationInterval: Int64
    public var groupOrder: [String]
    /// Whether values may differ by the last bit.
    public var isFuzzy: Bool
    public var tests: [RuleTest]
}

/// Series, and what rules and queries must make of them.
public struct RuleTest: Sendable {
    public var name: String
    /// The distance of the series' samples, milliseconds.
    public var interval: Int64
    public var series: [SeriesDescription]
    public var alertTests: [AlertTest]
    public var queryTests: [QueryTest]
    public var externalLabels: Labels
    public var externalURL: String
    /// The time of the first sample and of the first evaluation, milliseconds since the Unix epoch.
    public var start: Int64
    public var outages: [ClusterOutage]
    public var policies: RulePolicies
}

/// The alerts of a name that must fire at a time.
public struct AlertTest: Sendable {
    /// Milliseconds since the test's start.
    public var time: Int64
    public var alertName: String
    public var expected: [ToldAlert]
}

/// What is told of an alert: ordered by name.
public struct ToldAlert: Hashable, Sendable {
    public var labels: [RuleText]
    public var annotations: [RuleText]
}

/// What a query must answer at a time.
public struct QueryTest: Sendable {
    /// Milliseconds since the test's start.
    public var time: Int64
    public var query: String
    public var expected: [ExpectedSample]
}

/// One element of an answer, as its file has it.
public struct ExpectedSample: Sendable {
    public var labels: String
    public var value: Double
    /// Empty for a float.
    public var histogram: String
}

/// A time in which a cluster does not answer.
public struct ClusterOutage: Hashable, Sendable {
    public var cluster: String
    /// Milliseconds since the test's start.
    public var from: Int64
    /// The first time at which it answers again; nil where it never does.
    public var to: Int64?
}
