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
    /// From when on something is told of.
    package var probes = ProbeSettings()

    package init() {}
}
