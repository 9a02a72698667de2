import Clusters
import Federation
import Spans

extension TraceMerger {
    /// Merges what clusters hold of one trace as the configuration says.
    init(_ settings: TraceSettings, clusters: [ClusterID], isRaw: Bool, missing: [Coverage.Missing])
    {
        self.init(
            Settings(
                clusters: clusters.map(\.name),
                maximumClockSkewAdjustment: settings.maximumClockSkewAdjustment, isRaw: isRaw,
                missing: missing.map { MissingCluster(name: $0.cluster.name, reason: $0.message) }))
    }
}
