// Linkerd's proxies do not know as which service their workload was called; callers of the same
// cluster name both.

extension ResolvedRows {
    /// A workload of a cluster, which destinations are called by.
    private struct Workload: Hashable {
        var cluster: Int32
        var namespace: String
        var name: String
    }

    /// Gives workloads that report without a service's name that of the service as which all their
    /// callers call them.
    mutating func nameServices(_ rows: inout [Leaf], _ ledger: CallLedger) {
        let unnamed = ledger.rows.indices.filter { place in
            ledger.rows[place].dialect == .linkerd && ledger.rows[place].reporter != .source
        }
        guard !unnamed.isEmpty else { return }
        var services: [Workload: String] = [:]
        var ambiguous: Set<Workload> = []
        for (place, row) in ledger.rows.enumerated()
        where row.dialect == .linkerd && row.reporter == .source {
            let end = rows[place].destination
            let party = parties[Int(end.party)]
            guard party.sort == .common, !party.workload.isEmpty, !party.service.isEmpty else {
                continue
            }
            let workload = Workload(
                cluster: end.cluster, namespace: party.namespace, name: party.workload)
            if services.updateValue(party.service, forKey: workload) ?? party.service
                != party.service
            {
                ambiguous.insert(workload)
            }
        }
        for place in unnamed {
            let end = rows[place].destination
            var party = parties[Int(end.party)]
            let workload = Workload(
                cluster: end.cluster, namespace: party.namespace, name: party.workload)
            guard party.service == party.workload, let service = services[workload],
                service != party.service, !ambiguous.contains(workload)
            else { continue }
            party.service = service
            rows[place].destination.party = self.place(of: party)
            calleesByThemselves.insert(rows[place].destination)
        }
    }
}
