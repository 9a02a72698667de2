import TimeSeries

/// Which of the callers' statistics are a subject's: what it comes to is said by `ShapingSums`, by the
/// cluster whose proxies count.
struct UpstreamSums {
    private let subject: SignalSubject
    private var shaping: ShapingSums

    init(
        _ assembly: SignalAssembly, _ subject: SignalSubject, _ sums: SignalSums,
        _ callers: Callers
    ) {
        self.subject = subject
        shaping = ShapingSums(callers: [], count: assembly.grid.count)
        let candidates =
            subject.kind == .mesh
            ? assembly.statistics : assembly.statisticsByService[subject.service] ?? []
        let own = candidates.filter(isOf)
        shaping.obstacle = obstacle(own, callers)
        var rows: [String: RateColumns<UpstreamStatistic>] = [:]
        for row in own {
            rows[row.reportedBy, default: RateColumns()].add(row.values, to: row.statistic)
        }
        shaping.callers = sums.callers.sorted { $0.key < $1.key }.map { cluster, caller in
            ShapingSums.Caller(
                name: cluster, statistics: rows[cluster] ?? RateColumns(),
                flagged: caller.hasFlags ? caller.columns : nil)
        }
    }

    /// Why statistics cannot be told of the subject; nil where they can.
    private func obstacle(_ own: [StatisticRow], _ callers: Callers) -> String? {
        let spanning = own.contains { $0.destination.cluster.isEmpty }
        let together = "an Envoy counts a service's endpoints of all clusters together"
        return switch subject.kind {
        case .cluster: "an Envoy's statistics do not say in which cluster endpoints are"
        case .edge:
            !callers.isAlone(subject) && (spanning || subject.cluster == nil) ? together : nil
        case .service: subject.cluster != nil && spanning ? together : nil
        case .mesh: nil
        }
    }

    private func isOf(_ row: StatisticRow) -> Bool {
        guard subject.kind != .mesh else { return true }
        guard
            row.leads(
                to: subject.service, namespace: subject.namespace, cluster: subject.cluster)
        else { return false }
        guard let source = subject.source else { return true }
        return row.isFrom(
            cluster: source.cluster, namespace: source.namespace, workload: "",
            app: source.service)
    }

    func outcome(of signal: Signal) -> SignalAssembly.Outcome { shaping.outcome(of: signal) }
}
