import Clusters
import MeshHealth

/// How control planes are watched, where an endpoint of the inventory does not say it.
package struct ControlPlaneSettings: Hashable, Sendable {
    /// Whether anything is watched at all. Without it nothing is asked, nothing is known, and there
    /// are no series of it.
    package var isOn = true
    /// How often each replica is asked.
    package var interval: Duration = .seconds(15)
    /// For each of a replica's answers.
    package var timeout: Duration = .seconds(5)
    /// Replicas that are asked at a time.
    package var concurrency = 64
    /// How often the clusters' metrics are asked what they say of control planes and certificates.
    package var metricsInterval: Duration = .seconds(60)
    /// For one question to the clusters' metrics.
    package var queryTimeout: Duration = .seconds(20)
    /// Questions to metrics that are asked at a time; each goes to all clusters.
    package var concurrentQueries = 4
    /// How far back the questions to metrics look for what counters tell, and in proportion for the
    /// rest. For so long what a counter has told stays.
    package var lookback: Duration = .seconds(600)
    /// From when on something is told of, and how many proxies of each istiod are kept.
    package var probes = ProbeSettings()
    /// The most certificates that are kept and told of: those that end first, the worst of all.
    package var maximumCertificates = 10_000

    package init() {}

    /// The rules that the clusters' metrics are held against.
    var rules: [HealthRule] { HealthRule.all(windows) }

    private var windows: RuleWindows { RuleWindows(lookback: lookback.wholeMilliseconds) }
}
