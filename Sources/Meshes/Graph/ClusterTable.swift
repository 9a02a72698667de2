/// The clusters that reports name: those of the inventory in their order, then others by name.
struct ClusterTable: Sendable {
    var names: [String]
    /// Whether each one should have answered and did not.
    var isMissing: [Bool]
    /// How many of them are in the inventory.
    var inventoryCount: Int
    /// The missing ones' names, in order.
    var missing: [String]
    private var places: [String: Int32]

    /// A cluster that is not known.
    static let unknown: Int32 = -1

    init(_ ledger: CallLedger) {
        var seen: Set<String> = []
        let inventory = ledger.clusters.filter { seen.insert($0).inserted }
        var others: Set<String> = []
        let named = ledger.ends.lazy.map(\.cluster)
        for name in [AnySequence(named), AnySequence(ledger.reporters)].joined()
        where !name.isUnknownName && !seen.contains(name) {
            others.insert(ledger.clusterNames[name] ?? name)
        }
        for name in ledger.missing.keys where !seen.contains(name) { others.insert(name) }
        names = inventory + others.subtracting(seen).sorted()
        inventoryCount = inventory.count
        isMissing = names.map { ledger.missing[$0] != nil }
        missing = names.filter { ledger.missing[$0] != nil }
        places = Dictionary(
            names.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { first, _ in first })
    }

    func place(of name: String) -> Int32 { places[name] ?? Self.unknown }

    func isMissing(_ cluster: Int32) -> Bool { cluster >= 0 && isMissing[Int(cluster)] }

    func name(of cluster: Int32) -> String? { cluster < 0 ? nil : names[Int(cluster)] }

    /// The place of a cluster that another table has.
    mutating func adopt(_ name: String) -> Int32 {
        if let place = places[name] { return place }
        let place = Int32(names.count)
        places[name] = place
        names.append(name)
        isMissing.append(false)
        return place
    }
}
