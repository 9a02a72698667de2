/// The rows of a ledger with their ends made comparable: whatever a side's labels lack or call
/// otherwise, two reports of the same calls have the same leaf afterwards.
///
/// - A side reports from its own cluster, so that cluster is the one whose Prometheus has the report,
///   whatever the mesh calls it. What one side calls itself, the others call it too: so names that
///   meshes give to clusters are learnt. A name that a report's two ends share is one cluster, even
///   if it is everyone's (`Kubernetes`, Istio's default).
/// - Kiali takes a destination whose cluster is not known to be in the source's cluster, which is
///   wrong for calls that leave it. Here it is where the same caller's other calls of the service go,
///   or else the only cluster that has the service, or else it is not known.
struct ResolvedRows: Sendable {
    var clusters: ClusterTable
    var parties: [Party] = []
    private(set) var partyPlaces: [Party.Key: Int32] = [:]
    var leaves: [Leaf] = []
    /// One for each row of the ledger.
    var leafOfRow: [Int32] = []
    /// Whether a leaf's cluster was concluded from other reports, and could be another one if the
    /// missing clusters had reported.
    var isGuessed: [Bool] = []
    /// The callees that their own clusters reported; the others only their callers did.
    var calleesByThemselves: Set<ClusterParty> = []

    /// A party in a cluster.
    struct ClusterParty: Hashable, Sendable {
        var cluster: Int32
        var party: Int32

        func hash(into hasher: inout Hasher) {
            hasher.combine(Int64(cluster) << 32 | Int64(party))
        }
    }

    /// The finest edge: what both sides' reports are matched on.
    struct Leaf: Hashable, Sendable {
        var source: ClusterParty
        var destination: ClusterParty
    }

    /// A caller and the service that it calls, in whichever cluster.
    private struct Relation: Hashable {
        var source: ClusterParty
        var service: Int32
    }

    /// What the labels of one end say, found once.
    fileprivate struct EndFacts {
        /// `ClusterTable.unknown` where it is not said.
        var cluster: Int32
        /// The same for an end of which the label says nothing in a dialect without such a label.
        var lacksLabel: Bool
        var caller: Int32 = -1
        var callee: Int32 = -1
        var service: Int32 = -1
    }

    /// One cluster, none or several.
    private enum Whereabouts {
        case one(Int32)
        case several

        mutating func add(_ cluster: Int32) {
            if case .one(let known) = self, known != cluster { self = .several }
        }
    }

    init(_ ledger: CallLedger) {
        clusters = ClusterTable(ledger)
        let facts = endFacts(ledger)
        var rows = ledger.rows.map { Leaf($0, facts) }
        let names = MeshNames(ledger, clusters, facts.map(\.cluster))
        var isGuess = Array(repeating: false, count: rows.count)
        var hasUnknown = false
        for (place, row) in ledger.rows.enumerated() {
            let ownIsSource = row.reporter == .source
            let own = ownIsSource ? rows[place].source.cluster : rows[place].destination.cluster
            let other = ownIsSource ? rows[place].destination.cluster : rows[place].source.cluster
            let resolvedOwn = names.own(own, of: row)
            let otherFacts = facts[Int(ownIsSource ? row.destination : row.source)]
            var resolvedOther = ClusterTable.unknown
            if other != ClusterTable.unknown, other == own {
                resolvedOther = resolvedOwn
            } else if otherFacts.lacksLabel, row.dialect != .istio {
                resolvedOther = resolvedOwn
            } else {
                let (cluster, isLearnt) = names.other(other)
                resolvedOther = cluster
                if isLearnt { isGuess[place] = true }
            }
            rows[place].set(own: resolvedOwn, other: resolvedOther, ownIsSource: ownIsSource)
            if parties[Int(rows[place].source.party)].sort == .unknown {
                // A caller without a name is shown where it was seen.
                rows[place].source.cluster = resolvedOwn
            }
            switch parties[Int(rows[place].destination.party)].sort {
            case .common: break
            case .external: rows[place].destination.cluster = ClusterTable.unknown
            case .passthrough, .blackHole, .unknown:
                rows[place].destination.cluster = rows[place].source.cluster
            }
            if resolvedOther == ClusterTable.unknown { hasUnknown = true }
            if !ownIsSource || resolvedOwn == rows[place].destination.cluster {
                calleesByThemselves.insert(rows[place].destination)
            }
        }
        if hasUnknown { findUnknown(&rows, &isGuess, ledger, facts) }
        nameServices(&rows, ledger)
        intern(rows, isGuess)
    }

