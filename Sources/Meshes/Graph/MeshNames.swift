/// What meshes call the clusters of the inventory, learnt from what reporters call themselves.
struct MeshNames: Sendable {
    /// For each cluster of the table, by what it calls itself: the only one that does so.
    private var owners: [Owner]
    /// The places of reporting clusters in the table.
    private var reporters: [Int32]
    /// Reporters all of whose proxies give one foreign name to their cluster.
    private var hasOneName: [Bool]
    private let inventoryCount: Int

    private enum Owner {
        case nobody
        case one(Int32)
        case several
    }

    /// - Parameter named: the table's place of the cluster that each end names.
    init(_ ledger: CallLedger, _ clusters: ClusterTable, _ named: [Int32]) {
        inventoryCount = clusters.inventoryCount
        reporters = ledger.reporters.map { clusters.place(of: ledger.clusterNames[$0] ?? $0) }
        owners = Array(repeating: .nobody, count: clusters.names.count)
        var names = Array(repeating: ClusterTable.unknown, count: reporters.count)
        hasOneName = Array(repeating: true, count: reporters.count)
        for row in ledger.rows {
            let name = named[Int(row.reporter == .source ? row.source : row.destination)]
            let reporter = Int(row.reportedBy)
            guard name >= inventoryCount else {
                // One that also speaks for a cluster of the inventory by its name is no single one.
                if name >= 0, name != reporters[reporter] { hasOneName[reporter] = false }
                continue
            }
            if names[reporter] == ClusterTable.unknown {
                names[reporter] = name
            } else if names[reporter] != name {
                hasOneName[reporter] = false
            }
        }
        for (reporter, name) in names.enumerated() where name >= 0 && hasOneName[reporter] {
            switch owners[Int(name)] {
            case .nobody: owners[Int(name)] = .one(reporters[reporter])
            case .one(let known): if known != reporters[reporter] { owners[Int(name)] = .several }
            case .several: break
            }
        }
    }

    /// The cluster of the side that reports.
    func own(_ name: Int32, of row: CallLedger.Row) -> Int32 {
        if name >= 0, Int(name) < inventoryCount { return name }
        let reporter = Int(row.reportedBy)
        return name < 0 || hasOneName[reporter] ? reporters[reporter] : name
    }

    /// The cluster of the other side, and whether that was learnt from other reports.
    func other(_ name: Int32) -> (cluster: Int32, isLearnt: Bool) {
        guard name >= inventoryCount else { return (name, false) }
        switch owners[Int(name)] {
        case .nobody: return (name, true)
        case .one(let cluster): return (cluster, true)
        case .several: return (ClusterTable.unknown, true)
        }
    }
}
