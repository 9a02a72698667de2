/// Whose word counts for each leaf: both sides report the same calls, so they are never added.
///
/// The destination's proxy wins, then a waypoint before it, and the source's fills in where neither
/// tells. What a source counted that cannot have arrived is added, as nobody else can have counted it.
/// Requests and TCP are told apart, and of several dialects one is chosen: the proxies' before those
/// that are made of traces, which may be samples.
struct Witnesses: Sendable {
    /// The rank of the reporter that counts, for each leaf twice: of requests, of TCP.
    private var best: [UInt8]
    /// The rank of the best source, likewise.
    private var bestSource: [UInt8]
    /// Leaves of calls that did arrive, as the source says, and that their destination reports under
    /// another leaf: likewise.
    private var isSuperseded: [Bool]

    static let nobody: UInt8 = .max

    /// What an entry adds to its edge.
    struct Verdict {
        /// Its rate is the edge's.
        var counts = false
        /// It is a request that left the source, as the source sees it.
        var isDeparture = false
        /// It is a request that the destination saw.
        var isArrival = false
        /// It arrived, but is counted by its destination under another leaf.
        var isElsewhere = false
        /// Its flags are the edge's.
        var shapes = false
    }

    init(_ ledger: CallLedger, _ resolved: ResolvedRows) {
        self.init(ledger.entries, of: ledger, resolved)
    }

    /// - Parameter entries: the ledger's, with the rates of some other time.
    init(_ entries: [CallLedger.Entry], of ledger: CallLedger, _ resolved: ResolvedRows) {
        best = Array(repeating: Self.nobody, count: resolved.leaves.count * 2)
        bestSource = best
        isSuperseded = Array(repeating: false, count: best.count)
        for entry in entries where entry.rate > 0 {
            let row = ledger.rows[Int(entry.row)]
            let place = Self.place(resolved.leafOfRow[Int(entry.row)], entry.kind)
            let rank = Self.rank(row)
            if rank < best[place] { best[place] = rank }
            if row.reporter == .source, rank < bestSource[place] { bestSource[place] = rank }
        }
        supersede(resolved)
    }

    /// Two places for each leaf.
    private static func place(_ leaf: Int32, _ kind: CallClass) -> Int {
        Int(leaf) * 2 + (kind.isRequest ? 0 : 1)
    }

    /// The less the better: the dialect's kind, then the side, then the dialect.
    private static func rank(_ row: CallLedger.Row) -> UInt8 {
        let side: UInt8 =
            switch row.reporter {
            case .destination: 0
            case .waypoint: 1
            case .source: 2
            }
        let dialect: UInt8 =
            switch row.dialect {
            case .istio: 0
            case .linkerd: 1
            case .envoy: 2
            case .serviceGraph: rankOfTraces
            case .spanMetrics: rankOfTraces + 1
            }
        return dialect + side * 4
    }

    /// From here on the ranks of dialects that are made of traces.
    private static let rankOfTraces: UInt8 = 64

    private static func isFromSource(_ rank: UInt8) -> Bool { rank != nobody && rank & 8 != 0 }

    /// Finds the leaves of calls which the destination reports otherwise: where the source's telemetry
    /// learnt only the service's name, or calls the workload by another of its services than the
    /// destination does. In both cases the calls that arrived are in what the destination counts.
    private mutating func supersede(_ resolved: ResolvedRows) {
        let candidates = resolved.leaves.indices.filter { place in
            resolved.parties[Int(resolved.leaves[place].destination.party)].sort == .common
                && (Self.isFromSource(best[place * 2]) || Self.isFromSource(best[place * 2 + 1]))
        }
        guard !candidates.isEmpty else { return }
        let callers = Set(candidates.map { resolved.leaves[$0].source })
        var arrivals: Set<Arrival> = []
        for (place, leaf) in resolved.leaves.enumerated() where callers.contains(leaf.source) {
            let party = resolved.parties[Int(leaf.destination.party)]
            guard party.sort == .common, !party.isServiceOnly else { continue }
            for family in 0...1 {
                let rank = best[place * 2 + family]
                guard rank != Self.nobody, !Self.isFromSource(rank) else { continue }
                let cluster = leaf.destination.cluster
                let service = Arrival(leaf, party.serviceKey, cluster, family)
                arrivals.insert(service)
                arrivals.insert(
                    Arrival(leaf, party.serviceKey, ClusterTable.unknown, family))
                arrivals.insert(Arrival(leaf, party.workloadKey, cluster, family))
            }
        }
        for place in candidates {
            let leaf = resolved.leaves[place]
            let party = resolved.parties[Int(leaf.destination.party)]
            let key = party.isServiceOnly ? party.serviceKey : party.workloadKey
            for family in 0...1 where Self.isFromSource(best[place * 2 + family]) {
                isSuperseded[place * 2 + family] = arrivals.contains(
                    Arrival(leaf, key, leaf.destination.cluster, family))
            }
        }
    }

    /// That calls by someone were seen where they arrived: at a service or at a workload.
    private struct Arrival: Hashable {
        var source: ResolvedRows.ClusterParty
        var callee: Party.Key
        var cluster: Int32
        var family: Int

        init(_ leaf: ResolvedRows.Leaf, _ callee: Party.Key, _ cluster: Int32, _ family: Int) {
            source = leaf.source
            self.callee = callee
            self.cluster = cluster
            self.family = family
        }
    }

    func verdict(_ entry: CallLedger.Entry, _ row: CallLedger.Row, leaf: Int32) -> Verdict {
        let place = Self.place(leaf, entry.kind)
        let rank = Self.rank(row)
        let neverArrived = entry.kind.contains(.neverArrived)
        var verdict = Verdict()
        let isBestSource = row.reporter == .source && rank == bestSource[place]
        if rank == best[place] {
            verdict.counts = neverArrived || !isSuperseded[place]
            verdict.isElsewhere = !verdict.counts
            verdict.isArrival = row.reporter != .source
        } else if neverArrived, best[place] < Self.rankOfTraces {
            verdict.counts = isBestSource || row.reporter == .waypoint
        }
        verdict.isDeparture = isBestSource && !entry.kind.contains(.neverLeft)
        verdict.shapes = bestSource[place] == Self.nobody ? rank == best[place] : isBestSource
        return verdict
    }

    /// Whether requests of this row are the ones that count, and whether both sides reported.
    func requests(
        of row: CallLedger.Row, leaf: Int32
    ) -> (counts: Bool, isSeenTwice: Bool) {
        let place = Int(leaf) * 2
        let rank = Self.rank(row)
        let isSeenTwice =
            bestSource[place] != Self.nobody && best[place] != Self.nobody
            && !Self.isFromSource(best[place])
            && (rank == best[place] || rank == bestSource[place])
        return (rank == best[place] && !isSuperseded[place], isSeenTwice)
    }

    /// Whether whoever receives the calls reported them.
    func isSeenByDestination(leaf: Int32) -> Bool {
        [best[Int(leaf) * 2], best[Int(leaf) * 2 + 1]].contains { rank in
            rank != Self.nobody && !Self.isFromSource(rank)
        }
    }
}
