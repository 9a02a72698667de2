extension ShownGraph {
    /// The numbers and sentences that are shown.
    ///
    /// - Parameter missing: why clusters did not answer.
    func map(
        _ shape: GraphShape, missing: [String: String], _ tolerances: HealthTolerances
    ) -> ServiceMap {
        let sentences = GraphSentences(missing: clusters.missing)
        var map = ServiceMap(view: shape.view, box: shape.box)
        map.totals = totals
        map.nodes = nodes.enumerated().map { place, node in
            self.node(place, node, shape, sentences, tolerances)
        }
        map.edges = edges.map { edge in
            var shown = ServiceMap.Edge(
                source: Int(edge.source), destination: Int(edge.destination),
                crossesClusters: edge.marks.contains(.crosses), protocols: edge.sum.protocols,
                traffic: edge.sum.traffic, loss: edge.loss, mutualTLS: edge.sum.mutualTLS,
                shaping: edge.shaping, witnesses: edge.witnesses, evidence: edge.evidence,
                calls: edge.calls, members: edge.members, change: edge.change)
            shown.incomplete = sentences.edge(
                edge, missing: edge.missing.compactMap(clusters.name),
                clusterIsUnknown: hasUnknownEnd(edge),
                callersAreUnknown: nodes[Int(edge.source)].key.sort == .unknown)
            shown.health = tolerances.health(of: shown.traffic)
            if edge.change?.kind == .vanished {
                shown.health = ServiceMap.Health(
                    .idle, because: "There are no calls any more.")
            } else if edge.marks.isDisjoint(with: .inMetrics), edge.marks.contains(.inTraces) {
                shown.health = ServiceMap.Health(
                    .unknown, because: "Only traces tell of these calls, not how many there are.")
            }
            return shown
        }
        map.boxes = boxes(shape, missing)
        map.criticalEdges = map.criticalEdges(atMost: 10).map(\.edge)
        return map
    }

    private func hasUnknownEnd(_ edge: GraphEdge) -> Bool {
        [edge.source, edge.destination].contains { place in
            let key = nodes[Int(place)].key
            return key.cluster == ClusterTable.unknown && key.sort != .external
        }
    }

    private func node(
        _ place: Int, _ node: GraphNode, _ shape: GraphShape, _ sentences: GraphSentences,
        _ tolerances: HealthTolerances
    ) -> ServiceMap.Node {
        let cluster = clusters.name(of: node.key.cluster)
        let incoming = incoming[place].traffic
        let outgoing = outgoing[place].traffic
        let name =
            node.key.sort == .collapsed && node.key.name.isEmpty
            ? cluster ?? "others" : node.shownName
        return ServiceMap.Node(
            id: node.id(clusters), kind: node.kind, cluster: cluster,
            namespace: node.key.namespace, name: name,
            version: node.key.version.isEmpty ? nil : node.key.version,
            workloads: node.workloads, dialects: node.dialects.dialects,
            box: box(of: node, shape.box), incoming: incoming, outgoing: outgoing,
            health: tolerances.health(incoming: incoming, outgoing: outgoing, in: shape.view),
            collapsed: node.collapsed, isMissing: clusters.isMissing(node.key.cluster),
            incomplete: sentences.node(
                node, cluster: cluster, isMissing: clusters.isMissing(node.key.cluster)))
    }

    private func box(of node: GraphNode, _ box: GraphBox) -> String? {
        guard box != .none, let cluster = clusters.name(of: node.key.cluster) else { return nil }
        guard box == .namespace, !node.key.namespace.isEmpty else {
            return GraphNode.boxID(cluster: cluster)
        }
        return GraphNode.boxID(cluster: cluster, namespace: node.key.namespace)
    }

    /// The boxes of what is shown, and those of missing clusters, which would hold something.
    private func boxes(_ shape: GraphShape, _ missing: [String: String]) -> [ServiceMap.Box] {
        guard shape.box != .none else { return [] }
        var boxes: [ServiceMap.Box] = []
        let wanted = Set(shape.clusters)
        for (place, cluster) in clusters.names.enumerated() {
            let inside = nodes.filter { $0.key.cluster == Int32(place) }
            let isMissing =
                clusters.isMissing[place] && (wanted.isEmpty || wanted.contains(cluster))
            guard !inside.isEmpty || isMissing else { continue }
            let id = GraphNode.boxID(cluster: cluster)
            boxes.append(
                ServiceMap.Box(id: id, kind: .cluster, name: cluster, missing: missing[cluster]))
            guard shape.box == .namespace else { continue }
            for namespace in Set(inside.map(\.key.namespace)).sorted() where !namespace.isEmpty {
                boxes.append(
                    ServiceMap.Box(
                        id: GraphNode.boxID(cluster: cluster, namespace: namespace),
                        kind: .namespace, name: namespace, parent: id, missing: missing[cluster]))
            }
        }
        return boxes
    }
}
