import Clusters
import Federation
import Observations
import Synchronization
import TimeSeries

/// Whether clusters answer, as rules' questions and the fleet's watch find it.
package final class ClusterReachability: Sendable {
    /// The series that says it, one for each cluster: 1 or 0.
    package static let metric = "isthmus:cluster_reachable"

    private struct Experience {
        var answered: Set<ClusterID> = []
        var missing: Set<ClusterID> = []
    }

    /// Since the last samples.
    private let experience = Mutex(Experience())

    package init() {}

    /// Notes who answered a question.
    func note(_ coverage: Coverage) {
        experience.withLock {
            $0.answered.formUnion(coverage.present)
            $0.missing.formUnion(
                coverage.missing.lazy.filter { !$0.isMaintenance }.map(\.cluster))
        }
    }

    /// What is to be kept of a time: a cluster that answered anything since the time before is
    /// reachable; of one that nobody asked, the watch knows.
    func samples(of fleet: FleetSnapshot, at time: Int64) -> [ObservationStore.Sample] {
        let experience = experience.withLock { experience in
            defer { experience = Experience() }
            return experience
        }
        // Who is down on purpose is neither.
        return fleet.inventory.clusters.filter { !$0.maintenance }.compactMap { cluster in
            let isReachable: Bool? =
                if experience.answered.contains(cluster.id) {
                    true
                } else if experience.missing.contains(cluster.id) {
                    false
                } else {
                    fleet.state(of: cluster.id).reachable
                }
            guard let isReachable else { return nil }
            let labels = cluster.externalLabels.setting([
                Labels.metricNameLabel: Self.metric
            ])
            return .init(labels: labels, time: time, value: .float(isReachable ? 1 : 0))
        }
    }
}
