import Clusters
import Synchronization

/// What asking the Jaegers has shown of them. It holds for as long as their files stay the same.
final class KnownJaegers: Sendable {
    private struct Known: Sendable {
        var cluster: Cluster
        var generation: JaegerGeneration?
        var services: ServiceList?
    }

    /// Which services a cluster's Jaeger had at a time.
    struct ServiceList: Sendable {
        var names: Set<String>
        /// Milliseconds since 1970.
        var readAt: Int64
    }

    private let state = Mutex<[ClusterID: Known]>([:])

    /// The generation that the cluster speaks, as its file says or as was found out.
    func generation(of cluster: Cluster) -> JaegerGeneration? {
        cluster.jaegerGeneration ?? known(cluster)?.generation
    }

    func services(of cluster: Cluster) -> ServiceList? { known(cluster)?.services }

    private func known(_ cluster: Cluster) -> Known? {
        state.withLock { known in known[cluster.id].flatMap { $0.cluster == cluster ? $0 : nil } }
    }

    func note(_ generation: JaegerGeneration?, of cluster: Cluster) {
        change(cluster) { $0.generation = generation }
    }

    func note(_ services: ServiceList, of cluster: Cluster) {
        change(cluster) { $0.services = services }
    }

    private func change(_ cluster: Cluster, _ change: (inout Known) -> Void) {
        state.withLock { known in
            var entry = known[cluster.id] ?? Known(cluster: cluster)
            if entry.cluster != cluster { entry = Known(cluster: cluster) }
            change(&entry)
            known[cluster.id] = entry
        }
    }
}
