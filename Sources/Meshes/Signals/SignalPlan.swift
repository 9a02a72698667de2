/// The queries that answer a question, given what the clusters speak.
public struct SignalPlan: Hashable, Sendable {
    public let question: SignalQuestion
    public let clusters: [ClusterDialects]
    public let queries: [SignalQuery]

    public init(_ question: SignalQuestion, clusters: [ClusterDialects]) {
        self.question = question
        self.clusters = clusters
        var queries: [SignalQuery] = []
        for fact in Fact.allCases {
            let signals = question.signals.intersection(fact.signals)
            // Requests decide which report counts for all others.
            guard !signals.isEmpty || fact == .requests else { continue }
            for dialect in Dialect.allCases.sorted(by: { $0.rank < $1.rank }) {
                queries += Self.queries(of: fact, in: dialect, question, clusters, signals)
            }
        }
        queries += Self.statistics(question, clusters)
        queries += Self.resources(question, clusters)
        self.queries = queries
    }

    /// The queries of requests alone, in one dialect.
    init(ofRequestsIn dialect: Dialect, _ question: SignalQuestion, clusters: [ClusterDialects]) {
        self.question = question
        self.clusters = clusters
        queries = Self.queries(of: .requests, in: dialect, question, clusters, [])
    }

    /// The queries of durations alone, service by service.
    ///
    /// - Parameters:
    ///   - names: by which the services are asked for; none for all of them.
    ///   - reporters: the clusters whose reports are wanted.
    init(durationsOf names: Set<String>, reportedBy reporters: Set<String>, of plan: SignalPlan) {
        question = plan.question.asking(about: names)
        clusters = plan.clusters.filter { reporters.contains($0.cluster) }
        let signals = question.signals.intersection(Fact.latency.signals)
        queries = Dialect.allCases.sorted { $0.rank < $1.rank }.flatMap { [question, clusters] in
            Self.queries(of: .latency, in: $0, question, clusters, signals)
        }
    }

    /// A query for each place that the clusters have the fact in.
    private static func queries(
        of fact: Fact, in dialect: Dialect, _ question: SignalQuestion,
        _ clusters: [ClusterDialects], _ signals: Set<Signal>
    ) -> [SignalQuery] {
        clusters.sources(of: fact, in: dialect, window: question.window).map { source, names in
            let query = FactQuery(
                dialect, fact, from: source, by: question.callGrouping(fact),
                scope: question.askedScope, clusters: names, window: question.window)
            return SignalQuery(
                content: .fact(query), text: query.text, clusters: names, signals: signals)
        }
    }

    private static func statistics(
        _ question: SignalQuestion, _ clusters: [ClusterDialects]
    ) -> [SignalQuery] {
        let (statistics, names) = clusters.statistics(of: question.signals)
        // An Envoy's statistics do not say in which cluster endpoints are (`UpstreamSums`).
        guard !statistics.isEmpty, question.grouping != .cluster else { return [] }
        let query = StatisticsQuery(
            statistics,
            source: question.grouping == .edge ? [.namespace, .workload, .app, .service] : [],
            scope: question.askedScope, clusters: names, window: question.window)
        return [
            SignalQuery(
                content: .statistics(query), text: query.text, clusters: names,
                signals: question.signals.filter { !$0.statistics.isEmpty })
        ]
    }

    private static func resources(
        _ question: SignalQuestion, _ clusters: [ClusterDialects]
    ) -> [SignalQuery] {
        guard question.grouping != .edge else { return [] }
        var queries: [SignalQuery] = []
        for (resource, signal) in [(ProxyResource.cpu, Signal.proxyCPU), (.memory, .proxyMemory)]
        where question.signals.contains(signal) {
            for metric in resource.metrics {
                let names = clusters.filter {
                    question.includes(cluster: $0.cluster)
                        && resource.metrics.first(where: $0.metrics.contains) == metric
                }.map(\.cluster)
                guard !names.isEmpty else { continue }
                let text = resource.text(
                    of: metric, namespaces: question.namespaces, clusters: names,
                    window: question.window, joinsWorkloads: question.grouping != .service)
                queries.append(
                    SignalQuery(
                        content: .resource(resource, metric), text: text, clusters: names,
                        signals: [signal]))
            }
        }
        return queries
    }

