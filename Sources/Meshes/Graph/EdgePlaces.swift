/// Where the edge of a map is that a row of some other answer is about: of buckets, principals, or the
/// proxies' statistics.
public struct EdgePlaces: Sendable {
    let ledger: CallLedger
    /// One for each row of the ledger; nil for rows that the map does not show.
    let places: [Place?]
    /// The rows' ends, resolved.
    let leafOfRow: [Int32]
    let leaves: [ResolvedRows.Leaf]
    /// For each row of the ledger whether there are requests that it counts.
    let hasRequests: [Bool]
    /// How many edges the map has.
    let edgeCount: Int
    /// The ledger's rows by the edges that they are of, each edge's in the ledger's order.
    private let rowsByEdge: [Int32]
    /// Where the rows of each edge begin in `rowsByEdge`, and the end of the last.
    private let starts: [Int]

    public struct Place: Hashable, Sendable {
        /// In the map's edges.
        public var edge: Int
        /// Whether this reporter's requests are the ones that the edge counts: only their latencies
        /// may be summed, as both sides timed the same requests.
        public var counts: Bool
        /// Whether both sides reported these requests, so that their latencies can be compared.
        public var isSeenTwice: Bool

        public init(edge: Int, counts: Bool, isSeenTwice: Bool) {
            self.edge = edge
            self.counts = counts
            self.isSeenTwice = isSeenTwice
        }
    }

    /// Who calls, whatever either side calls it.
    func caller(ofRow row: Int) -> ResolvedRows.ClusterParty {
        leaves[Int(leafOfRow[row])].source
    }

    init(
        ledger: CallLedger, places: [Place?], edgeCount: Int, leafOfRow: [Int32],
        leaves: [ResolvedRows.Leaf]
    ) {
        self.ledger = ledger
        self.leafOfRow = leafOfRow
        self.leaves = leaves
        self.places = places
        self.edgeCount = edgeCount
        var hasRequests = Array(repeating: false, count: ledger.rows.count)
        for entry in ledger.entries where entry.rate > 0 && entry.kind.isRequest {
            hasRequests[Int(entry.row)] = true
        }
        self.hasRequests = hasRequests
        var starts = Array(repeating: 0, count: edgeCount + 1)
        for case .some(let place) in places { starts[place.edge + 1] += 1 }
        for edge in 0..<edgeCount { starts[edge + 1] += starts[edge] }
        var next = starts
        var rows = Array(repeating: Int32(0), count: starts[edgeCount])
        for (row, place) in places.enumerated() {
            guard let place else { continue }
            rows[next[place.edge]] = Int32(row)
            next[place.edge] += 1
        }
        self.starts = starts
        rowsByEdge = rows
    }

    /// The rows of an edge.
    func rows(of edge: Int) -> ArraySlice<Int32> { rowsByEdge[starts[edge]..<starts[edge + 1]] }

    /// How many reports an edge has.
    public func reportCount(of edge: Int) -> Int { starts[edge + 1] - starts[edge] }

    /// Nil where no report of calls had these ends and this reporter, or its edge is not shown.
    public func place(
        source: CallEnd, destination: CallEnd, reporter: CallReport.Reporter, reportedBy: String,
        dialect: Dialect
    ) -> Place? {
        ledger.row(
            source: source, destination: destination, reporter: reporter, reportedBy: reportedBy,
            dialect: dialect
        ).flatMap { places[$0] }
    }
}
