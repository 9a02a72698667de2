/// Who can be reached from whom in one step, in two arrays.
struct Neighbours {
    private var starts: [Int]
    private var all: [Step]

    struct Step {
        var node: Int
        /// The edge's place, wherever it is from.
        var edge: Int
    }

    /// - Parameter edges: from, to, and the edge's place; steps keep this order.
    init(nodeCount: Int, edges: some Sequence<(Int, Int, Int)>) {
        let edges = Array(edges)
        starts = Array(repeating: 0, count: nodeCount + 1)
        for edge in edges { starts[edge.0 + 1] += 1 }
        for node in 0..<nodeCount { starts[node + 1] += starts[node] }
        var next = starts
        all = Array(repeating: Step(node: 0, edge: 0), count: edges.count)
        for edge in edges {
            all[next[edge.0]] = Step(node: edge.1, edge: edge.2)
            next[edge.0] += 1
        }
    }

    func steps(from node: Int) -> ArraySlice<Step> { all[starts[node]..<starts[node + 1]] }
}
