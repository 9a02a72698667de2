/// Reports of calls, gathered in any order: from all clusters, dialects and both sides of each edge.
///
/// A report costs two look-ups and 16 bytes; texts are kept once. Whose word counts is decided when a
/// map is made of them (`CallGraph`), so that one ledger gives many maps.
public struct CallLedger: Sendable {
    /// The inventory's clusters in their order, which is the order of everything shown.
    public let clusters: [String]
    /// The clusters that should have reported and did not, and why.
    public let missing: [String: String]
    /// What meshes call the clusters of the inventory, where that is known (`cluster1` → `eu-1`).
    public internal(set) var clusterNames: [String: String]
    /// How many reports were left out: with a rate that is negative, no number or absurd, or past the
    /// limit.
    public private(set) var rejected = 0

    /// The ends that were named, each once.
    private(set) var ends: [CallEnd] = []
    private(set) var rows: [Row] = []
    private(set) var entries: [Entry] = []
    /// The names of reporting clusters; `Row.reportedBy` is a place here.
    private(set) var reporters: [String]
    private var endPlaces: [Name: Int32] = [:]
    private var rowPlaces: [Row: Int32] = [:]
    private var reporterPlaces: [String: Int32] = [:]
    private let maximumEntries: Int

    /// Who says it, and of whom.
    struct Row: Hashable, Sendable {
        var source: Int32
        var destination: Int32
        var reportedBy: Int32
        var reporter: CallReport.Reporter
        var dialect: Dialect

        func hash(into hasher: inout Hasher) {
            hasher.combine(Int64(source) << 32 | Int64(destination))
            hasher.combine(reportedBy)
            hasher.combine(reporter == .source)
        }
    }

    /// One report.
    struct Entry: Sendable {
        var rate: Double
        var row: Int32
        var kind: CallClass
    }

    /// An end as it is looked up. Of its texts those are hashed that tell most ends apart.
    private struct Name: Hashable, Sendable {
        var end: CallEnd

        func hash(into hasher: inout Hasher) {
            hasher.combine(end.workload)
            hasher.combine(end.service)
            hasher.combine(end.namespace)
            hasher.combine(end.cluster)
        }
    }

    public init(
        clusters: [String], missing: [String: String] = [:], clusterNames: [String: String] = [:],
        maximumReports: Int = 5_000_000
    ) {
        self.clusters = clusters
        self.missing = missing
        self.clusterNames = clusterNames
        self.maximumEntries = min(maximumReports, Int(Int32.max))
        reporters = clusters
        for (place, cluster) in clusters.enumerated() where reporterPlaces[cluster] == nil {
            reporterPlaces[cluster] = Int32(place)
        }
    }

    /// Reports of no rate at all are worth adding: they say that an edge is idle, and in which cluster
    /// a service is whose calls no longer arrive.
    public mutating func add(_ report: CallReport) {
        guard isAcceptable(report.rate) else {
            rejected += 1
            return
        }
        let row = Row(
            source: place(of: report.source), destination: place(of: report.destination),
            reportedBy: place(ofReporter: report.reportedBy), reporter: report.reporter,
            dialect: report.dialect)
        let kind = CallClass(
            report.measure, security: report.security,
            isDestinationUnknown: report.destination.isUnnamedWorkload(in: report.dialect))
        entries.append(Entry(rate: report.rate, row: place(of: row), kind: kind))
    }

    public mutating func add(_ reports: some Sequence<CallReport>) {
        for report in reports { add(report) }
    }

    /// Adds the reports of a batch, but for those of some clusters.
    public mutating func add(_ batch: CallBatch, omitting omitted: Set<String> = []) {
        let isOmitted = batch.rows.map { !omitted.isEmpty && omitted.contains($0.reportedBy) }
        var endPlaces = [Int32](repeating: -1, count: batch.ends.count)
        var rowPlaces = [Int32](repeating: -1, count: batch.rows.count)
        for entry in batch.entries {
            let number = Int(entry.row)
            if isOmitted[number] { continue }
            guard isAcceptable(entry.rate) else {
                rejected += 1
                continue
            }
            if rowPlaces[number] < 0 {
                let row = batch.rows[number]
                for end in [row.source, row.destination] where endPlaces[Int(end)] < 0 {
                    endPlaces[Int(end)] = place(of: batch.ends[Int(end)])
                }
                rowPlaces[number] = place(
                    of: Row(
                        source: endPlaces[Int(row.source)],
                        destination: endPlaces[Int(row.destination)],
                        reportedBy: place(ofReporter: row.reportedBy), reporter: row.reporter,
                        dialect: batch.dialect))
            }
            entries.append(Entry(rate: entry.rate, row: rowPlaces[number], kind: entry.kind))
        }
    }

    /// Makes room for so many reports.
    public mutating func reserveCapacity(_ count: Int) {
        entries.reserveCapacity(count)
        rows.reserveCapacity(count)
        rowPlaces.reserveCapacity(count)
    }

    private func isAcceptable(_ rate: Double) -> Bool {
        rate >= 0 && rate <= ExactRate.limit && entries.count < maximumEntries
    }

    /// Where rows of these ends and this reporter stand, if there are any.
    func row(
        source: CallEnd, destination: CallEnd, reporter: CallReport.Reporter, reportedBy: String,
        dialect: Dialect
    ) -> Int? {
        guard let source = endPlaces[Name(end: source)],
            let destination = endPlaces[Name(end: destination)],
            let reportedBy = reporterPlaces[reportedBy]
        else { return nil }
        return rowPlaces[
            Row(
                source: source, destination: destination, reportedBy: reportedBy,
                reporter: reporter, dialect: dialect)
        ].map(Int.init)
    }

    private mutating func place(of end: CallEnd) -> Int32 {
        let next = Int32(ends.count)
        if let place = endPlaces[Name(end: end)] { return place }
        endPlaces[Name(end: end)] = next
        ends.append(end)
        return next
    }

    private mutating func place(of row: Row) -> Int32 {
        let next = Int32(rows.count)
        if let place = rowPlaces[row] { return place }
        rowPlaces[row] = next
        rows.append(row)
        return next
    }

    private mutating func place(ofReporter cluster: String) -> Int32 {
        if let place = reporterPlaces[cluster] { return place }
        let next = Int32(reporters.count)
        reporterPlaces[cluster] = next
        reporters.append(cluster)
        return next
    }
}

extension CallEnd {
    /// Whether a report does not name the destination's workload, and should.
    func isUnnamedWorkload(in dialect: Dialect) -> Bool {
        // Others do not know the workloads of other clusters either.
        dialect == .istio && workload.isUnknownName
    }
}

extension String {
    /// Whether a label says nothing: Istio writes `unknown` for what it does not know.
    var isUnknownName: Bool { isEmpty || self == "unknown" }
}
