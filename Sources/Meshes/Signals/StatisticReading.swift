import TimeSeries

/// Reads the answers to a `StatisticsQuery`.
struct StatisticReading: Sendable {
    private var reading = RowReading(.envoy)
    /// The clusters of Istio, where an upstream has the endpoints of all clusters.
    private let spanning: Set<String>

    init(_ clusters: [ClusterDialects]) {
        spanning = Set(clusters.filter { $0.dialects.contains(.istio) }.map(\.cluster))
    }

    /// Nil where the series is of no caller's upstream.
    mutating func row(_ series: GridSeries) -> StatisticRow? {
        guard let name = series.labels[StatisticsQuery.label],
            let statistic = UpstreamStatistic(rawValue: name),
            let call = reading.call(series.labels), call.reporter == .source
        else { return nil }
        var source = call.source
        if source.workload.isEmpty { source.workload = series.labels["workload"] ?? "" }
        let isSpanning = spanning.contains(call.reportedBy)
        return StatisticRow(
            statistic: statistic, reportedBy: call.reportedBy, source: source,
            destination: .init(
                cluster: isSpanning ? "" : call.destination.cluster,
                namespace: call.destination.namespace, service: call.destination.service),
            values: series.values)
    }
}

extension StatisticRow {
    /// Whether a caller's proxies count it.
    ///
    /// - Parameters:
    ///   - workload: empty where it is not known.
    ///   - app: the name of the caller; its workload's where it has no other.
    func isFrom(cluster: String, namespace: String, workload: String, app: String) -> Bool {
        guard reportedBy == cluster else { return false }
        if !source.namespace.isEmpty, !namespace.isEmpty, source.namespace != namespace {
            return false
        }
        // A workload is one of several that an app may have.
        if !workload.isEmpty, !source.workload.isEmpty { return source.workload == workload }
        return [source.app, source.workload, source.service].contains(app)
    }

    /// Whether it is counted of calls to a service; in that cluster, where the row says in which.
    func leads(to service: String, namespace: String, cluster: String?) -> Bool {
        guard destination.service == service else { return false }
        if !destination.namespace.isEmpty, !namespace.isEmpty,
            destination.namespace != namespace
        {
            return false
        }
        guard let cluster, !destination.cluster.isEmpty else { return true }
        return destination.cluster == cluster
    }
}

extension [ClusterDialects] {
    /// The statistics that signals are made of and some cluster keeps, and the clusters that keep any
    /// of them.
    func statistics(of signals: Set<Signal>) -> (all: [UpstreamStatistic], clusters: [String]) {
        let wanted = Set(signals.flatMap(\.statistics))
        let keeping = filter { cluster in
            cluster.keepsStatistics && wanted.contains { cluster.keeps($0) }
        }
        let all = UpstreamStatistic.allCases.filter { statistic in
            wanted.contains(statistic) && keeping.contains { $0.keeps(statistic) }
        }
        return (all, keeping.map(\.cluster))
    }
}
