import TimeSeries

/// The reports of calls in one answer, or in a piece of it, ready to be added to a ledger.
///
/// Reading an answer is most of the work on it. So each piece is read into a batch of its own, several
/// at a time, and the batches are added one after the other, which takes little.
public struct CallBatch: Sendable {
    public let dialect: Dialect
    /// What meshes call the clusters that the reports are of: the proxies of a cluster write the
    /// mesh's name for it into their own end of each report. Each pair once.
    public private(set) var clusterNames: [ClusterNames.Pair] = []

    /// The ends that were named, each once.
    private(set) var ends: [CallEnd] = []
    private(set) var rows: [Row] = []
    private(set) var entries: [CallLedger.Entry] = []

    /// Who says it, and of whom; places in `ends`.
    struct Row: Sendable {
        var source: Int32
        var destination: Int32
        var reportedBy: String
        var reporter: CallReport.Reporter
    }

    /// How many reports there are.
    public var reportCount: Int { entries.count }

    private let fact: Fact
    private var reading: RowReading
    private var endPlaces: [CallEnd: Int32] = [:]
    private var rowPlaces: [Int64: Int32] = [:]
    /// For each source and destination of the reading its place in `ends`.
    private var sources: [Int32] = []
    private var destinations: [Int32] = []
    /// For each outcome of the reading what it means, by whether the destination is not named.
    private var kinds: [(known: CallClass, unknown: CallClass)] = []

    /// - Parameter fact: what the answer is about.
    public init(_ dialect: Dialect, _ fact: Fact) {
        self.dialect = dialect
        self.fact = fact
        reading = RowReading(dialect)
    }

    /// Adds what a row of the answer reports. Rows that are nobody's report are passed over.
    public mutating func add(_ labels: Labels, rate: Double) {
        guard let row = reading.row(labels) else { return }
        if sources.count < reading.sources.count { noteSource(reading.sources[sources.count]) }
        if destinations.count < reading.destinations.count { noteDestinations() }
        if kinds.count < reading.outcomes.count { noteKind(reading.outcomes[kinds.count]) }
        let destination = destinations[Int(row.destination)]
        let isUnknown = ends[Int(destination)].isUnnamedWorkload(in: dialect)
        let kind = kinds[Int(row.outcome)]
        entries.append(
            CallLedger.Entry(
                rate: rate, row: place(of: row), kind: isUnknown ? kind.unknown : kind.known))
    }

    // MARK: What is new in a row

    private mutating func noteSource(_ side: RowReading.Side) {
        sources.append(place(of: side.end))
        if side.reporter == .source { noteName(side) }
    }

    /// Rows without a service have destinations too.
    private mutating func noteDestinations() {
        while destinations.count < reading.destinations.count {
            let side = reading.destinations[destinations.count]
            destinations.append(place(of: side.end))
            if side.reporter != .source { noteName(side) }
        }
    }

    private mutating func noteName(_ side: RowReading.Side) {
        guard !side.clusterName.isUnknownName else { return }
        let name = ClusterNames.Pair(name: side.clusterName, cluster: side.reportedBy)
        if !clusterNames.contains(name) { clusterNames.append(name) }
    }

    private mutating func noteKind(_ outcome: RowReading.Outcome) {
        let measure = outcome.measure.measure(of: fact)
        let security = outcome.security.rawValue
        kinds.append(
            (
                CallClass(measure, security: security, isDestinationUnknown: false),
                CallClass(measure, security: security, isDestinationUnknown: true)
            ))
    }

    private mutating func place(of end: CallEnd) -> Int32 {
        if let place = endPlaces[end] { return place }
        let next = Int32(ends.count)
        endPlaces[end] = next
        ends.append(end)
        return next
    }

    private mutating func place(of row: RowReading.Row) -> Int32 {
        let key = Int64(row.source) << 32 | Int64(row.destination)
        if let place = rowPlaces[key] { return place }
        let next = Int32(rows.count)
        rowPlaces[key] = next
        let side = reading.sources[Int(row.source)]
        rows.append(
            Row(
                source: sources[Int(row.source)],
                destination: destinations[Int(row.destination)], reportedBy: side.reportedBy,
                reporter: side.reporter))
        return next
    }
}
