import Evaluation
import Meshes
import PromQL
import TimeSeries

/// A fleet whose answers are computed from its series, as one server would that has them all: what a
/// plan asks for, no more, decides its answer.
struct EvaluatedSignals {
    let clusters: [ClusterDialects]
    private let store: SampleStore

    /// The time of all questions, milliseconds.
    static let now: Int64 = 1_700_000_000_000

    /// What came of a question.
    struct Told {
        var report: SignalReport
        /// Of the answers to queries of this text: how many rows there were.
        var rows: [(query: SignalQuery, count: Int)]

        func rows(ofMetric part: String) -> Int {
            rows.filter { $0.query.text.contains(part) }.reduce(0) { $0 + $1.count }
        }
    }

    /// Rates as rules record them, which need no windows: labels with the metric's and the cluster's
    /// name, and values at the grid's times. Those of the same labels are added.
    init(_ rates: [(labels: [String: String], values: [Double])], on grid: TimeGrid) {
        var sums: [[String: String]: [Double]] = [:]
        for (labels, values) in rates {
            sums[labels] = sums[labels].map { zip($0, values).map(+) } ?? values
        }
        let times = (0..<grid.count).map { grid.time(at: $0) }
        store = SampleStore(
            sums.map { labels, values in
                SampleColumns(
                    labels: Labels(labels.map { ($0.key, $0.value) }), times: times,
                    values: values)
            }.sorted { $0.labels < $1.labels })
        var metrics: [String: Set<String>] = [:]
        for labels in sums.keys {
            metrics[labels["cluster"] ?? "", default: []].insert(labels["__name__"] ?? "")
        }
        clusters = metrics.sorted { $0.key < $1.key }.map { cluster, metrics in
            ClusterDialects(
                cluster: cluster, dialects: Dialect.dialects(ofMetrics: metrics), metrics: metrics)
        }
    }

    func told(_ change: (inout SignalQuestion) -> Void = { _ in }) throws -> Told {
        var question = SignalQuestion(end: Self.now)
        change(&question)
        let grid =
            question.range.map {
                TimeGrid(start: question.end - $0, end: question.end, step: question.step)
            } ?? TimeGrid(instant: question.end)
        if var naming = SignalNaming(question, clusters: clusters) {
            for query in naming.plan.queries {
                naming.add(try answer(to: query.text, on: TimeGrid(instant: Self.now)), of: query)
            }
            question = naming.named()
        }
        let plan = SignalPlan(question, clusters: clusters)
        var assembly = SignalAssembly(plan, grid: grid)
        var rows: [(SignalQuery, Int)] = []
        var queries = plan.queries
        while !queries.isEmpty {
            for query in queries {
                let series = try answer(to: query.text, on: grid)
                rows.append((query, series.count))
                assembly.add(series, of: query)
            }
            queries = assembly.furtherPlan()?.queries ?? []
        }
        return Told(report: assembly.report(), rows: rows)
    }

    private func answer(to text: String, on grid: TimeGrid) throws -> [GridSeries] {
        let times = QueryTimes(
            start: grid.start, end: grid.end, step: grid.step,
            defaultSubqueryStep: 60_000)
        let expression = try parse(text).resolved(in: times)
        // No value is older than the moment before.
        let outcome = try evaluate(
            expression, over: store, on: grid, options: SampleOptions(lookback: 1000))
        guard case .vector(let series, _) = outcome.value else { return [] }
        return series
    }
}

extension SignalReport {
    /// What subjects tell otherwise, one sentence each.
    func differences(from expected: [SubjectSignals]) -> [String] {
        var found: [String] = []
        let told = Dictionary(uniqueKeysWithValues: subjects.map { ($0.subject, $0) })
        for subject in subjects where !expected.contains(where: { $0.subject == subject.subject }) {
            found.append("\(subject.subject.name) is not expected")
        }
        for one in expected {
            guard let other = told[one.subject] else {
                found.append("\(one.subject.name) is not told")
                continue
            }
            for signal in Signal.allCases {
                let (mine, its) = (one.signals[signal], other.signals[signal])
                guard let mine, let its, mine.isNear(its) else {
                    if mine == its { continue }
                    let texts = [its, mine].map { $0.map { "\($0)" } ?? "none" }
                    found.append("\(one.subject.name) \(signal): \(texts[0]), not \(texts[1])")
                    continue
                }
            }
            if one.mutualTLS != other.mutualTLS { found.append("\(one.subject.name) mutual TLS") }
            if one.health != other.health { found.append("\(one.subject.name) health") }
            if one.dialects != other.dialects { found.append("\(one.subject.name) dialects") }
        }
        return found
    }
}

extension SignalValue {
    /// Whether only the order in which numbers were added makes a difference.
    func isNear(_ other: SignalValue) -> Bool {
        var (one, other) = (self, other)
        let pairs = zip([one.value] + (one.values ?? []), [other.value] + (other.values ?? []))
        let areNear = pairs.allSatisfy { one, other in
            guard let one, let other else { return one == other }
            return abs(one - other) <= 1e-12 * max(1, abs(one))
        }
        guard areNear, one.values?.count == other.values?.count else { return false }
        (one.value, other.value) = (nil, nil)
        (one.values, other.values) = (nil, nil)
        return one == other
    }
}

extension SignalSubject {
    /// For people.
    var name: String {
        let from = source.map { "\($0.cluster)/\($0.namespace)/\($0.service) to " } ?? ""
        return "\(from)\(cluster ?? "all")/\(namespace)/\(service)"
    }
}
