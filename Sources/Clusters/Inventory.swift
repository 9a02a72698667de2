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

    public subscript(id: ClusterID) -> Cluster? { clusters.first { $0.id == id } }

    /// The names of all external labels of all clusters.
    public var externalLabelNames: Set<String> {
        Set(clusters.flatMap { $0.externalLabels.pairs.map(\.name) })
    }
}
