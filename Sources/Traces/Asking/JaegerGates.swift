import Clusters
import Federation
import Synchronization

/// Lets so many questions at a time through to each Jaeger, as its file says.
final class JaegerGates: Sendable {
    private let gates = Mutex<[ClusterID: ConcurrencyGate]>([:])

    func gate(of cluster: Cluster, _ jaeger: Service) -> ConcurrencyGate {
        let limit = jaeger.maximumConcurrentRequests
        let gate = gates.withLock { gates in
            let known = gates[cluster.id] ?? ConcurrencyGate(limit: limit)
            gates[cluster.id] = known
            return known
        }
        gate.setLimit(limit)
        return gate
    }
}
