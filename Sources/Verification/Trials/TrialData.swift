import Clusters
import Planning
import TimeSeries

/// Samples of some clusters, and what there is to ask about them; the same for a seed.
struct TrialData: Sendable {
    var seed: UInt64
    var clusters: [Cluster]
    var vocabulary: QueryVocabulary

    struct Cluster: Sendable {
        var id: String
        var externalLabels: Labels
        /// As the cluster's own server has them: without external labels.
        var series: [SampleColumns]
    }

    /// All series, with the cluster that each is in.
    var places: [(cluster: Int, series: Int)] {
        clusters.indices.flatMap { cluster in
            clusters[cluster].series.indices.map { (cluster, $0) }
        }
    }
}
