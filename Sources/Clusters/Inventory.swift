import TimeSeries

/// All clusters at one moment. It is swapped whole: a query finishes on the one it began with.
public struct Inventory: Hashable, Sendable {
    /// Ordered by name: the order in which answers are combined.
    public let clusters: [Cluster]
    /// Counts the inventories of a gateway's life, from 1.
    public let generation: Int

    /// The clusters must have different names and different external label sets; `InventoryReader`
    /// checks it and says where it is not so.
    public init(clusters: [Cluster], generation: Int = 1) {
        self.clusters = clusters.sorted { $0.id < $1.id }
        self.generation = generation
    }

    /// The cluster with a name, if there is one.
    public subscript(id: ClusterID) -> Cluster? {
        var low = 0
        var high = clusters.count
        while low < high {
            let middle = (low + high) / 2
            if clusters[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < clusters.count && clusters[low].id == id ? clusters[low] : nil
    }

    /// The names of all external labels of all clusters.
    public var externalLabelNames: Set<String> {
        Set(clusters.flatMap { $0.externalLabels.pairs.map(\.name) })
    }
}
