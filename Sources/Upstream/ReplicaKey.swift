import Clusters

/// One replica of a cluster's service, by its address as the inventory has it.
struct ReplicaKey: Hashable, Sendable {
    var cluster: ClusterID
    var replica: String
}
