import Meshes
import TestSupport
import Testing

@Suite("Graph properties") struct GraphPropertyTests {
    private static let seeds: [UInt64] = Array(1...60)

    @Test("The order of reports does not matter", arguments: seeds)
    func orderDoesNotMatter(seed: UInt64) {
        let mesh = GeneratedMesh(seed: seed, labelsAreDamaged: true)
        var random = SeededGenerator(seed: seed &+ 1_000)
        var shuffled = CallLedger(clusters: GeneratedMesh.clusters)
        shuffled.add(mesh.reports.shuffled(using: &random))
        for view in GraphView.allCases {
            let shape = GraphShape(view: view, box: .namespace)
            #expect(mesh.ledger().map(shape).map == shuffled.map(shape).map, "seed \(seed)")
        }
    }

    @Test("Edges have the requests that were made, each once", arguments: seeds)
    func edgesHaveTheRequestsThatWereMade(seed: UInt64) {
        let mesh = GeneratedMesh(seed: seed, labelsAreDamaged: false)
        let map = mesh.ledger().map(GraphShape(view: .workload)).map
        var rates: [GeneratedMesh.Pair: Double] = [:]
        for edge in map.edges {
            let pair = GeneratedMesh.Pair(
                caller: map.nodes[edge.source].id, callee: map.nodes[edge.destination].id)
            rates[pair] = edge.traffic.requestRate
        }
        for (pair, total) in mesh.truth where total.arrived + total.inVain > 0 {
            #expect(rates[pair] == total.arrived + total.inVain, "seed \(seed) \(pair)")
        }
    }

    @Test("What sources do not know of their destinations changes no sum", arguments: seeds)
    func damagedLabelsChangeNoSum(seed: UInt64) {
        let mesh = GeneratedMesh(seed: seed, labelsAreDamaged: true)
        let map = mesh.ledger().map(GraphShape()).map
        let made = mesh.truth.values.reduce(0) { $0 + $1.arrived + $1.inVain }
        let named = map.edges.filter { edge in
            map.nodes[edge.source].kind != .unknown && map.nodes[edge.destination].kind != .external
        }
        #expect(named.reduce(0) { $0 + ($1.traffic.requestRate ?? 0) } == made, "seed \(seed)")
    }

    @Test("Calls of strangers are those that nobody says are theirs", arguments: seeds)
    func strangersCallsAreWhatIsLeft(seed: UInt64) {
        let mesh = GeneratedMesh(seed: seed, labelsAreDamaged: true)
        let map = mesh.ledger().map(GraphShape()).map
        let strange = map.edges.filter { map.nodes[$0.source].kind == .unknown }
        let rate = strange.reduce(0) { $0 + ($1.traffic.requestRate ?? 0) }
        // A hundredth of what arrives is let off, as both sides are never asked at the same time.
        #expect(abs(rate - mesh.strangers) <= 0.01 * map.totals.requestRate, "seed \(seed)")
    }

    @Test("Collapsing keeps sums", arguments: seeds)
    func collapsingKeepsSums(seed: UInt64) {
        let ledger = GeneratedMesh(seed: seed, labelsAreDamaged: true).ledger()
        let whole = ledger.map(GraphShape()).map
        var shapes = GraphCollapse.allCases.map { GraphShape(collapse: $0) }
        shapes += [0, 1, 3].map { GraphShape(top: $0) }
        shapes.append(GraphShape(collapse: .namespace, top: 1))
        for shape in shapes {
            let map = ledger.map(shape).map
            #expect(map.totals.requestRate == whole.totals.requestRate, "seed \(seed)")
            #expect(map.totals.edges == whole.edges.count, "seed \(seed)")
            #expect(sum(map.edges.map(\.traffic)) == sum(whole.edges.map(\.traffic)))
            #expect(sum(map.nodes.map(\.incoming)) == sum(whole.nodes.map(\.incoming)))
            #expect(sum(map.nodes.map(\.outgoing)) == sum(whole.edges.map(\.traffic)))
            #expect(map.edges.reduce(0) { $0 + $1.members } == whole.edges.count)
            let standing = map.nodes.reduce(0) { $0 + max(1, $1.collapsed) }
            #expect(standing == whole.nodes.count, "seed \(seed)")
        }
    }

    private func sum(_ traffic: [ServiceMap.Traffic]) -> [Double] {
        [
            traffic.reduce(0) { $0 + ($1.requestRate ?? 0) },
            traffic.reduce(0) { $0 + $1.errorRate },
            traffic.reduce(0) { $0 + ($1.tcp?.sentRate ?? 0) },
        ]
    }

