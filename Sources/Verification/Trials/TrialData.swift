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
        /// Whether it is no cluster: its series are the gateway's own, as the union has them.
        var isGateway = false
    }

    /// All series, with the cluster that each is in.
    var places: [(cluster: Int, series: Int)] {
        clusters.indices.flatMap { cluster in
            clusters[cluster].series.indices.map { (cluster, $0) }
        }
    }

    /// The same data with some of each cluster's series observed by the gateway instead: those of
    /// some metrics wholly, of others in part.
    func observed() -> TrialData {
        var random = SeededGenerator(seed: seed ^ 0x6f62_7365_7276_6564)
        var result = self
        var shares: [String: Int] = [:]
        var own: [SampleColumns] = []
        for metric in vocabulary.metrics { shares[metric.name] = random.pick([0, 0, 0, 30, 100]) }
        for index in result.clusters.indices {
            let external = result.clusters[index].externalLabels
            result.clusters[index].series.removeAll { series in
                guard random.chance(shares[series.labels.metricName ?? ""] ?? 0) else {
                    return false
                }
                var series = series
                series.labels = series.labels.observed(in: external)
                own.append(series)
                return true
            }
        }
        result.clusters.append(
            Cluster(id: "(gateway)", externalLabels: Labels(), series: own, isGateway: true))
        return result
    }
}
