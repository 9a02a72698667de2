extension ServiceMap {
    /// A way from one node to another.
    public struct Path: Hashable, Sendable {
        /// Places of nodes, both ends included.
        public var nodes: [Int]
        /// Places of the edges between them.
        public var edges: [Int]
        /// Requests a second over the edge that carries the fewest; nil for a path of no edges.
        public var leastRequestRate: Double?

        public init(nodes: [Int], edges: [Int], leastRequestRate: Double? = nil) {
            self.nodes = nodes
            self.edges = edges
            self.leastRequestRate = leastRequestRate
        }
    }

    /// The path of the fewest calls; of several the one whose nodes come first.
    public func shortestPath(from source: Int, to destination: Int) -> Path? {
        path(from: source, to: destination, atLeast: -1)
    }

    /// The path whose least call is made most, of several the shortest: that is where the traffic
    /// between two nodes can go, as of pipes in a row the narrowest says how much gets through.
    public func busiestPath(from source: Int, to destination: Int) -> Path? {
        let rates = Set(edges.map(rate)).sorted()
        var low = 0
        var high = rates.count
        var widest = shortestPath(from: source, to: destination)
        while low < high, widest != nil {
            let middle = (low + high) / 2
            if let path = path(from: source, to: destination, atLeast: rates[middle]) {
                widest = path
                low = middle + 1
            } else {
                high = middle
            }
        }
        return widest
    }

    private func rate(_ edge: Edge) -> Double { edge.traffic.requestRate ?? 0 }

    /// The shortest path over edges of at least this rate, from those that did not vanish.
    private func path(from source: Int, to destination: Int, atLeast least: Double) -> Path? {
        guard nodes.indices.contains(source), nodes.indices.contains(destination) else {
            return nil
        }
        let neighbours = Neighbours(
            nodeCount: nodes.count,
            edges: edges.indices.lazy.filter { place in
                edges[place].change?.kind != .vanished && rate(edges[place]) >= least
            }.map { (edges[$0].source, edges[$0].destination, $0) })
        var arrivedFrom: [Neighbours.Step?] = Array(repeating: nil, count: nodes.count)
        arrivedFrom[source] = Neighbours.Step(node: source, edge: -1)
        var queue = [source]
        var next = 0
        while next < queue.count, arrivedFrom[destination] == nil {
            let node = queue[next]
            next += 1
            for step in neighbours.steps(from: node) where arrivedFrom[step.node] == nil {
                arrivedFrom[step.node] = Neighbours.Step(node: node, edge: step.edge)
                queue.append(step.node)
            }
        }
        guard arrivedFrom[destination] != nil else { return nil }
        var path = Path(nodes: [destination], edges: [], leastRequestRate: nil)
        var node = destination
        while node != source, let step = arrivedFrom[node] {
            path.edges.append(step.edge)
            path.nodes.append(step.node)
            node = step.node
        }
        path.nodes.reverse()
        path.edges.reverse()
        path.leastRequestRate = path.edges.map { rate(edges[$0]) }.min()
        return path
    }
}
