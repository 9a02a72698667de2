import TimeSeries

/// Finds out by which names a service is to be asked for, where its own is not enough.
///
/// What a proxy of Linkerd's takes it counts for its workload, which need not be called as the service
/// is. Callers' proxies name both. So the calls to the service are looked at first, at one time.
public struct SignalNaming: Sendable {
    /// The queries that tell.
    public let plan: SignalPlan
    private let question: SignalQuestion
    private var names = DestinationNames()

    /// Nil where the service's own name is enough, or none is asked for.
    public init?(_ question: SignalQuestion, clusters: [ClusterDialects]) {
        let speaking = clusters.filter { $0.counts(.linkerd) }
        guard !speaking.isEmpty, !question.destinationNames.isEmpty else { return nil }
        self.question = question
        plan = SignalPlan(ofRequestsIn: .linkerd, question, clusters: speaking)
    }

    public mutating func add(_ series: [GridSeries], of query: SignalQuery) {
        guard case .fact(let fact) = query.content else { return }
        names.note(series, fact.dialect)
    }

    /// The question with these names.
    public func named() -> SignalQuestion {
        var named = question
        for name in question.destinationNames { named.aliases.formUnion(names.asked(for: name)) }
        return named
    }
}
