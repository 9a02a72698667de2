/// Which reports of calls count for signals: the service graph's decisions, at each time of a grid.
///
/// What a report is about (`ResolvedRows`, `NodeTable`) is found out once, from the reports of all
/// times, so that no service changes its name within a series. Whose word counts (`Witnesses`,
/// `UnnamedCalls`) is decided at each time: a value is what would be told at its time alone. Where
/// one side falls silent for a while the other's word counts for that while; were it decided for
/// the whole range, the calls of such a while would be missing.
struct SignalResolution: Sendable {
    let ledger: CallLedger
    let resolved: ResolvedRows
    /// The destinations of leaves, as the graph of services has them.
    private let nodes: [GraphNode]
    private let nodeOfLeaf: [Int32]
    /// Callers' edges to these, without marks.
    private let edges: [UnnamedCalls.Edge]
    private let edgeOfLeaf: [Int32]
    /// Whether the calls of all callers are added together; otherwise each caller's calls are told
    /// apart.
    private let joinsCallers: Bool

    init(_ ledger: CallLedger, joinsCallers: Bool) {
        self.ledger = ledger
        self.joinsCallers = joinsCallers
        resolved = ResolvedRows(ledger)
        var table = NodeTable(resolved, view: .service)
        var nodeOfLeaf: [Int32] = []
        var edges: [UnnamedCalls.Edge] = []
        var edgeOfLeaf: [Int32] = []
        var places: [Int64: Int32] = [:]
        for leaf in resolved.leaves {
            let source = table.source(of: leaf)
            let destination = table.destination(of: leaf)
            nodeOfLeaf.append(destination)
            let ends = Int64(source) << 32 | Int64(destination)
            let next = Int32(edges.count)
            let place = places[ends, default: next]
            if place == next {
                places[ends] = next
                let hasName = table.nodes[Int(source)].key.sort != .unknown
                edges.append(
                    UnnamedCalls.Edge(
                        destination: destination, hasCallersName: hasName, marks: []))
            }
            edgeOfLeaf.append(place)
        }
        nodes = table.nodes
        self.nodeOfLeaf = nodeOfLeaf
        self.edges = edges
        self.edgeOfLeaf = edgeOfLeaf
    }

    func destination(ofLeaf leaf: Int) -> GraphNode { nodes[Int(nodeOfLeaf[leaf])] }

    /// What counts at one time.
    struct Moment: Sendable {
        /// Of each entry of the ledger, from 0 to 1.
        var shares: [Double]
        /// Whether an entry's flags are those of its calls.
        var shapes: [Bool]
        /// Of the durations of each of the ledger's rows, from 0 to 1.
        var durations: [Double]
        fileprivate let witnesses: Witnesses
        fileprivate let isPresent: [Bool]
    }

    /// - Parameters:
    ///   - entries: the ledger's, with the rates of the time.
    ///   - last: another time; most are alike.
    func moment(_ entries: [CallLedger.Entry], after last: Moment?) -> Moment {
        let isPresent = entries.map { $0.rate > 0 }
        let known = last.flatMap { $0.isPresent == isPresent ? $0.witnesses : nil }
        let witnesses = known ?? Witnesses(entries, of: ledger, resolved)
        var edges = edges
        let verdicts = entries.map { entry in
            let row = ledger.rows[Int(entry.row)]
            let leaf = resolved.leafOfRow[Int(entry.row)]
            let edge = Int(edgeOfLeaf[Int(leaf)])
            if row.dialect != .spanMetrics { edges[edge].marks.insert(.isMoreThanSpans) }
            if entry.rate > 0 { edges[edge].marks.insert(GraphEdge.Marks(row.reporter)) }
            return witnesses.verdict(entry, row, leaf: leaf)
        }
        var calls = UnnamedCalls(edges)
        let roles = edges.map(calls.role)
        for (entry, verdict) in zip(entries, verdicts) where verdict.counts {
            let edge = edge(of: entry.row)
            let isClaim = roles[edge] == .claimed && !entry.kind.contains(.neverArrived)
            guard isClaim || roles[edge] == .unnamed else { continue }
            var amounts = UnnamedCalls.Amounts()
            amounts.add(ExactRate(entry.rate), entry.kind)
            calls.add(amounts, of: edges[edge])
        }
        let shares = zip(entries, verdicts).map { entry, verdict -> Double in
            guard verdict.counts else { return 0 }
            let edge = edge(of: entry.row)
            switch roles[edge] {
            case .named, .unnamed: return 1
            case .repeated: return 0
            case .claimed:
                guard joinsCallers, !entry.kind.contains(.neverArrived) else { return 1 }
                return calls.excess(of: entry.kind, at: edges[edge].destination)
            }
        }
        return Moment(
            shares: shares, shapes: verdicts.map(\.shapes),
            durations: durations(witnesses, calls, roles), witnesses: witnesses,
            isPresent: isPresent)
    }

    private func edge(of row: Int32) -> Int { Int(edgeOfLeaf[Int(resolved.leafOfRow[Int(row)])]) }

    /// Durations are the destination's wherever it times the calls of callers without names: what
    /// callers claim beyond that has mostly not arrived.
    private func durations(
        _ witnesses: Witnesses, _ calls: UnnamedCalls, _ roles: [UnnamedCalls.Role]
    ) -> [Double] {
        ledger.rows.indices.map { place in
            let leaf = resolved.leafOfRow[place]
            guard witnesses.requests(of: ledger.rows[place], leaf: leaf).counts else { return 0 }
            let edge = Int(edgeOfLeaf[Int(leaf)])
            switch roles[edge] {
            case .named, .unnamed: return 1
            case .repeated: return 0
            case .claimed:
                let isTimed = calls.countsRequests(at: edges[edge].destination)
                return joinsCallers && isTimed ? 0 : 1
            }
        }
    }
}
