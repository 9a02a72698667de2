extension ServiceMap {
    /// An edge that others depend on.
    public struct CriticalEdge: Hashable, Sendable {
        /// Its place in the map's edges.
        public var edge: Int
        /// Requests a second that would no longer be made without it.
        public var requestRate: Double
    }

    /// The edges that are the only way to what they lead to, those first whose loss cuts off most.
    ///
    /// Traffic enters the graph at the nodes that nobody calls, as gateways and unknown callers are;
    /// into a circle that nobody calls it enters at its first node. An edge is critical if every way
    /// from there to its destination leads over it. What its loss cuts off are its own requests and
    /// those of all nodes that are only reached through its destination.
    public func criticalEdges(atMost count: Int) -> [CriticalEdge] {
        let live = edges.indices.filter { place in
            edges[place].source != edges[place].destination
                && edges[place].change?.kind != .vanished
        }
        let dominators = Dominators(
            nodeCount: nodes.count,
            edges: live.map { (edges[$0].source, edges[$0].destination, $0) })
        var rates = Array(repeating: 0.0, count: nodes.count)
        for edge in edges { rates[edge.source] += edge.traffic.requestRate ?? 0 }
        let cutOff = dominators.sums(rates)
        var hasOtherWay = Array(repeating: false, count: nodes.count)
        for place in live {
            let edge = edges[place]
            if dominators.parent(of: edge.destination) != edge.source,
                !dominators.dominates(edge.destination, edge.source)
            {
                hasOtherWay[edge.destination] = true
            }
        }
        var critical: [CriticalEdge] = []
        for place in live {
            let edge = edges[place]
            guard dominators.parent(of: edge.destination) == edge.source,
                !hasOtherWay[edge.destination]
            else { continue }
            let rate = (edge.traffic.requestRate ?? 0) + cutOff[edge.destination]
            if rate > 0 { critical.append(CriticalEdge(edge: place, requestRate: rate)) }
        }
        critical.sort { one, other in
            one.requestRate == other.requestRate
                ? one.edge < other.edge : one.requestRate > other.requestRate
        }
        return Array(critical.prefix(max(0, count)))
    }
}
