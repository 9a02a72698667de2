extension CallGraph {
    /// Unites the edges of the metrics with those of traces, which know services by their names only.
    ///
    /// A call belongs to the edges between nodes of these names (`checkout`, or `shop/checkout`, or
    /// `checkout.shop` as Istio names services in traces); where the spans' clusters are known, to
    /// those between them. If that is one edge its calls are counted there; of several, all have the
    /// evidence, but which calls are whose is not known. Without one, the call is a new edge: between
    /// nodes of the graph where they are certain, or else new ones in the only cluster that holds the
    /// spans.
    ///
    /// - Parameter usesMetrics: whether edges without evidence in traces stay.
    mutating func reconcile(with calls: [TraceCall], usesMetrics: Bool = true) {
        if !usesMetrics { forgetMetrics() }
        var names = TraceNames(nodes, clusters)
        var places = placesByEnds
        for call in calls.sorted(by: Self.precedes) where call.caller != call.callee {
            guard call.count > 0, !call.caller.isEmpty, !call.callee.isEmpty else { continue }
            let sources = names.nodes(call.caller, call.callerClusters)
            let destinations = names.nodes(call.callee, call.calleeClusters)
            let found = sources.flatMap { source in
                destinations.compactMap { destination in
                    places[Int64(source) << 32 | Int64(destination)]
                }
            }
            for place in found {
                edges[place].marks.insert(.inTraces)
                if found.count == 1 {
                    edges[place].calls = (edges[place].calls ?? 0).clampedSum(call.count)
                }
            }
            guard found.isEmpty else { continue }
            let source = names.node(call.caller, call.callerClusters, sources, &nodes)
            let destination = names.node(call.callee, call.calleeClusters, destinations, &nodes)
            var edge = GraphEdge(source: source, destination: destination)
            edge.marks = .inTraces
            edge.calls = call.count
            markMissing(&edge)
            places[edge.ends] = edges.count
            edges.append(edge)
        }
        let moved = rearrange(
            dropping: usesMetrics
                ? []
                : Set(
                    edges.indices.filter {
                        !edges[$0].marks.contains(.inTraces)
                    }))
        move(to: moved)
    }

    /// Leaves the nodes, and of the edges only that they are there.
    private mutating func forgetMetrics() {
        for place in edges.indices {
            var edge = GraphEdge(source: edges[place].source, destination: edges[place].destination)
            edge.marks = edges[place].marks.intersection(.crosses)
            edge.missing = edges[place].missing
            edges[place] = edge
        }
    }

    private func markMissing(_ edge: inout GraphEdge) {
        let source = nodes[Int(edge.source)].key.cluster
        let destination = nodes[Int(edge.destination)].key.cluster
        if source >= 0, destination >= 0, source != destination { edge.marks.insert(.crosses) }
        for cluster in [source, destination]
        where clusters.isMissing(cluster) && !edge.missing.contains(cluster) {
            edge.missing.append(cluster)
        }
    }

    private static func precedes(_ one: TraceCall, _ other: TraceCall) -> Bool {
        if one.caller != other.caller { return one.caller < other.caller }
        if one.callee != other.callee { return one.callee < other.callee }
        let (a, b) = (
            one.callerClusters + [""] + one.calleeClusters,
            other.callerClusters + [""] + other.calleeClusters
        )
        return a == b ? one.count < other.count : a.lexicographicallyPrecedes(b)
    }
}
