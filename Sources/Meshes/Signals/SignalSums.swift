import TimeSeries

/// What is summed for one subject.
struct SignalSums: Sendable {
    var requests = RateColumns<CallPart>()
    /// One for each histogram of which something counts.
    var buckets: [RateColumns<Double>] = []
    /// Of TCP, by fact.
    var tcp: [Fact: RateColumns<CallPart>] = [:]
    /// The callers' proxies' own word, by the cluster that has it.
    var callers: [String: Caller] = [:]
    var dialects: Set<Dialect> = []
    /// The metrics and the sides that a fact is from.
    var metrics: [Fact: Set<String>] = [:]
    var sides: [Fact: Set<CallReport.Reporter>] = [:]
    var sourcePrincipals: Set<String> = []
    var destinationPrincipals: Set<String> = []
    /// The workloads behind the service.
    var workloads: Set<SignalSubject.End> = []

    struct Caller: Sendable {
        /// Whether its reports have Envoy's response flags.
        var hasFlags = false
        var columns = RateColumns<CallPart>()
    }

    /// As answers say where a fact is from: `istio_requests_total, reporter destination`.
    func derivation(_ fact: Fact) -> String? {
        guard let names = metrics[fact], !names.isEmpty else { return nil }
        let sides = CallReport.Reporter.allCases.filter { self.sides[fact]?.contains($0) ?? false }
            .map(\.rawValue).sorted()
        let reporters =
            sides.isEmpty
            ? "" : ", reporter\(sides.count > 1 ? "s" : "") \(sides.joined(separator: " and "))"
        return names.sorted().joined(separator: ", ") + reporters
    }
}

/// A row of what Envoys count of an upstream.
struct StatisticRow: Sendable {
    var statistic: UpstreamStatistic
    var reportedBy: String
    var source: CallEnd
    /// Its cluster is empty where the statistics do not say where endpoints are.
    var destination: SignalSubject.End
    var values: [Double]
}

/// A row of what proxies use.
struct ResourceRow: Sendable {
    var resource: ProxyResource
    var metric: String
    var workload: SignalSubject.End
    var values: [Double]
}
