/// The nodes that parties are in a view.
struct NodeTable {
    private(set) var nodes: [GraphNode] = []
    private let view: GraphView
    private let resolved: ResolvedRows
    private let served: ServedServices?
    private var places: [GraphNode.Key: Int32] = [:]
    private var callers: [ResolvedRows.ClusterParty: Int32] = [:]
    private var callees: [ResolvedRows.ClusterParty: Int32] = [:]

    init(_ resolved: ResolvedRows, view: GraphView) {
        self.resolved = resolved
        self.view = view
        served = view == .service ? ServedServices(resolved) : nil
    }

    mutating func source(of leaf: ResolvedRows.Leaf) -> Int32 {
        if let known = callers[leaf.source] { return known }
        let party = resolved.parties[Int(leaf.source.party)]
        let place: Int32
        if party.sort == .unknown {
            place = self.place(
                of: GraphNode.Key(sort: .unknown, cluster: leaf.source.cluster), kind: .unknown,
                party)
        } else if let service = served?.service(of: leaf.source) {
            place = self.place(
                of: key(.plain, leaf.source, party.namespace, service), kind: .service, party)
        } else {
            place = workload(leaf.source, party)
        }
        callers[leaf.source] = place
        return place
    }

    mutating func destination(of leaf: ResolvedRows.Leaf) -> Int32 {
        if let known = callees[leaf.destination] { return known }
        let party = resolved.parties[Int(leaf.destination.party)]
        let end = leaf.destination
        let place: Int32
        switch party.sort {
        case .external:
            place = self.place(
                of: key(.external, end, "", party.service), kind: .external, party)
        case .passthrough:
            place = self.place(
                of: GraphNode.Key(sort: .passthrough, cluster: end.cluster), kind: .passthrough,
                party)
        case .blackHole:
            place = self.place(
                of: GraphNode.Key(sort: .blackHole, cluster: end.cluster), kind: .blackHole, party)
        case .unknown:
            place = self.place(
                of: GraphNode.Key(sort: .unknownDestination, cluster: end.cluster), kind: .unknown,
                party)
        case .common where party.isServiceOnly || (view == .service && !party.service.isEmpty):
            place = self.place(
                of: key(view == .service ? .plain : .service, end, party.namespace, party.service),
                kind: .service, party)
        case .common:
            place = workload(end, party)
        }
        callees[leaf.destination] = place
        return place
    }

    /// A party that is known as a workload or an app.
    private mutating func workload(
        _ end: ResolvedRows.ClusterParty, _ party: Party
    ) -> Int32 {
        switch view {
        case .service where party.app.isEmpty:
            place(of: key(.plain, end, party.namespace, party.workload), kind: .workload, party)
        case .service:
            place(of: key(.plain, end, party.namespace, party.app), kind: .app, party)
        case .workload where party.workload.isEmpty:
            place(of: key(.app, end, party.namespace, party.app), kind: .app, party)
        case .workload:
            place(of: key(.plain, end, party.namespace, party.workload), kind: .workload, party)
        case .app where party.app.isEmpty, .versionedApp where party.app.isEmpty:
            place(of: key(.workload, end, party.namespace, party.workload), kind: .workload, party)
        case .app:
            place(of: key(.plain, end, party.namespace, party.app), kind: .app, party)
        case .versionedApp:
            place(
                of: GraphNode.Key(
                    sort: .plain, cluster: end.cluster, namespace: party.namespace,
                    name: party.app, version: party.version),
                kind: .versionedApp, party)
        }
    }

    private func key(
        _ sort: GraphNode.Sort, _ end: ResolvedRows.ClusterParty, _ namespace: String,
        _ name: String
    ) -> GraphNode.Key {
        GraphNode.Key(sort: sort, cluster: end.cluster, namespace: namespace, name: name)
    }

    private mutating func place(
        of key: GraphNode.Key, kind: ServiceMap.Node.Kind, _ party: Party
    ) -> Int32 {
        let next = Int32(nodes.count)
        let place = places[key, default: next]
        if place == next {
            places[key] = next
            nodes.append(GraphNode(key: key, kind: kind))
        }
        nodes[Int(place)].learn(kind, party)
        return place
    }

    mutating func note(_ place: Int32, isWitness: Bool) {
        if isWitness { nodes[Int(place)].isWitness = true }
    }

    mutating func note(_ place: Int32, dialect: Dialect) {
        nodes[Int(place)].dialects.insert(DialectSet(dialect))
    }
}

extension GraphNode {
    /// Of several kinds that a node of a view of services may have, the best known.
    private static let kinds: [ServiceMap.Node.Kind] = [.waypoint, .gateway, .service, .app]

    fileprivate mutating func learn(_ other: ServiceMap.Node.Kind, _ party: Party) {
        let candidates = [kind, other, GraphKinds.kind(ofWorkload: party.workload)].compactMap {
            $0
        }
        kind = Self.kinds.first(where: candidates.contains) ?? kind
        if !party.workload.isEmpty, !workloads.contains(party.workload) {
            workloads.append(party.workload)
        }
        if !party.app.isEmpty, !apps.contains(party.app) { apps.append(party.app) }
    }
}