    /// All metrics that decide how questions are planned.
    public static let metrics: [String] = {
        let dialects = Dialect.allCases.flatMap(\.row.metrics)
        return Set(
            dialects + UpstreamStatistic.allMetrics + ProxyResource.allCases.flatMap(\.metrics)
        ).sorted()
    }()
}

/// One query of a plan.
public struct SignalQuery: Hashable, Sendable {
    public var content: Content
    /// PromQL.
    public var text: String
    /// The clusters that it asks, in inventory order.
    public var clusters: [String]
    public var signals: Set<Signal>

    public enum Content: Hashable, Sendable {
        case fact(FactQuery)
        case statistics(StatisticsQuery)
        /// With the metric.
        case resource(ProxyResource, String)
    }

    /// As answers show it.
    public var asked: AskedQuery {
        let names = Signal.allCases.filter(signals.contains).map(\.rawValue)
        return AskedQuery(
            signal: names.joined(separator: ","), query: text, clusters: clusters)
    }
}

extension Fact {
    /// What is computed from it.
    var signals: Set<Signal> {
        switch self {
        case .requests:
            [
                .requestRate, .errorRatio, .httpErrorRatio, .grpcErrorRatio, .clientErrorRatio,
                .noResponseRatio, .circuitBreakerTripRate, .timeoutRate, .mutualTLSRatio,
            ]
        case .latency: [.latencyP50, .latencyP90, .latencyP95, .latencyP99]
        case .tcpRequestBytes: [.tcpSentRate]
        case .tcpResponseBytes: [.tcpReceivedRate]
        case .tcpConnections: [.tcpConnectionRate, .mutualTLSRatio]
        }
    }
}

extension Signal {
    /// What Envoys count for it; none for signals of other sources.
    var statistics: [UpstreamStatistic] {
        switch self {
        case .retryRate: [.retries]
        case .retrySuccessRatio: [.retrySuccesses, .retries]
        case .retryOverflowRate: [.retryOverflows]
        case .retryAmplification: [.tries, .retries]
        case .timeoutRate: [.timeouts]
        case .circuitBreakerTripRate: [.trips]
        case .circuitBreakerOpen: [.openBreakers]
        case .outlierEjections: [.ejectionsActive]
        case .outlierEjectionRate: [.ejections]
        case .poolOverflowRate: [.connectionOverflows, .poolOverflows]
        case .connectionPoolUse: [.activeConnections, .remainingConnections]
        default: []
        }
    }
}

extension ClusterDialects {
    /// Whether Envoys carry its traffic.
    var keepsStatistics: Bool { dialects.contains(.istio) || dialects.contains(.envoy) }

    func keeps(_ statistic: UpstreamStatistic) -> Bool {
        statistic.metrics.contains(where: metrics.contains)
    }
}

extension SignalQuestion {
    /// Which calls are asked for.
    public var scope: CallScope {
        guard let choice else { return statedScope }
        var scope = statedScope
        if scope.alternatives.isEmpty { scope.alternatives = [.init()] }
        for place in scope.alternatives.indices {
            var called = scope.alternatives[place].destination ?? CallScope.End()
            guard called.names.isEmpty else { continue }
            called.names = choice.names
            scope.alternatives[place].destination = called
        }
        return scope
    }

    /// The same, with all names by which they are asked for: answers hold more then, and are filtered.
    var askedScope: CallScope {
        guard !aliases.isEmpty else { return scope }
        var asked = scope
        for place in asked.alternatives.indices {
            guard asked.alternatives[place].destination?.names.isEmpty == false else { continue }
            asked.alternatives[place].destination?.names.formUnion(aliases)
            asked.alternatives[place].destination?.namesWorkloads = true
        }
        return asked
    }

