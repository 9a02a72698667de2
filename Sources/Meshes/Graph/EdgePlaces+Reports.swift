extension EdgePlaces {
    /// Who reports some edges, so that more can be asked of them.
    public struct Report: Hashable, Sendable {
        public var place: Place
        public var source: CallEnd
        public var destination: CallEnd
        public var reporter: CallReport.Reporter
        /// The cluster whose Prometheus has the reports.
        public var reportedBy: String
        public var dialect: Dialect
    }

    /// The reports of these edges, each side of each pair of ends once, in the ledger's order.
    public func reports(of edges: Set<Int>) -> [Report] {
        edges.flatMap { rows(of: $0) }.sorted().compactMap { number in
            guard let place = places[Int(number)] else { return nil }
            let row = ledger.rows[Int(number)]
            return Report(
                place: place, source: ledger.ends[Int(row.source)],
                destination: ledger.ends[Int(row.destination)], reporter: row.reporter,
                reportedBy: ledger.reporters[Int(row.reportedBy)], dialect: row.dialect)
        }
    }
}
