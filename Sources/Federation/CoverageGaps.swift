import Clusters
import PrometheusAPI
import TimeSeries

extension ClusterState {
    /// How far back an instant selector looks, so long does data count as going on.
    private static let lookback: Int64 = 300_000

    /// The parts of `reach` (milliseconds) for which the cluster is known to have no data.
    func gaps(in reach: ClosedRange<Int64>, cluster: Cluster, now: Int64) -> [Coverage.Gap] {
        var gaps: [Coverage.Gap] = []
        var start = dataStart
        if let retention = cluster.retention {
            start = max(start ?? .min, now - retention.milliseconds)
        }
        if let start, start > reach.lowerBound {
            let end = min(start, reach.upperBound)
            gaps.append(
                gap(cluster.id, reach.lowerBound, end, "its data begins later"))
        }
        if let last = dataEnd, last + Self.lookback < min(reach.upperBound, now) {
            let begin = max(last, reach.lowerBound)
            gaps.append(
                gap(cluster.id, begin, reach.upperBound, "it has stopped scraping"))
        }
        return gaps
    }

    private func gap(
        _ cluster: ClusterID, _ start: Int64, _ end: Int64, _ reason: String
    ) -> Coverage.Gap {
        Coverage.Gap(
            cluster: cluster, start: start, end: end,
            message: "cluster \(cluster) has no data from \(APITime.text(start)) to "
                + "\(APITime.text(end)): \(reason)")
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
