/// Which nodes a name in a trace may be.
struct TraceNames {
    private let clusters: ClusterTable
    private var byName: [String: [Int32]] = [:]
    private var clusterOfNode: [Int32]

    init(_ nodes: [GraphNode], _ clusters: ClusterTable) {
        self.clusters = clusters
        clusterOfNode = nodes.map(\.key.cluster)
        for (place, node) in nodes.enumerated() where !node.isAnonymous {
            for name in Set([node.key.name] + node.apps) {
                add(name, Int32(place))
                if !node.key.namespace.isEmpty {
                    add(node.key.namespace + "/" + name, Int32(place))
                    add(name + "." + node.key.namespace, Int32(place))
                }
            }
        }
    }

    private mutating func add(_ name: String, _ place: Int32) {
        if byName[name]?.last != place { byName[name, default: []].append(place) }
    }

    /// All that it may be, in the clusters that hold its spans if those are known.
    func nodes(_ name: String, _ holders: [String]) -> [Int32] {
        let all = byName[name] ?? []
        let places = holders.map(clusters.place).filter { $0 != ClusterTable.unknown }
        let near = all.filter { places.contains(clusterOfNode[Int($0)]) }
        return near.isEmpty && places.isEmpty ? all : near
    }

    /// The one that it is, or a new one.
    mutating func node(
        _ name: String, _ holders: [String], _ candidates: [Int32], _ nodes: inout [GraphNode]
    ) -> Int32 {
        if candidates.count == 1, let only = candidates.first { return only }
        let cluster = holders.count == 1 ? clusters.place(of: holders[0]) : ClusterTable.unknown
        let key = GraphNode.Key(sort: .plain, cluster: cluster, name: name)
        let known = byName[name]?.first { nodes[Int($0)].key == key }
        if let known { return known }
        let place = Int32(nodes.count)
        nodes.append(GraphNode(key: key, kind: .service))
        clusterOfNode.append(cluster)
        add(name, place)
        return place
    }
}