    /// Counts the leaves.
    private mutating func intern(_ rows: [Leaf], _ isGuess: [Bool]) {
        var places: [Leaf: Int32] = [:]
        places.reserveCapacity(rows.count)
        leafOfRow.reserveCapacity(rows.count)
        for (row, leaf) in rows.enumerated() {
            let next = Int32(leaves.count)
            let place: Int32
            if let known = places[leaf] {
                place = known
            } else {
                place = next
                places[leaf] = next
                leaves.append(leaf)
                isGuessed.append(false)
            }
            leafOfRow.append(place)
            if isGuess[row] { isGuessed[Int(place)] = true }
        }
        if clusters.missing.isEmpty {
            // Whoever answered named everyone there is.
            isGuessed = Array(repeating: false, count: leaves.count)
        }
    }

    private mutating func endFacts(_ ledger: CallLedger) -> [EndFacts] {
        var isCaller = Array(repeating: false, count: ledger.ends.count)
        var isCallee = isCaller
        for row in ledger.rows {
            isCaller[Int(row.source)] = true
            isCallee[Int(row.destination)] = true
        }
        return ledger.ends.enumerated().map { place, end in
            let name = ledger.clusterNames[end.cluster] ?? end.cluster
            var facts = EndFacts(
                cluster: end.cluster.isUnknownName
                    ? ClusterTable.unknown : clusters.place(of: name),
                lacksLabel: end.cluster.isEmpty)
            if isCaller[place] { facts.caller = self.place(of: Party(caller: end)) }
            if isCallee[place] {
                let callee = Party(callee: end)
                facts.callee = self.place(of: callee)
                var service = callee
                service.workload = ""
                service.app = ""
                service.version = ""
                facts.service = self.place(of: service)
            }
            return facts
        }
    }

    /// The place of a party, which is a new one if nobody has named it before.
    mutating func place(of party: Party) -> Int32 {
        let key = party.key
        if let place = partyPlaces[key] {
            parties[Int(place)].learn(from: party)
            return place
        }
        let next = Int32(parties.count)
        partyPlaces[key] = next
        parties.append(party)
        return next
    }

    /// Finds clusters that reports do not name.
    private func findUnknown(
        _ rows: inout [Leaf], _ isGuess: inout [Bool], _ ledger: CallLedger, _ facts: [EndFacts]
    ) {
        var callers: [Int32: Whereabouts] = [:]
        var services: [Int32: Whereabouts] = [:]
        var relations: [Relation: Whereabouts] = [:]
        for (place, row) in ledger.rows.enumerated() {
            let leaf = rows[place]
            if row.reporter == .source {
                callers[leaf.source.party, default: .one(leaf.source.cluster)]
                    .add(leaf.source.cluster)
            }
            let cluster = leaf.destination.cluster
            guard cluster != ClusterTable.unknown else { continue }
            let service = facts[Int(row.destination)].service
            services[service, default: .one(cluster)].add(cluster)
            relations[Relation(source: leaf.source, service: service), default: .one(cluster)]
                .add(cluster)
        }
        for (place, row) in ledger.rows.enumerated() {
            if rows[place].source.cluster == ClusterTable.unknown,
                case .one(let cluster) = callers[rows[place].source.party]
            {
                rows[place].source.cluster = cluster
                isGuess[place] = true
            }
            guard rows[place].destination.cluster == ClusterTable.unknown,
                parties[Int(rows[place].destination.party)].sort == .common
            else { continue }
            isGuess[place] = true
            let service = facts[Int(row.destination)].service
            let relation = Relation(source: rows[place].source, service: service)
            if case .one(let cluster) = relations[relation] {
                rows[place].destination.cluster = cluster
            } else if case .one(let cluster) = services[service] {
                rows[place].destination.cluster = cluster
            } else if clusters.names.count == 1 {
                rows[place].destination.cluster = 0
            }
        }
    }
}

extension ResolvedRows.Leaf {
    fileprivate init(_ row: CallLedger.Row, _ facts: [ResolvedRows.EndFacts]) {
        let source = facts[Int(row.source)]
        let destination = facts[Int(row.destination)]
        self.init(
            source: ResolvedRows.ClusterParty(cluster: source.cluster, party: source.caller),
            destination: ResolvedRows.ClusterParty(
                cluster: destination.cluster, party: destination.callee))
    }

    fileprivate mutating func set(own: Int32, other: Int32, ownIsSource: Bool) {
        source.cluster = ownIsSource ? own : other
        destination.cluster = ownIsSource ? other : own
    }
}
