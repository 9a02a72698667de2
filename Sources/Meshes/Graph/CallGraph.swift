/// The whole graph of a ledger in one view: every sum is still exact.
struct CallGraph: Sendable {
    let view: GraphView
    var clusters: ClusterTable
    /// In the order in which they are shown.
    var nodes: [GraphNode]
    /// In the order of their sources, then of their destinations.
    var edges: [GraphEdge]
    /// The place in `edges` of each leaf; -1 for leaves without.
    private(set) var edgeOfLeaf: [Int32]
    let resolved: ResolvedRows
    let witnesses: Witnesses

    init(_ ledger: CallLedger, view: GraphView) {
        self.view = view
        let resolved = ResolvedRows(ledger)
        let witnesses = Witnesses(ledger, resolved)
        self.resolved = resolved
        self.witnesses = witnesses
        clusters = resolved.clusters
        var table = NodeTable(resolved, view: view)
        var edges: [GraphEdge] = []
        var places: [Int64: Int32] = [:]
        edgeOfLeaf = Array(repeating: -1, count: resolved.leaves.count)

        let active = Self.activeLeaves(ledger, resolved, witnesses)
        for (leaf, ends) in resolved.leaves.enumerated() where active[leaf] {
            let edge = GraphEdge(
                source: table.source(of: ends), destination: table.destination(of: ends))
            let next = Int32(edges.count)
            let place = places[edge.ends, default: next]
            if place == next {
                places[edge.ends] = next
                edges.append(edge)
            }
            edgeOfLeaf[leaf] = place
            let isWitness = witnesses.isSeenByDestination(leaf: Int32(leaf))
            table.note(edge.destination, isWitness: isWitness)
            edges[Int(place)].mark(resolved, leaf: leaf)
        }
        // Departures that the destination tells of otherwise belong to the edge of its leaves.
        for (leaf, ends) in resolved.leaves.enumerated() where !active[leaf] {
            let edge = GraphEdge(
                source: table.source(of: ends), destination: table.destination(of: ends))
            if let place = places[edge.ends] { edgeOfLeaf[leaf] = place }
        }
        for (row, leaf) in resolved.leafOfRow.enumerated() where edgeOfLeaf[Int(leaf)] >= 0 {
            let edge = edges[Int(edgeOfLeaf[Int(leaf)])]
            let row = ledger.rows[row]
            table.note(
                row.reporter == .source ? edge.source : edge.destination, dialect: row.dialect)
            if row.dialect != .spanMetrics {
                edges[Int(edgeOfLeaf[Int(leaf)])].marks.insert(.isMoreThanSpans)
            }
        }
        self.edges = edges
        nodes = table.nodes
        add(ledger)
        settle()
    }

    /// The leaves of which something counts, or that are idle.
    private static func activeLeaves(
        _ ledger: CallLedger, _ resolved: ResolvedRows, _ witnesses: Witnesses
    ) -> [Bool] {
        var active = Array(repeating: false, count: resolved.leaves.count)
        for entry in ledger.entries {
            let leaf = resolved.leafOfRow[Int(entry.row)]
            guard !active[Int(leaf)] else { continue }
            let row = ledger.rows[Int(entry.row)]
            if entry.rate == 0 || witnesses.verdict(entry, row, leaf: leaf).counts {
                active[Int(leaf)] = true
            }
        }
        return active
    }

    /// Adds up the reports.
    private mutating func add(_ ledger: CallLedger) {
        for entry in ledger.entries {
            let leaf = resolved.leafOfRow[Int(entry.row)]
            let place = Int(edgeOfLeaf[Int(leaf)])
            guard place >= 0 else { continue }
            let row = ledger.rows[Int(entry.row)]
            let rate = ExactRate(entry.rate)
            if entry.rate > 0 { edges[place].marks.insert(GraphEdge.Marks(row.reporter)) }
            let verdict = witnesses.verdict(entry, row, leaf: leaf)
            if verdict.counts {
                edges[place].sum.add(rate, entry.kind)
            } else if entry.rate == 0 {
                edges[place].sum.note(entry.kind)
            }
            guard entry.kind.isRequest else { continue }
            let destination = resolved.leaves[Int(leaf)].destination.party
            let isServiceOnly = resolved.parties[Int(destination)].isServiceOnly
            if verdict.isElsewhere, view == .service, !isServiceOnly {
                edges[place].marks.insert(.arrivesElsewhere)
            }
            if verdict.isDeparture {
                edges[place].departed += rate
                if entry.kind.contains(.neverArrived) { edges[place].departedInVain += rate }
                if !entry.kind.isDisjoint(with: [.neverArrived, .unanswered]) {
                    edges[place].departedUnanswered += rate
                }
            }
            if verdict.isArrival { edges[place].arrived += rate }
            if verdict.shapes { edges[place].addShaping(entry.kind, rate, row) }
        }
    }

    /// Draws the conclusions that need the whole graph, and puts nodes and edges in order.
    private mutating func settle() {
        let explained = takeNamedFromAnonymous()
        for place in edges.indices {
            let edge = edges[place]
            if !edge.marks.contains(.hasFlags), edge.sum.requests > .zero {
                edges[place].marks.insert(.lacksFlags)
            }
            guard edge.marks.contains(.crosses), edge.missing.isEmpty, edge.departed > .zero else {
                continue
            }
            // Without any arrival it must be sure that the destination would have told, and that
            // nobody answered.
            let isUnseen =
                edge.arrived == .zero && edge.departed == edge.departedUnanswered
                && nodes[Int(edge.destination)].isWitness
            if edge.arrived > .zero || isUnseen { edges[place].marks.insert(.losesMeasurably) }
        }
        move(to: rearrange(dropping: explained))
    }

    /// Follows edges that were put elsewhere.
    mutating func move(to places: [Int32]) {
        for (leaf, place) in edgeOfLeaf.enumerated() where place >= 0 {
            edgeOfLeaf[leaf] = places[Int(place)]
        }
    }
}
