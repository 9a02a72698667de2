/// Which edges and nodes of a graph the filters let through.
struct GraphSelection {
    private(set) var edges: [Bool]
    private(set) var nodes: [Bool]

    init(_ graph: CallGraph, _ shape: GraphShape) {
        let clusters = Set(shape.clusters)
        let namespaces = Set(shape.namespaces)
        let isChosen = graph.nodes.map { node in
            (clusters.isEmpty
                || graph.clusters.name(of: node.key.cluster).map(clusters.contains) ?? false)
                && (namespaces.isEmpty || namespaces.contains(node.key.namespace))
        }
        edges = graph.edges.map { edge in
            // Edges that vanished have no traffic, and those of traces none that is known.
            let isShown =
                shape.includesIdle || !edge.sum.isIdle || edge.change != nil
                || edge.marks.contains(.inTraces)
            return isShown && (isChosen[Int(edge.source)] || isChosen[Int(edge.destination)])
        }
        nodes = Array(repeating: false, count: graph.nodes.count)
        markEnds(graph)
    }

    private mutating func markEnds(_ graph: CallGraph) {
        for (place, edge) in graph.edges.enumerated() where edges[place] {
            nodes[Int(edge.source)] = true
            nodes[Int(edge.destination)] = true
        }
    }

    /// Leaves only the calls on the ways from and to the focus that are no longer than its depth. The
    /// focus itself stays, even if nobody calls it.
    mutating func keepFocus(_ graph: CallGraph, _ shape: GraphShape) {
        guard let focus = shape.focus else { return }
        let seeds = graph.nodes.indices.filter { focus.isMet(by: graph.nodes[$0]) }
        let down = distances(graph, from: seeds, forward: true, atMost: focus.depth)
        let up = distances(graph, from: seeds, forward: false, atMost: focus.depth)
        for (place, edge) in graph.edges.enumerated() where edges[place] {
            edges[place] =
                down[Int(edge.source)] < focus.depth || up[Int(edge.destination)] < focus.depth
        }
        nodes = Array(repeating: false, count: graph.nodes.count)
        markEnds(graph)
        for seed in seeds { nodes[seed] = true }
    }

    /// How many calls away each node is; `Int.max` for those farther than `depth`.
    private func distances(
        _ graph: CallGraph, from seeds: [Int], forward: Bool, atMost depth: Int
    ) -> [Int] {
        let neighbours = Neighbours(
            nodeCount: graph.nodes.count,
            edges: graph.edges.indices.lazy.filter { edges[$0] }.map { place in
                let edge = graph.edges[place]
                return forward
                    ? (Int(edge.source), Int(edge.destination), place)
                    : (Int(edge.destination), Int(edge.source), place)
            })
        var distances = Array(repeating: Int.max, count: graph.nodes.count)
        for seed in seeds { distances[seed] = 0 }
        var queue = seeds
        var next = 0
        while next < queue.count {
            let node = queue[next]
            next += 1
            guard distances[node] < depth else { continue }
            for step in neighbours.steps(from: node) where distances[step.node] == .max {
                distances[step.node] = distances[node] + 1
                queue.append(step.node)
            }
        }
        return distances
    }
}

extension GraphShape.Focus {
    /// By its name, or else by that of one of its workloads or canonical services.
    func isMet(by node: GraphNode) -> Bool {
        guard !node.isAnonymous, namespace.map({ $0 == node.key.namespace }) ?? true else {
            return false
        }
        return node.key.name == name || node.workloads.contains(name) || node.apps.contains(name)
    }
}
