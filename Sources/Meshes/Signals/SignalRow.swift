/// What a row of an answer says of calls beside its report, which is an entry of the ledger.
struct SignalRow: Sendable {
    var fact: Fact
    /// A place in the assembly's metrics.
    var metric: Int
    /// Whether a label says what the protocol, or a status of it, was.
    var saysProtocol: Bool
    /// Empty where nobody says.
    var sourcePrincipal: String
    var destinationPrincipal: String
    /// A second, at each time of the grid.
    var values: [Double]

    /// The rate at a time; nil where there is none.
    func rate(at time: Int) -> Double? { Self.rate(values[time]) }

    static func rate(_ value: Double) -> Double? {
        value >= 0 && value <= ExactRate.limit ? value : nil
    }
}

/// A classic histogram of durations, in the words of one side about some ends.
struct SignalHistogram: Sendable {
    /// A place in the assembly's metrics.
    var metric: Int
    var buckets: [Bucket] = []

    struct Bucket: Sendable {
        /// Milliseconds.
        var bound: Double
        /// Requests a second of at most so long, at each time of the grid.
        var values: [Double]
    }

    /// Whose durations they are: of the requests of all reports that agree in it.
    struct Key: Hashable, Sendable {
        var dialect: Dialect
        var reporter: CallReport.Reporter
        var reportedBy: String
        var source: CallEnd
        var destination: CallEnd
        /// Whether services are told apart.
        var isOfService: Bool

        /// - Parameter grouping: what the histograms' query tells apart; the rest of the ends is
        ///   left out.
        init(_ call: ReportedCall, _ grouping: CallGrouping) {
            dialect = call.dialect
            reporter = call.reporter
            reportedBy = call.reportedBy
            source = call.source.keeping(grouping.source)
            destination = call.destination.keeping(grouping.destination)
            isOfService = grouping.destination.contains(.service)
        }

        init(_ row: CallLedger.Row, _ ledger: CallLedger, _ grouping: CallGrouping) {
            dialect = row.dialect
            reporter = row.reporter
            reportedBy = ledger.reporters[Int(row.reportedBy)]
            source = ledger.ends[Int(row.source)].keeping(grouping.source)
            destination = ledger.ends[Int(row.destination)].keeping(grouping.destination)
            isOfService = grouping.destination.contains(.service)
        }
    }
}

extension CallEnd {
    /// The end with some of its parts alone.
    fileprivate func keeping(_ detail: CallGrouping.EndDetail) -> CallEnd {
        CallEnd(
            cluster: detail.contains(.cluster) ? cluster : "",
            namespace: detail.contains(.namespace) ? namespace : "",
            workload: detail.contains(.workload) ? workload : "",
            app: detail.contains(.app) ? app : "",
            version: detail.contains(.version) ? version : "",
            service: detail.contains(.service) ? service : "")
    }
}
