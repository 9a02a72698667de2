import TimeSeries

/// A query of one fact about some edges, in one dialect: of those whose ends have these names. The
/// answer may hold other edges of the same ends.
public struct EdgeQuery: Hashable, Sendable {
    public var dialect: Dialect
    public var fact: Fact
    public var source: FactQuery.Source
    public var grouping: CallGrouping
    public var names: Names
    /// The clusters whose reports are asked for.
    public var clusters: [String]
    /// What rates are taken over, milliseconds.
    public var window: Int64

    /// What the ends of edges are called in the labels by which they are asked for.
    public struct Names: Hashable, Sendable {
        public private(set) var sources: Set<String> = []
        public private(set) var destinations: Set<String> = []

        public init(_ reports: some Sequence<EdgePlaces.Report>, in row: DialectRow) {
            var witnesses: [CallReport.Reporter: Witness] = [:]
            for witness in row.witnesses { witnesses[witness.reporter] = witness }
            for report in reports {
                guard let witness = witnesses[report.reporter] else { continue }
                witness.source.add(namesOf: report.source, to: &sources)
                witness.destination.add(namesOf: report.destination, to: &destinations)
            }
        }
    }

    public init(
        _ dialect: Dialect, _ fact: Fact, from source: FactQuery.Source,
        by grouping: CallGrouping, names: Names, clusters: [String], window: Int64
    ) {
        self.dialect = dialect
        self.fact = fact
        self.source = source
        self.grouping = grouping
        self.names = names
        self.clusters = clusters
        self.window = window
    }

    public var text: String {
        let by = dialect.row.labels(of: grouping, fact).joined(separator: ", ")
        let rates = selectors.map { selector in
            if case .recorded = source { return selector }
            return "rate(\(selector)[\(FactQuery.text(ofMilliseconds: window))])"
        }
        return "sum by (\(by)) (\(rates.joined(separator: " or ")))"
    }

    /// Each series is in one of them or in several; they are united, not added.
    private var selectors: [String] {
        let parts: [FactRow.Part] =
            switch source {
            case .recorded(let name): [FactRow.Part(name)]
            case .counters(let metric): metric.parts
            }
        let cluster = Matcher.text(CallReading.cluster, oneOf: clusters)
        return parts.flatMap { part in
            conditions.map { condition in
                let own = part.marks.compactMap(\.text)
                let all = own + condition.filter { !own.contains($0) } + [cluster]
                return part.name + "{" + all.joined(separator: ",") + "}"
            }
        }
    }

    /// Conditions on the series, each a list of matchers, of which any one is to be met.
    private var conditions: [[String]] {
        var conditions: [[String]] = []
        let witnesses = dialect.row.witnesses
        let isOne = Set(witnesses.map(\.namedLabels)).count == 1
        for witness in witnesses {
            // Where all sides name the ends alike, whose report a series is does not matter.
            let marks = isOne && witnesses.count > 1 ? [] : witness.marks.compactMap(\.text)
            for condition in self.conditions(witness) where !conditions.contains(marks + condition)
            {
                conditions.append(marks + condition)
            }
        }
        return conditions
    }

    private func conditions(_ witness: Witness) -> [[String]] {
        let destinations = matchers(witness.destination, names.destinations)
        // Each label of several doubles the series that are looked up; one end is narrow enough.
        let sources =
            witness.source.asksName.count == 1 || destinations.isEmpty
            ? matchers(witness.source, names.sources) : []
        if destinations.isEmpty { return sources.isEmpty ? [[]] : sources.map { [$0] } }
        if sources.isEmpty { return destinations.map { [$0] } }
        return destinations.flatMap { one in sources.map { [one, $0] } }
    }

    /// One for each label that may name the end; none where no label does in all series.
    private func matchers(_ labels: EndLabels, _ names: Set<String>) -> [String] {
        guard labels.upstream.isEmpty else { return [] }
        // A name may stand in a label that is looked at where the only one to ask by says nothing.
        let blank: Set<String> = labels.asksName.count == 1 ? ["", "unknown"] : []
        let all = names.subtracting([""]).union(blank).sorted()
        return labels.asksName.map { Matcher.text($0, oneOf: all) }
    }
}

extension EndLabels {
    /// Adds what the labels say by which the end is asked for: each is one of those that its parts
    /// were read from.
    fileprivate func add(namesOf end: CallEnd, to names: inout Set<String>) {
        if workload.contains(where: asksName.contains) { names.insert(end.workload) }
        if app.contains(where: asksName.contains) { names.insert(end.app) }
        if service.contains(where: asksName.contains) { names.insert(end.service) }
    }
}

extension Witness {
    /// The labels by which the ends can be asked for.
    fileprivate var namedLabels: [[String]] { [source.asksName, destination.asksName] }
}
