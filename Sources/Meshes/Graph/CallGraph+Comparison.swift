extension CallGraph {
    /// Marks edges that are new or changed since an earlier time, and adds those that vanished, which
    /// are without traffic.
    ///
    /// An edge whose clusters did not all answer at both times is not compared: that nobody told of
    /// it does not mean that it was not there.
    mutating func compare(with earlier: CallGraph, _ tolerances: ChangeTolerances) {
        let comparison = Comparison(self, earlier, tolerances)
        var places: [String: Int32] = [:]
        for (place, node) in nodes.enumerated() { places[node.id(clusters)] = Int32(place) }
        var earlierPlaces: [Int64: Int] = [:]
        for (place, edge) in earlier.edges.enumerated() {
            let source = earlier.nodes[Int(edge.source)]
            let destination = earlier.nodes[Int(edge.destination)]
            let known = (
                places[source.id(earlier.clusters)], places[destination.id(earlier.clusters)]
            )
            if let source = known.0, let destination = known.1 {
                earlierPlaces[Int64(source) << 32 | Int64(destination)] = place
            }
        }
        let now = placesByEnds
        for place in edges.indices {
            let before = earlierPlaces[edges[place].ends].map { earlier.edges[$0] }
            edges[place].change = comparison.change(of: edges[place], before: before)
        }
        for edge in earlier.edges where comparison.hasVanished(edge, now, places) {
            let source = adopt(earlier.nodes[Int(edge.source)], of: earlier, &places)
            let destination = adopt(earlier.nodes[Int(edge.destination)], of: earlier, &places)
            var gone = GraphEdge(source: source, destination: destination)
            gone.marks = edge.marks.intersection([.crosses, .inMetrics])
            gone.sum.note(edge.sum.kinds)
            gone.change = comparison.vanished(edge)
            edges.append(gone)
        }
        move(to: rearrange())
    }

    /// The place of a node of an earlier graph, which is added where it is gone.
    private mutating func adopt(
        _ node: GraphNode, of earlier: CallGraph, _ places: inout [String: Int32]
    ) -> Int32 {
        let id = node.id(earlier.clusters)
        if let place = places[id] { return place }
        let place = Int32(nodes.count)
        var adopted = node
        if let cluster = earlier.clusters.name(of: node.key.cluster) {
            adopted.key.cluster = clusters.adopt(cluster)
        }
        places[id] = place
        nodes.append(adopted)
        return place
    }

    /// What is the same and what is not.
    private struct Comparison {
        var tolerances: ChangeTolerances
        var now: CallGraph
        var earlier: CallGraph

        init(_ now: CallGraph, _ earlier: CallGraph, _ tolerances: ChangeTolerances) {
            self.now = now
            self.earlier = earlier
            self.tolerances = tolerances
        }

        /// Whether everyone who could tell of an edge of `graph` answered at both times.
        private func isComparable(_ edge: GraphEdge, of graph: CallGraph) -> Bool {
            guard !now.clusters.missing.isEmpty || !earlier.clusters.missing.isEmpty else {
                return true
            }
            let ends = [edge.source, edge.destination].map { graph.nodes[Int($0)] }
            return ends.allSatisfy { node in
                guard node.key.sort != .external else { return true }
                guard let cluster = graph.clusters.name(of: node.key.cluster) else { return false }
                return !now.clusters.missing.contains(cluster)
                    && !earlier.clusters.missing.contains(cluster)
            } && !edge.marks.contains(.isGuessed)
        }

        private func isNoticed(_ edge: GraphEdge) -> Bool {
            guard !edge.sum.isIdle else { return false }
            let requests = edge.sum.requests
            return requests == .zero || requests.value >= tolerances.minimumRequestRate
        }

        func hasVanished(
            _ edge: GraphEdge, _ edgesNow: [Int64: Int], _ places: [String: Int32]
        ) -> Bool {
            guard isNoticed(edge), isComparable(edge, of: earlier) else { return false }
            let source = earlier.nodes[Int(edge.source)].id(earlier.clusters)
            let destination = earlier.nodes[Int(edge.destination)].id(earlier.clusters)
            guard let source = places[source], let destination = places[destination] else {
                return true
            }
            return edgesNow[Int64(source) << 32 | Int64(destination)] == nil
        }

        func vanished(_ edge: GraphEdge) -> ServiceMap.Edge.Change {
            let traffic = edge.sum.traffic
            return ServiceMap.Edge.Change(
                kind: .vanished, requestRateBefore: traffic.requestRate,
                errorRatioBefore: traffic.errorRatio)
        }

        func change(of edge: GraphEdge, before: GraphEdge?) -> ServiceMap.Edge.Change? {
            guard edge.marks.contains(.inMetrics), isComparable(edge, of: now) else { return nil }
            let traffic = edge.sum.traffic
            let earlier = before?.sum.traffic
            let change = { (kind: ServiceMap.Edge.Change.Kind) in
                ServiceMap.Edge.Change(
                    kind: kind, requestRateBefore: earlier?.requestRate,
                    errorRatioBefore: earlier?.errorRatio)
            }
            guard let before, !before.sum.isIdle else {
                return isNoticed(edge) ? change(.new) : nil
            }
            guard !edge.sum.isIdle else { return isNoticed(before) ? change(.vanished) : nil }
            let (rate, rateBefore) = (traffic.requestRate ?? 0, earlier?.requestRate ?? 0)
            let guardRate = tolerances.minimumRequestRate
            guard max(rate, rateBefore) >= guardRate else { return nil }
            let isFactor =
                max(rate, rateBefore)
                >= max(min(rate, rateBefore), guardRate) * tolerances.requestRateFactor
            let difference = abs((traffic.errorRatio ?? 0) - (earlier?.errorRatio ?? 0))
            let isRatio =
                min(rate, rateBefore) >= guardRate && difference >= tolerances.errorRatioDifference
            return isFactor || isRatio ? change(.changed) : nil
        }
    }
}
