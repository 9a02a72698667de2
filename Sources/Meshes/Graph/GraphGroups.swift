/// Which nodes are drawn as one.
struct GraphGroups {
    /// Those that are drawn, in their order.
    private(set) var nodes: [GraphNode] = []
    /// For each node of the whole graph what it is drawn as; -1 where it is not.
    private(set) var placeOfNode: [Int32]

    init(
        _ graph: CallGraph, _ shape: GraphShape, _ isShown: [Bool], _ incoming: [TrafficSum],
        _ outgoing: [TrafficSum]
    ) {
        placeOfNode = Array(repeating: -1, count: graph.nodes.count)
        let shown = graph.nodes.indices.filter { isShown[$0] }
        var keys = graph.nodes.map(\.key)
        for place in shown { keys[place] = graph.nodes[place].groupKey(shape.collapse) }
        if let top = shape.top {
            Self.collapseBeyond(top, shape, graph, shown, &keys, incoming, outgoing)
        }
        var groups: [GraphNode.Key: [Int]] = [:]
        for place in shown { groups[keys[place], default: []].append(place) }
        let made = groups.values.map { members in
            (node: Self.node(graph, members, keys), members: members)
        }.sorted { GraphNode.precedes($0.node, $1.node) }
        for (place, group) in made.enumerated() {
            nodes.append(group.node)
            for member in group.members { placeOfNode[member] = Int32(place) }
        }
    }

    private static func node(
        _ graph: CallGraph, _ members: [Int], _ keys: [GraphNode.Key]
    ) -> GraphNode {
        let key = keys[members[0]]
        // One that would stand for itself only is itself.
        guard key.sort == .collapsed, members.count > 1 else { return graph.nodes[members[0]] }
        var node = GraphNode(key: key, kind: .collapsed)
        node.collapsed = members.count
        for member in members {
            node.dialects.formUnion(graph.nodes[member].dialects)
            if graph.nodes[member].isWitness { node.isWitness = true }
        }
        return node
    }

    /// Leaves the groups with the most traffic, and draws the others one level higher: nodes as their
    /// namespace in a cluster, namespaces as their cluster.
    private static func collapseBeyond(
        _ top: Int, _ shape: GraphShape, _ graph: CallGraph, _ shown: [Int],
        _ keys: inout [GraphNode.Key], _ incoming: [TrafficSum], _ outgoing: [TrafficSum]
    ) {
        guard shape.collapse != .cluster else { return }
        var weights: [GraphNode.Key: Weight] = [:]
        for place in shown {
            weights[keys[place], default: Weight(first: place)].add(incoming[place])
            weights[keys[place], default: Weight(first: place)].add(outgoing[place])
        }
        guard weights.count > top else { return }
        let ranked = weights.sorted { $0.value.precedes($1.value) }
        let beyond = Set(ranked.dropFirst(max(0, top)).map(\.key))
        let isNode = shape.collapse == .none
        for place in shown where beyond.contains(keys[place]) {
            let key = graph.nodes[place].key
            let name = isNode ? (key.namespace.isEmpty ? "others" : key.namespace) : ""
            keys[place] = GraphNode.Key(
                sort: .collapsed, cluster: key.cluster, namespace: isNode ? key.namespace : "",
                name: name)
        }
    }

    /// How much goes through a group.
    private struct Weight {
        var requests = ExactRate.zero
        var bytes = ExactRate.zero
        /// The place of its first node.
        var first: Int

        init(first: Int) {
            self.first = first
        }

        mutating func add(_ sum: TrafficSum) {
            requests += sum.requests
            bytes += sum.bytes
        }

        func precedes(_ other: Weight) -> Bool {
            if requests != other.requests { return requests > other.requests }
            return bytes == other.bytes ? first < other.first : bytes > other.bytes
        }
    }
}

extension GraphNode {
    /// What it is drawn as.
    fileprivate func groupKey(_ collapse: GraphCollapse) -> Key {
        guard collapse != .none, !isAnonymous, key.sort != .external else { return key }
        let isNamespace = collapse == .namespace
        let name = isNamespace ? (key.namespace.isEmpty ? "others" : key.namespace) : ""
        return Key(
            sort: .collapsed, cluster: key.cluster, namespace: isNamespace ? key.namespace : "",
            name: name)
    }
}
