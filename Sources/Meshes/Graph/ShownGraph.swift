/// The part of a graph that a shape lets through, with what is collapsed drawn as one.
struct ShownGraph {
    let clusters: ClusterTable
    private(set) var nodes: [GraphNode] = []
    private(set) var edges: [GraphEdge] = []
    /// What each node receives and sends, of all edges: also of those that are filtered away.
    private(set) var incoming: [TrafficSum] = []
    private(set) var outgoing: [TrafficSum] = []
    /// For each edge of the whole graph the place of what it is drawn as; -1 where it is not.
    private(set) var edgeOfEdge: [Int32]
    private(set) var totals = ServiceMap.Totals()

    init(_ graph: CallGraph, _ shape: GraphShape) {
        clusters = graph.clusters
        var selection = GraphSelection(graph, shape)
        selection.keepFocus(graph, shape)
        edgeOfEdge = Array(repeating: -1, count: graph.edges.count)

        var allIncoming = graph.nodes.map { _ in TrafficSum() }
        var allOutgoing = allIncoming
        var sum = TrafficSum()
        for (place, edge) in graph.edges.enumerated() {
            allIncoming[Int(edge.destination)].add(edge.sum)
            allOutgoing[Int(edge.source)].add(edge.sum)
            if selection.edges[place] { sum.add(edge.sum) }
        }
        let traffic = sum.traffic
        totals.nodes = selection.nodes.count { $0 }
        totals.edges = selection.edges.count { $0 }
        totals.requestRate = traffic.requestRate ?? 0
        totals.errorRatio = traffic.errorRatio

        let groups = GraphGroups(graph, shape, selection.nodes, allIncoming, allOutgoing)
        nodes = groups.nodes
        incoming = nodes.map { _ in TrafficSum() }
        outgoing = incoming
        for (node, place) in groups.placeOfNode.enumerated() where place >= 0 {
            incoming[Int(place)].add(allIncoming[node])
            outgoing[Int(place)].add(allOutgoing[node])
        }
        draw(graph, selection, groups)
        totals.shownNodes = nodes.count
        totals.shownEdges = edges.count
    }

    /// Draws the edges between the nodes that are shown.
    private mutating func draw(
        _ graph: CallGraph, _ selection: GraphSelection, _ groups: GraphGroups
    ) {
        var places: [Int64: Int32] = [:]
        var drawn: [GraphEdge] = []
        var placeOfEdge = edgeOfEdge
        for (place, edge) in graph.edges.enumerated() where selection.edges[place] {
            var shown = edge
            shown.source = groups.placeOfNode[Int(edge.source)]
            shown.destination = groups.placeOfNode[Int(edge.destination)]
            if let known = places[shown.ends] {
                drawn[Int(known)].merge(shown)
                placeOfEdge[place] = known
            } else {
                places[shown.ends] = Int32(drawn.count)
                placeOfEdge[place] = Int32(drawn.count)
                drawn.append(shown)
            }
        }
        let order = drawn.indices.sorted { drawn[$0].ends < drawn[$1].ends }
        var moved = Array(repeating: Int32(-1), count: drawn.count)
        for (place, edge) in order.enumerated() { moved[edge] = Int32(place) }
        edges = order.map { drawn[$0] }
        edgeOfEdge = placeOfEdge.map { $0 < 0 ? -1 : moved[Int($0)] }
    }
}
