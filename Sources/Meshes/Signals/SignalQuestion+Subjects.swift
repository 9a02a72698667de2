extension SignalQuestion {
    /// The subjects that the calls of a leaf are part of; none where they were not asked for.
    func subjects(ofLeaf leaf: Int, _ resolution: SignalResolution) -> [SignalSubject] {
        let resolved = resolution.resolved
        let source = resolved.leaves[leaf].source
        let caller = resolved.parties[Int(source.party)]
        let to = SignalSubject.End(
            resolution.destination(ofLeaf: leaf), resolved.clusters)
        guard admits(caller, to) else { return [] }
        switch grouping {
        case .edge:
            let from = SignalSubject.End(
                cluster: resolved.clusters.name(of: source.cluster) ?? "",
                namespace: caller.namespace,
                service: caller.app.isEmpty ? caller.workload : caller.app)
            guard includes(cluster: to.cluster) || includes(cluster: from.cluster) else {
                return []
            }
            return [
                SignalSubject(
                    kind: .edge, cluster: to.cluster.isEmpty ? nil : to.cluster,
                    namespace: to.namespace, service: to.service, source: from, destination: to)
            ]
        case .service:
            let everywhere = SignalSubject(
                kind: .service, namespace: to.namespace, service: to.service)
            var subjects = clusters.isEmpty ? [everywhere] : []
            if !to.cluster.isEmpty, includes(cluster: to.cluster) {
                var one = everywhere
                one.cluster = to.cluster
                subjects.append(one)
            }
            return subjects
        case .cluster:
            guard !to.cluster.isEmpty, includes(cluster: to.cluster) else { return [] }
            return [SignalSubject(kind: .cluster, cluster: to.cluster)]
        case .mesh:
            return includes(cluster: to.cluster) ? [SignalSubject(kind: .mesh)] : []
        }
    }

    /// Whether calls of such ends were asked for.
    private func admits(_ caller: Party, _ to: SignalSubject.End) -> Bool {
        if grouping == .edge, caller.sort == .unknown { return false }
        if grouping == .service, to.service.isEmpty { return false }
        let alternatives = scope.alternatives
        guard !alternatives.isEmpty else { return true }
        return alternatives.contains { alternative in
            let source = alternative.source?.matches(
                namespace: caller.namespace, names: [caller.app, caller.workload])
            let destination = alternative.destination?.matches(
                namespace: to.namespace, names: [to.service])
            return source ?? true && destination ?? true
        }
    }
}

extension SignalSubject.End {
    /// A destination as the graph of services has it. What is no service of a mesh is in no cluster.
    fileprivate init(_ node: GraphNode, _ clusters: ClusterTable) {
        switch node.key.sort {
        case .passthrough: self.init(cluster: "", namespace: "", service: "PassthroughCluster")
        case .blackHole: self.init(cluster: "", namespace: "", service: "BlackHoleCluster")
        case .unknown, .unknownDestination: self.init(cluster: "", namespace: "", service: "")
        case .external: self.init(cluster: "", namespace: "", service: node.key.name)
        default:
            self.init(
                cluster: clusters.name(of: node.key.cluster) ?? "",
                namespace: node.key.namespace, service: node.key.name)
        }
    }
}
