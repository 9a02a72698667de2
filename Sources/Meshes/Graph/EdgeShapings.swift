import TimeSeries

/// What Envoys count of the calls of some edges of a map.
///
/// An Envoy counts by upstream: what a pod sends to a service, to Istio's whichever cluster its endpoints
/// are in. So its statistics are an edge's own only where all calls of the caller to the service go over
/// that edge; otherwise nobody can say which part is whose, and none is told. Of the callers of an edge,
/// which may stand for many, all have to keep a statistic (`ShapingSums`).
public struct EdgeShapings: Sendable {
    /// What is to be asked; nil where no Envoy of these edges' callers keeps statistics.
    public let query: StatisticsQuery?
    private let places: EdgePlaces
    private var reading: StatisticReading
    /// The rows in which callers report that they call a service.
    private var calls: [Upstream: [Int]] = [:]
    /// By edge, what each of its callers counts.
    private var edges: [Int: [ResolvedRows.ClusterParty: RateColumns<UpstreamStatistic>]] = [:]

    /// A service, as the proxies of a cluster send to it.
    private struct Upstream: Hashable, Sendable {
        var reportedBy: String
        var service: String
    }

    /// - Parameter window: what rates are taken over, milliseconds.
    public init(
        of edges: Set<Int>, in places: EdgePlaces, clusters: [ClusterDialects], window: Int64
    ) {
        self.places = places
        reading = StatisticReading(clusters)
        // The ledger is not walked for each batch of edges where nobody could be asked.
        guard !clusters.statistics(of: ServiceMap.Edge.Shaping.signals).all.isEmpty else {
            query = nil
            return
        }
        let ledger = places.ledger
        var isActive = Array(repeating: false, count: ledger.rows.count)
        for entry in ledger.entries where entry.rate > 0 { isActive[Int(entry.row)] = true }

        var services: Set<String> = []
        var reporting: Set<String> = []
        for (place, row) in ledger.rows.enumerated() where isActive[place] {
            guard let edge = places.places[place]?.edge, edges.contains(edge) else { continue }
            self.edges[edge, default: [:]][places.caller(ofRow: place)] = RateColumns()
            guard row.reporter == .source else { continue }
            services.insert(ledger.ends[Int(row.destination)].service)
            reporting.insert(ledger.reporters[Int(row.reportedBy)])
        }
        services.remove("")
        for (place, row) in ledger.rows.enumerated()
        where isActive[place] && row.reporter == .source {
            let service = ledger.ends[Int(row.destination)].service
            guard services.contains(service) else { continue }
            let upstream = Upstream(
                reportedBy: ledger.reporters[Int(row.reportedBy)], service: service)
            calls[upstream, default: []].append(place)
        }
        query = Self.query(
            of: services, clusters.filter { reporting.contains($0.cluster) }, window)
    }

    private static func query(
        of services: Set<String>, _ clusters: [ClusterDialects], _ window: Int64
    ) -> StatisticsQuery? {
        let (statistics, keeping) = clusters.statistics(of: ServiceMap.Edge.Shaping.signals)
        guard !statistics.isEmpty, !services.isEmpty else { return nil }
        var called = CallScope.End()
        called.names = services
        return StatisticsQuery(
            statistics, source: [.namespace, .workload, .app, .service],
            scope: CallScope([.init(destination: called)]), clusters: keeping, window: window)
    }

    /// Adds a series of an answer to the query.
    public mutating func add(_ series: GridSeries) {
        guard let value = series.values.first, !Absent.isAbsent(value),
            let row = reading.row(series)
        else { return }
        let upstream = Upstream(
            reportedBy: row.reportedBy, service: row.destination.service)
        let rows = (calls[upstream] ?? []).filter { isOf($0, row) }
        guard let first = rows.first, let edge = places.places[first]?.edge, edges[edge] != nil,
            rows.allSatisfy({ places.places[$0]?.edge == edge })
        else { return }
        // Of several callers that the row does not tell apart, it has the sum.
        var rest = value
        for caller in Set(rows.map(places.caller)).sorted(by: Self.precedes) {
            edges[edge]?[caller]?.add([rest], to: row.statistic)
            rest = 0
        }
    }

    /// Whether a row of the ledger is about calls that the statistic counts.
    private func isOf(_ place: Int, _ statistic: StatisticRow) -> Bool {
        let row = places.ledger.rows[place]
        let source = places.ledger.ends[Int(row.source)]
        let destination = places.ledger.ends[Int(row.destination)]
        return statistic.isFrom(
            cluster: statistic.reportedBy, namespace: source.namespace.known,
            workload: source.workload.known, app: source.app)
            && statistic.leads(
                to: destination.service, namespace: destination.namespace.known,
                cluster: destination.cluster)
    }

    private static func precedes(
        _ one: ResolvedRows.ClusterParty, _ other: ResolvedRows.ClusterParty
    ) -> Bool { (one.cluster, one.party) < (other.cluster, other.party) }

    /// What is known of an edge: Envoy's word, and that of flags for what no Envoy tells.
    public func shaping(
        of edge: Int, byFlags flagged: ServiceMap.Edge.Shaping?
    ) -> ServiceMap.Edge.Shaping? {
        guard let callers = edges[edge] else { return flagged }
        let sums = ShapingSums(
            callers: callers.sorted { Self.precedes($0.key, $1.key) }.map {
                ShapingSums.Caller(name: "", statistics: $0.value)
            }, count: 1)
        var shaping = flagged ?? ServiceMap.Edge.Shaping()
        for (signal, path) in ServiceMap.Edge.Shaping.paths {
            guard let value = sums.outcome(of: signal).values.first.flatMap({ $0 }) else {
                continue
            }
            shaping[keyPath: path] = ServiceMap.Edge.Shaping.Measured(value, .envoy)
        }
        return shaping.told.isEmpty ? nil : shaping
    }
}

extension String {
    /// Empty where it says nothing.
    fileprivate var known: String { isUnknownName ? "" : self }
}
