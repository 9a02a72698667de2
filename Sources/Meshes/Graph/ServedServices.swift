/// Which service a workload that calls others is, where services are the nodes: callers' labels name
/// no service.
///
/// It is the one as which others call it. As in Kiali a workload's own calls hang on the service that
/// it serves; but Kiali draws them at every service of a workload that serves several, which counts
/// them more than once. Here it is one: that which is named as the canonical service is, or as the
/// workload is, or the first by name. What the workload's own cluster reports is preferred, so that
/// the answer does not depend on which other clusters answer. A workload that nobody calls goes by its
/// canonical service, or else by its own name.
struct ServedServices: Sendable {
    private var services: [ResolvedRows.ClusterParty: Choice] = [:]

    private struct Choice: Sendable {
        var service: String
        /// Whether the workload's own cluster says so.
        var isOwn: Bool
        /// The less the better.
        var rank: Int

        func precedes(_ other: Choice) -> Bool {
            (isOwn ? 0 : 1, rank, service) < (other.isOwn ? 0 : 1, other.rank, other.service)
        }
    }

    init(_ resolved: ResolvedRows) {
        var seen: Set<ResolvedRows.ClusterParty> = []
        for leaf in resolved.leaves where seen.insert(leaf.destination).inserted {
            let party = resolved.parties[Int(leaf.destination.party)]
            guard party.sort == .common, !party.isServiceOnly, !party.service.isEmpty else {
                continue
            }
            var caller = party
            caller.service = ""
            guard let place = resolved.partyPlaces[caller.key] else { continue }
            let choice = Choice(
                service: party.service,
                isOwn: resolved.calleesByThemselves.contains(leaf.destination),
                rank: party.service == party.app ? 0 : party.service == party.workload ? 1 : 2)
            let key = ResolvedRows.ClusterParty(cluster: leaf.destination.cluster, party: place)
            if services[key].map(choice.precedes) ?? true { services[key] = choice }
        }
    }

    func service(of caller: ResolvedRows.ClusterParty) -> String? { services[caller]?.service }
}
