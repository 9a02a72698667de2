import TimeSeries

/// Makes the signals of the answers to a plan's queries. Which report of a call counts is decided as
/// for the service graph (`SignalResolution`), and what counts is added up (`SignalTally`).
public struct SignalAssembly: Sendable {
    let plan: SignalPlan
    let grid: TimeGrid
    var question: SignalQuestion { plan.question }
    /// What is reported of calls; the rates of its entries are the highest of the grid.
    private(set) var ledger: CallLedger
    /// One for each entry of the ledger.
    private(set) var rows: [SignalRow] = []
    private(set) var histograms: [SignalHistogram.Key: SignalHistogram] = [:]
    private(set) var metrics: [String] = []
    private(set) var statistics: [StatisticRow] = []
    private(set) var resources: [ResourceRow] = []
    /// The statistics by the name of the service that is called.
    private(set) var statisticsByService: [String: [StatisticRow]] = [:]
    private var names: Set<ClusterNames.Pair> = []
    private var statisticReading: StatisticReading
    /// By which names services are asked for, where that may be needed.
    private var destinationNames = DestinationNames()
    private var verdict = Verdict.open
    /// What was asked for beside the plan's queries.
    private(set) var furtherQueries: [SignalQuery] = []

    /// What counts, once that is known.
    private indirect enum Verdict: Sendable {
        case open
        case known(SignalTally)
    }

    public init(_ plan: SignalPlan, grid: TimeGrid) {
        self.plan = plan
        self.grid = grid
        ledger = CallLedger(clusters: plan.clusters.map(\.cluster))
        statisticReading = StatisticReading(plan.clusters)
    }

    /// What is still to be asked now that the answers to all of the plan's queries are added; nil where
    /// that is nothing.
    ///
    /// Durations of all calls from one cluster to another in the words of one side are those of a
    /// subject where all these calls count for it, and none of them where none does. Where some do and
    /// others do not (their service has no proxy that tells of them), the durations of those that do
    /// are asked for by their services.
    public mutating func furtherPlan() -> SignalPlan? {
        guard question.joinsServices, case .open = verdict, !histograms.isEmpty else { return nil }
        let tally = SignalTally(self)
        verdict = .known(tally)
        let mixed = tally.mixedDurations
        guard !mixed.reporters.isEmpty else { return nil }
        var names = mixed.services.reduce(into: Set<String>()) { names, service in
            names.formUnion(destinationNames.asked(for: service))
        }
        // Very many names make a longer question than their absence does an answer.
        if names.count > Self.mostNames { names = [] }
        let further = SignalPlan(durationsOf: names, reportedBy: mixed.reporters, of: plan)
        furtherQueries = further.queries
        return further.queries.isEmpty ? nil : further
    }

    private static let mostNames = 1000

    /// The sums of all subjects.
    func sums() -> [SignalSubject: SignalSums] {
        switch verdict {
        case .open: SignalTally(self).sums(histograms)
        case .known(let tally): tally.sums(histograms)
        }
    }

    /// Adds the answer to one of the plan's queries, or of those of the further plan.
    public mutating func add(_ series: [GridSeries], of query: SignalQuery) {
        switch query.content {
        case .fact(let fact) where fact.fact == .latency: addDurations(series, fact)
        case .fact(let fact):
            verdict = .open
            addCalls(series, fact)
        case .statistics: addStatistics(series)
        case .resource(let resource, let metric):
            for one in series {
                let workload = SignalSubject.End(
                    cluster: one.labels["cluster"] ?? "",
                    namespace: one.labels["namespace"] ?? "",
                    service: one.labels["workload"] ?? "")
                resources.append(
                    ResourceRow(
                        resource: resource, metric: metric, workload: workload,
                        values: one.values))
            }
        }
    }

    private mutating func addCalls(_ series: [GridSeries], _ query: FactQuery) {
        var reading = RowReading(query.dialect)
        let metric = place(ofMetric: query.source.name)
        for one in series where one.values.count == grid.count {
            guard let call = reading.call(one.labels) else { continue }
            if question.joinsServices { destinationNames.note(one.labels, call) }
            let count = ledger.entries.count
            // Of calls whose rate is none it is known that they are there.
            let highest = one.values.compactMap(SignalRow.rate).max() ?? 0
            ledger.add(call.report(rate: highest, of: query.fact))
            guard ledger.entries.count > count else { continue }
            rows.append(
                SignalRow(
                    fact: query.fact, metric: metric, saysProtocol: call.saysProtocol,
                    sourcePrincipal: call.sourcePrincipal,
                    destinationPrincipal: call.destinationPrincipal, values: one.values))
        }
        names.formUnion(reading.clusterNames)
        ledger.clusterNames = ClusterNames.joined(names)
    }

    private mutating func addDurations(_ series: [GridSeries], _ query: FactQuery) {
        var reading = RowReading(query.dialect)
        let metric = place(ofMetric: query.source.name)
        // Of each pair of ends the buckets: there are many to a key, which is long.
        var found: [Int64: (key: SignalHistogram.Key, buckets: [SignalHistogram.Bucket])] = [:]
        for one in series where one.values.count == grid.count {
            guard let row = reading.row(one.labels), row.bound >= 0,
                let bound = reading.bounds[Int(row.bound)]
            else { continue }
            let ends = Int64(row.source) << 32 | Int64(row.destination)
            if found[ends] == nil {
                found[ends] = (SignalHistogram.Key(reading.call(row), query.grouping), [])
            }
            found[ends]?.buckets.append(
                SignalHistogram.Bucket(bound: bound * query.source.factor, values: one.values))
        }
        for (_, one) in found.sorted(by: { $0.key < $1.key }) {
            histograms[one.key, default: SignalHistogram(metric: metric)].buckets += one.buckets
        }
    }

    private mutating func place(ofMetric name: String) -> Int {
        if let place = metrics.firstIndex(of: name) { return place }
        metrics.append(name)
        return metrics.count - 1
    }

    private mutating func addStatistics(_ series: [GridSeries]) {
        for one in series where one.values.count == grid.count {
            guard let row = statisticReading.row(one) else { continue }
            statistics.append(row)
            statisticsByService[row.destination.service, default: []].append(row)
        }
    }
}
