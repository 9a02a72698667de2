import TimeSeries

/// A query of one fact in one dialect: `text` is PromQL over the union of all clusters.
public struct FactQuery: Hashable, Sendable {
    public var dialect: Dialect
    public var fact: Fact
    public var source: Source
    public var grouping: CallGrouping
    public var scope: CallScope
    /// The clusters whose reports are asked for; empty for all.
    public var clusters: [String]
    /// What rates are taken over, milliseconds.
    public var window: Int64
    /// Whether rates of zero are left out: edges that were once.
    public var omitsIdle = false

    /// Where the rates come from.
    public enum Source: Hashable, Sendable {
        case counters(FactRow.Metric)
        /// What the rules of `deploy/rules` have recorded, over `SignalQuestion.standardWindow`.
        case recorded(String)

        /// The metric, for people.
        public var name: String {
            switch self {
            case .counters(let metric): metric.name
            case .recorded(let name): name
            }
        }

        /// What a bucket's bound is multiplied with to be in milliseconds.
        public var factor: Double {
            switch self {
            case .counters(let metric): metric.factor
            case .recorded: 1
            }
        }
    }

    public init(
        _ dialect: Dialect, _ fact: Fact, from source: Source, by grouping: CallGrouping,
        scope: CallScope = CallScope(), clusters: [String] = [],
        window: Int64 = SignalQuestion.standardWindow
    ) {
        self.dialect = dialect
        self.fact = fact
        self.source = source
        self.grouping = grouping
        self.scope = scope
        self.clusters = clusters
        self.window = window
    }

    public var text: String {
        let by = dialect.row.labels(of: grouping, fact).joined(separator: ", ")
        let end = omitsIdle ? " > 0" : ""
        guard case .counters(let metric) = source, let failed = metric.failed else {
            return "sum by (\(by)) (\(inner(metric: nil)))" + end
        }
        // Two counters, of all requests and of those that failed, become one with a verdict. The
        // second is there only once a request has failed.
        let labels = dialect.row.outcome
        let verdict = labels.verdict.first ?? ""
        let sums = dialect.row.labels(of: grouping, fact).filter { $0 != verdict }
            .joined(separator: ", ")
        let all = "sum by (\(sums)) (\(inner(metric: nil)))"
        let bad = "sum by (\(sums)) (\(inner(metric: failed)))"
        guard grouping.outcome else { return all + end }
        let well =
            "label_replace(\(all) - (\(bad) or 0 * \(all)), \"\(verdict)\", \"OK\", \"\", \"\")"
        let badly =
            "label_replace(\(bad), \"\(verdict)\", \"\(labels.failures.first ?? "")\", \"\", \"\")"
        return omitsIdle ? "(\(well) or \(badly)) > 0" : "\(well) or \(badly)"
    }

    /// The rates that are summed. `metric` replaces the counter's name.
    private func inner(metric: String?) -> String {
        let conditions = conditions
        let parts: [FactRow.Part]
        let isRecorded: Bool
        switch source {
        case .recorded(let name):
            parts = [FactRow.Part(name)]
            isRecorded = true
        case .counters(let counters):
            parts = metric.map { [FactRow.Part($0)] } ?? counters.parts
            isRecorded = false
        }
        var selectors: [String] = []
        for part in parts {
            let own = part.marks.compactMap(\.text)
            for condition in conditions {
                // Of two conditions on one label the part's own is as good as the witness's.
                let matchers = own + condition.filter { !own.contains($0) } + clusterMatchers
                let braces = matchers.isEmpty ? "" : "{" + matchers.joined(separator: ",") + "}"
                selectors.append(part.name + braces)
            }
        }
        return selectors.map { isRecorded ? $0 : "rate(\($0)[\(windowText)])" }
            .joined(separator: " or ")
    }

    private var clusterMatchers: [String] {
        clusters.isEmpty ? [] : [Matcher.text(CallReading.cluster, oneOf: clusters)]
    }

    /// The window as PromQL writes it.
    private var windowText: String { Self.text(ofMilliseconds: window) }

    static func text(ofMilliseconds time: Int64) -> String {
        if time % 60_000 == 0 { return "\(time / 60_000)m" }
        return time % 1000 == 0 ? "\(time / 1000)s" : "\(time)ms"
    }

    /// Conditions on the series, each a list of matchers, of which any one is to be met.
    private var conditions: [[String]] {
        let witnesses = dialect.row.witnesses
        // Where all sides name the ends alike, it does not matter whose report a series is.
        let sides = Set(witnesses.map { Sides(source: $0.source, destination: $0.destination) })
        if scope.alternatives.isEmpty || sides.count == 1 {
            let marks = witnesses.count == 1 ? witnesses[0].marks.compactMap(\.text) : []
            guard let witness = witnesses.first, !scope.alternatives.isEmpty else { return [marks] }
            let found = distinct(conditions(witness).map { marks + $0 })
            // What no label can ask for is looked for in the whole answer.
            return found.isEmpty ? [marks] : found
        }
        let found = distinct(
            witnesses.flatMap { witness in
                conditions(witness).map { witness.marks.compactMap(\.text) + $0 }
            })
        return found.isEmpty ? [[]] : found
    }

    private struct Sides: Hashable {
        var source: EndLabels
        var destination: EndLabels
    }

    private func conditions(_ witness: Witness) -> [[String]] {
        scope.alternatives.flatMap { alternative -> [[String]] in
            let source = alternative.source?.conditions(on: witness.source) ?? []
            let destination = alternative.destination?.conditions(on: witness.destination) ?? []
            // A side that cannot name the end has no report that is known to fit, unless the other
            // end decides.
            if source.isEmpty, destination.isEmpty { return [] }
            if source.isEmpty { return destination }
            if destination.isEmpty { return source }
            return source.flatMap { one in destination.map { one + $0 } }
        }
    }

    private func distinct(_ conditions: [[String]]) -> [[String]] {
        var seen: Set<[String]> = []
        return conditions.filter { seen.insert($0).inserted }
    }
}

extension Witness.Mark {
    /// As a matcher; nil where the label is not known beforehand, so that a query cannot ask by it.
    var text: String? {
        guard labels.count == 1, let label = labels.first else { return nil }
        return Matcher.text(label, oneOf: values)
    }
}
