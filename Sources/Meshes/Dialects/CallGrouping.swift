/// What an answer tells apart: which parts of the two ends, and how calls ended.
public struct CallGrouping: Hashable, Sendable {
    public var source: EndDetail
    public var destination: EndDetail
    /// How requests ended, and by which protocol.
    public var outcome: Bool
    /// How they were secured. At the source that takes the destination's principal.
    public var security: Bool

    public init(
        source: EndDetail, destination: EndDetail, outcome: Bool = true, security: Bool = false
    ) {
        self.source = source
        self.destination = destination
        self.outcome = outcome
        self.security = security
    }

    /// Everything that tells calls apart, how they ended, and how they were secured. The service
    /// graph asks for it, and signals do so in the same words, so that what is remembered of the
    /// one serves the other.
    public static let everything = CallGrouping(
        source: .whole, destination: .whole, outcome: true, security: true)

    /// Parts of an end.
    public struct EndDetail: OptionSet, Hashable, Sendable {
        public let rawValue: Int
        public init(rawValue: Int) { self.rawValue = rawValue }

        public static let cluster = EndDetail(rawValue: 1)
        public static let namespace = EndDetail(rawValue: 2)
        public static let workload = EndDetail(rawValue: 4)
        public static let app = EndDetail(rawValue: 8)
        public static let version = EndDetail(rawValue: 16)
        public static let service = EndDetail(rawValue: 32)
        public static let principal = EndDetail(rawValue: 64)
        /// All that names an end.
        public static let whole: EndDetail = [
            .cluster, .namespace, .workload, .app, .version, .service,
        ]
    }
}

extension DialectRow {
    /// The labels that a query of `fact` sums by: without repetitions, ordered by name, `cluster`
    /// first.
    public func labels(of grouping: CallGrouping, _ fact: Fact) -> [String] {
        var names: Set<String> = []
        // Where a side cannot name services, workloads join its reports with the other side's.
        let joinsByWorkload =
            grouping.destination.contains(.service)
            && witnesses.contains {
                $0.destination.service.isEmpty && $0.destination.upstream.isEmpty
            }
        for witness in witnesses {
            names.formUnion(witness.marks.flatMap(\.labels))
            names.formUnion(witness.source.labels(of: grouping.source))
            names.formUnion(witness.destination.labels(of: grouping.destination))
            if joinsByWorkload {
                names.formUnion(witness.destination.labels(of: [.workload, .app]))
            }
            if grouping.security { names.formUnion(witness.destination.principal) }
        }
        if grouping.outcome, fact == .requests || fact == .tcpConnections {
            names.formUnion(outcome.names)
        }
        if grouping.security { names.formUnion(outcome.security) }
        if fact == .latency { names.insert("le") }
        names.remove(CallReading.cluster)
        return [CallReading.cluster] + names.sorted()
    }
}

extension EndLabels {
    func labels(of detail: CallGrouping.EndDetail) -> [String] {
        var names: [String] = []
        if detail.contains(.cluster) { names += cluster }
        if detail.contains(.namespace) { names += namespace }
        if detail.contains(.workload) { names += workload }
        if detail.contains(.app) { names += app }
        if detail.contains(.version) { names += version }
        if detail.contains(.service) { names += service }
        if detail.contains(.principal) { names += principal }
        if !detail.isDisjoint(with: [.namespace, .version, .service]) { names += upstream }
        return names
    }
}
