import TimeSeries

/// What one answer, or a piece of it, tells of the edges of a map: buckets, or who speaks to whom.
public struct EdgeBatch: Sendable {
    private let places: EdgePlaces
    private var reading: RowReading
    /// By the numbers of both ends the ledger's row; -1 for what the map does not show.
    private var rows: [Int64: Int32] = [:]

    /// Requests a second of a row of the ledger that took at most as many milliseconds.
    struct Bucket: Sendable {
        var row: Int32
        var bound: Double
        var rate: Double
    }

    private(set) var buckets: [Bucket] = []
    /// The identities at both ends of an edge, as one row has them; empty where it does not say.
    public private(set) var principals: [Principals] = []

    public struct Principals: Sendable {
        /// In the map's edges.
        public var edge: Int
        public var source: String
        public var destination: String
    }

    public init(_ dialect: Dialect, _ places: EdgePlaces) {
        self.places = places
        reading = RowReading(dialect)
    }

    /// Adds a row that is a bucket, whose bound is `factor` times what is told, in milliseconds.
    public mutating func addBucket(_ labels: Labels, rate: Double, factor: Double) {
        guard let read = reading.row(labels), read.bound >= 0 else { return }
        let (row, _) = row(of: read)
        guard row >= 0, let bound = reading.bounds[Int(read.bound)] else { return }
        buckets.append(Bucket(row: row, bound: bound * factor, rate: rate))
    }

    /// Adds a row that names both ends' principals.
    public mutating func addPrincipals(_ labels: Labels) {
        guard let read = reading.row(labels) else { return }
        let (row, isNew) = row(of: read)
        guard isNew, row >= 0, let place = places.places[Int(row)] else { return }
        principals.append(
            Principals(
                edge: place.edge, source: reading.sources[Int(read.source)].principal,
                destination: reading.destinations[Int(read.destination)].principal))
    }

    /// The ledger's row, and whether it is looked up for the first time.
    private mutating func row(of read: RowReading.Row) -> (Int32, isNew: Bool) {
        let key = Int64(read.source) << 32 | Int64(read.destination)
        if let row = rows[key] { return (row, false) }
        let source = reading.sources[Int(read.source)]
        let found = places.ledger.row(
            source: source.end, destination: reading.destinations[Int(read.destination)].end,
            reporter: source.reporter, reportedBy: source.reportedBy, dialect: reading.dialect)
        let row = found.flatMap { places.places[$0] == nil ? nil : Int32($0) } ?? -1
        rows[key] = row
        return (row, true)
    }
}
