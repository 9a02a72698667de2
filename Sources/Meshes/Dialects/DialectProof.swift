/// Which dialects a cluster speaks, by the names of its metrics.
extension Dialect {
    /// Dialects of proxies: each call is in one of them. Those of traces tell of the same calls
    /// again.
    public var isOfProxies: Bool {
        switch self {
        case .istio, .linkerd, .envoy: true
        case .spanMetrics, .serviceGraph: false
        }
    }

    /// Whether reports of requests bear Envoy's response flags: where they do not, that nothing is said
    /// of a timeout does not mean that there was none.
    public var hasResponseFlags: Bool { self == .istio }

    /// Whose word counts where several dialects of one cluster tell of the same calls: the lowest.
    public var rank: Int {
        switch self {
        case .istio: 0
        case .linkerd: 1
        case .envoy: 2
        case .serviceGraph: 3
        case .spanMetrics: 4
        }
    }

    /// The dialects that the names prove, ordered by rank.
    ///
    /// Istio's and Linkerd's own metrics tell of the same requests as the statistics of the Envoys
    /// beneath, so those prove nothing beside them.
    public static func dialects(ofMetrics names: Set<String>) -> [Dialect] {
        let found = allCases.filter { !names.isDisjoint(with: $0.row.proofs) }
        let isTold = found.contains(.istio) || found.contains(.linkerd)
        return found.filter { $0 != .envoy || !isTold }.sorted { $0.rank < $1.rank }
    }
}

extension DialectRow {
    /// All metrics that the row names, recorded ones too.
    public var metrics: [String] {
        var names = proofs
        for fact in facts {
            names += fact.metrics.flatMap { $0.parts.map(\.name) + [$0.failed].compactMap { $0 } }
            names += [fact.recorded].compactMap { $0 }
        }
        return names
    }
}

extension ClusterDialects {
    /// Where the fact's rates come from in this cluster: recorded ones where the window is theirs,
    /// else the first of the counters that it has. Nil where it has none. A cluster whose file says
    /// its dialect, and of which nothing else is known, has the first.
    public func source(of fact: Fact, in dialect: Dialect, window: Int64) -> FactQuery.Source? {
        guard let row = dialect.row.fact(fact) else { return nil }
        if let recorded = row.recorded, window == SignalQuestion.standardWindow,
            metrics.contains(recorded)
        {
            return .recorded(recorded)
        }
        return row.metrics.first { metrics.contains($0.name) }.map { .counters($0) }
    }

    /// Whether the cluster has recorded rates of any of its dialects.
    public var hasRecordedRates: Bool {
        dialects.contains { dialect in
            dialect.row.facts.contains { $0.recorded.map(metrics.contains) ?? false }
        }
    }
}