    /// The namespaces of what is asked for; empty for all.
    var namespaces: [String] {
        if let namespace = service?.namespace ?? namespace { return [namespace] }
        return choice?.namespaces.sorted() ?? []
    }

    /// The same without the choice.
    private var statedScope: CallScope {
        let caller = source.map { CallScope.End($0) }
        let called = destination.map { CallScope.End($0) }
        let space = namespace.map { CallScope.End(namespace: $0) }
        guard let service else {
            guard caller != nil || called != nil || space != nil else { return CallScope() }
            return CallScope([.init(source: caller, destination: spaced(called) ?? space)])
        }
        let named = spaced(CallScope.End(service))
        guard grouping == .edge else {
            return CallScope([.init(source: caller, destination: called ?? named)])
        }
        return CallScope([
            .init(source: caller, destination: called ?? named),
            .init(source: caller ?? named, destination: called),
        ])
    }

    /// An end with the question's namespace where it has none of its own.
    private func spaced(_ end: CallScope.End?) -> CallScope.End? {
        guard var end else { return nil }
        end.namespace = end.namespace ?? namespace
        return end
    }

    /// Whether destinations in the cluster are told of.
    ///
    /// All clusters are asked all the same, in the same words whichever are chosen, so that what is
    /// remembered serves all choices: calls that leave other clusters may arrive nowhere, what meshes
    /// call a cluster its own proxies alone tell, and where a report does not say in which cluster the
    /// service is, that is concluded from everywhere else that has it (`ResolvedRows`).
    public func includes(cluster: String) -> Bool {
        clusters.isEmpty || clusters.contains(cluster)
    }

    /// The names of services that are called, where the question has any.
    var destinationNames: Set<String> {
        scope.alternatives.reduce(into: []) { $0.formUnion($1.destination?.names ?? []) }
    }

    /// Whether the question names a service, so that answers are small.
    var isNarrow: Bool { service != nil || source != nil || destination != nil }

    /// The same question about some services, all clusters' and the mesh's sums of which are wanted;
    /// about all services where none is named.
    func asking(about names: Set<String>) -> SignalQuestion {
        var question = self
        question.choice = SignalChoice(names: names, namespaces: [])
        return question
    }

    /// Whether nobody wants to know of any one service, so that the clusters may add up what they
    /// know of all of them.
    var joinsServices: Bool {
        (grouping == .cluster || grouping == .mesh) && scope.alternatives.isEmpty
    }

    /// What is told apart: all that the service graph tells apart (`SignalResolution`), also where
    /// clusters or the whole mesh are wanted alone. Whose word counts is decided call by call, so sums
    /// over the calls of a cluster would hold what both sides report, and what neither alone does.
    ///
    /// Only durations, of which there are twenty times as many, tell less apart: whose durations count
    /// requests tell. Of the many services of a wide question they are those of services in a cluster;
    /// where services are joined, those of all calls from one cluster to another. Where not all of
    /// these count, or not for the same, they are asked for again (`SignalAssembly.furtherPlan`).
    func callGrouping(_ fact: Fact) -> CallGrouping {
        var grouping = CallGrouping.everything
        let isApart = self.grouping == .edge || isNarrow
        if fact == .latency {
            grouping.outcome = false
            grouping.security = false
            if joinsServices {
                grouping.source = [.cluster]
                grouping.destination = [.cluster]
            } else if !isApart {
                grouping.source = [.cluster]
                grouping.destination = [.cluster, .namespace, .service]
            }
        } else if isNarrow, fact == .requests || fact == .tcpConnections {
            grouping.source.insert(.principal)
            grouping.destination.insert(.principal)
        }
        return grouping
    }
}
