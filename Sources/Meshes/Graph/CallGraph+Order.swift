extension CallGraph {
    /// Puts nodes in the order in which they are shown, and edges in that of their ends; nodes without
    /// edges go.
    ///
    /// - Returns: where each edge is now; -1 for those that were dropped.
    @discardableResult
    mutating func rearrange(dropping dropped: Set<Int> = []) -> [Int32] {
        var isUsed = Array(repeating: false, count: nodes.count)
        for (place, edge) in edges.enumerated() where !dropped.contains(place) {
            isUsed[Int(edge.source)] = true
            isUsed[Int(edge.destination)] = true
        }
        let names = nodes.map(\.key)
        let order = nodes.indices.filter { isUsed[$0] }.sorted {
            GraphNode.precedes(names[$0], names[$1])
        }
        var placeOfNode = Array(repeating: Int32(0), count: nodes.count)
        for (place, node) in order.enumerated() { placeOfNode[node] = Int32(place) }
        nodes = order.map { place in
            var node = nodes[place]
            node.workloads.sort()
            node.apps.sort()
            return node
        }
        for place in edges.indices {
            edges[place].source = placeOfNode[Int(edges[place].source)]
            edges[place].destination = placeOfNode[Int(edges[place].destination)]
            edges[place].missing.sort()
        }
        let keys = edges.map(\.ends)
        let edgeOrder = edges.indices.filter { !dropped.contains($0) }
            .sorted { keys[$0] < keys[$1] }
        var placeOfEdge = Array(repeating: Int32(-1), count: edges.count)
        for (place, edge) in edgeOrder.enumerated() { placeOfEdge[edge] = Int32(place) }
        edges = edgeOrder.map { edges[$0] }
        return placeOfEdge
    }

    /// Where each pair of ends has its edge.
    var placesByEnds: [Int64: Int] {
        Dictionary(
            edges.enumerated().map { ($1.ends, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension GraphEdge.Marks {
    init(_ reporter: CallReport.Reporter) {
        switch reporter {
        case .source: self = .bySource
        case .destination: self = .byDestination
        case .waypoint: self = .byWaypoint
        }
    }
}

extension GraphEdge {
    /// Notes what a leaf says of its edge before any report is counted.
    mutating func mark(_ resolved: ResolvedRows, leaf place: Int) {
        let leaf = resolved.leaves[place]
        marks.insert(.inMetrics)
        if resolved.isGuessed[place] { marks.insert(.isGuessed) }
        let (source, destination) = (leaf.source.cluster, leaf.destination.cluster)
        if source >= 0, destination >= 0, source != destination { marks.insert(.crosses) }
        if resolved.clusters.isMissing(source) {
            marks.insert(.sourceIsMissing)
            if !missing.contains(source) { missing.append(source) }
        }
        if resolved.clusters.isMissing(destination) {
            marks.insert(.destinationIsMissing)
            if !missing.contains(destination) { missing.append(destination) }
        }
    }
}
