import Clusters

/// How a request to the fleet's traces is to be answered.
package struct TraceCall: Hashable, Sendable {
    /// When the answer must be there; nil for the configured timeout, which is the longest anyway.
    package var deadline: ContinuousClock.Instant?
    /// The clusters to ask; nil for all that have a Jaeger.
    package var clusters: Set<ClusterID>?
    /// Whether nothing that is remembered may take the place of asking.
    package var skipsMemory: Bool

    package init(
        deadline: ContinuousClock.Instant? = nil, clusters: Set<ClusterID>? = nil,
        skipsMemory: Bool = false
    ) {
        self.deadline = deadline
        self.clusters = clusters
        self.skipsMemory = skipsMemory
    }
}