    @Test(
        "Without a cluster every number is what it was, or is marked", arguments: seeds,
        GraphView.allCases)
    func withoutAClusterNumbersAreUnchangedOrMarked(seed: UInt64, view: GraphView) {
        let mesh = GeneratedMesh(seed: seed, labelsAreDamaged: true)
        let shape = GraphShape(view: view)
        let whole = mesh.ledger().map(shape).map
        let nodes = Dictionary(uniqueKeysWithValues: whole.nodes.map { ($0.id, $0) })
        let edges = Dictionary(uniqueKeysWithValues: whole.edges.map { (whole.id(of: $0), $0) })
        for cluster in GeneratedMesh.clusters {
            let part = mesh.ledger(missing: [cluster]).map(shape).map
            for node in part.nodes where node.incomplete == nil {
                #expect(!node.isMissing, "seed \(seed) \(node.id)")
                #expect(nodes[node.id]?.incoming == node.incoming, "seed \(seed) \(node.id)")
                #expect(nodes[node.id]?.outgoing == node.outgoing, "seed \(seed) \(node.id)")
            }
            for edge in part.edges where edge.incomplete == nil {
                let before = edges[part.id(of: edge)]
                #expect(before?.traffic == edge.traffic, "seed \(seed) \(part.id(of: edge))")
                #expect(before?.loss == edge.loss, "seed \(seed) \(part.id(of: edge))")
                #expect(before?.mutualTLS == edge.mutualTLS, "seed \(seed)")
            }
            // What is gone was told by the missing cluster: its ends' marks, or its box, say so.
            let partEdges = Set(part.edges.map(part.id))
            let marked = Set(part.nodes.filter { $0.incomplete != nil }.map(\.id))
            for (id, edge) in edges where !partEdges.contains(id) {
                let ends = [edge.source, edge.destination].map { whole.nodes[$0] }
                let isTold = ends.contains { end in
                    end.cluster == cluster || end.cluster == nil || marked.contains(end.id)
                }
                #expect(isTold, "seed \(seed) \(id) without \(cluster)")
            }
            #expect(part.boxes.contains { $0.name == cluster && $0.missing != nil })
        }
    }

    @Test("Ids are unique, and edges are in order", arguments: seeds)
    func idsAreUnique(seed: UInt64) {
        let ledger = GeneratedMesh(seed: seed, labelsAreDamaged: true).ledger()
        for view in GraphView.allCases {
            let map = ledger.map(GraphShape(view: view)).map
            #expect(Set(map.nodes.map(\.id)).count == map.nodes.count, "seed \(seed)")
            let ends = map.edges.map { [$0.source, $0.destination] }
            #expect(ends == ends.sorted { $0.lexicographicallyPrecedes($1) }, "seed \(seed)")
            #expect(Set(ends).count == ends.count, "seed \(seed)")
        }
    }

    @Test("A critical edge is one without which its destination is not reached", arguments: seeds)
    func criticalEdgesAreTheOnlyWay(seed: UInt64) {
        let map = GeneratedMesh(seed: seed, labelsAreDamaged: false).ledger().map(GraphShape()).map
        let critical = Set(map.criticalEdges(atMost: .max).map(\.edge))
        let entries = entries(of: map)
        for (place, edge) in map.edges.enumerated()
        where edge.source != edge.destination && (edge.traffic.requestRate ?? 0) > 0 {
            let reached = reached(map, from: entries, without: place)
            #expect(
                critical.contains(place) == !reached.contains(edge.destination),
                "seed \(seed) \(map.id(of: edge))")
        }
    }

    /// The nodes that nobody else calls, and the first of whatever is not reached from those.
    private func entries(of map: ServiceMap) -> [Int] {
        let called = Set(
            map.edges.filter { $0.source != $0.destination }.map(\.destination))
        var entries = map.nodes.indices.filter { !called.contains($0) }
        while let next = map.nodes.indices.first(where: {
            !reached(map, from: entries, without: -1).contains($0)
        }) {
            entries.append(next)
        }
        return entries
    }

    private func reached(_ map: ServiceMap, from entries: [Int], without place: Int) -> Set<Int> {
        var reached = Set(entries)
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            for (other, edge) in map.edges.enumerated()
            where other != place && reached.contains(edge.source) {
                if reached.insert(edge.destination).inserted { isGrowing = true }
            }
        }
        return reached
    }
}
