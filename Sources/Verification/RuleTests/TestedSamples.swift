import Clusters
import Evaluation
import PromQL
import Rules
import TimeSeries

/// The samples of a unit test: those of the clusters, by which of them answers, and those that rules
/// made, which are the gateway's own.
struct TestedSamples {
    private let test: RuleTest
    private let subqueryStep: Int64
    private let input: [SampleColumns]
    /// The clusters that series or outages name.
    private let clusters: Set<String>
    private var own = SampleStore()
    /// Everything, where no cluster is missing.
    private var all: SampleStore

    init(_ test: RuleTest, subqueryStep: Int64) {
        self.test = test
        self.subqueryStep = subqueryStep
        var store = SampleStore()
        for series in test.series {
            let columns = Self.columns(series, test)
            store.add(columns.histograms.isEmpty ? columns : columns.withStoredHints)
        }
        input = store.series
        all = store
        clusters = Set(
            store.series.compactMap { $0.labels[Cluster.label] } + test.outages.map(\.cluster))
    }

    private static func columns(_ series: SeriesDescription, _ test: RuleTest) -> SampleColumns {
        var result = SampleColumns(labels: series.labels)
        for (place, point) in series.points.enumerated() {
            let time = test.start + Int64(place) * test.interval
            switch point {
            case .omitted: break
            case .float(let value): result.set(.float(value), at: time)
            case .histogram(let histogram, _): result.set(.histogram(histogram), at: time)
            }
        }
        return result
    }

    mutating func append(_ samples: [RuleSample]) {
        for sample in samples {
            own.set(sample.value, of: sample.labels, at: sample.time)
            all.set(sample.value, of: sample.labels, at: sample.time)
        }
    }

    // MARK: Answers

    func answer(_ expression: Expression, at time: Int64) -> RuleAnswer {
        let missing = missing(at: time)
        let store = missing.isEmpty ? all : visible(without: Set(missing.keys))
        let times = QueryTimes(
            start: time, end: time, step: 0, defaultSubqueryStep: subqueryStep)
        let resolved: Expression
        do throws(ResolutionError) {
            resolved = try expression.resolved(in: times)
        } catch {
            return .failure(error.description)
        }
        do throws(EvaluationFailure) {
            let outcome = try evaluate(resolved, over: store, on: TimeGrid(instant: time))
            return RuleAnswer(outcome.value, coverage: coverage(of: resolved, missing))
        } catch {
            return .failure(error.description)
        }
    }

    func answer(_ query: String, at time: Int64, options: ParseOptions) -> TemplateAnswer {
        let expression: Expression
        do throws(ParseError) {
            expression = try parse(query, options: options)
        } catch {
            return .failure(error.description)
        }
        switch answer(expression, at: time) {
        case .failure(let reason): return .failure(reason)
        case .elements(let elements, _):
            return .samples(elements.map { TemplateSample(labels: $0.labels, value: $0.value) })
        }
    }

    /// Since when which clusters are missing at a time.
    private func missing(at time: Int64) -> [String: Int64] {
        let elapsed = time - test.start
        var result: [String: Int64] = [:]
        for outage in test.outages
        where outage.from <= elapsed && elapsed < (outage.to ?? .max) {
            let since = test.start + outage.from
            result[outage.cluster] = min(result[outage.cluster] ?? since, since)
        }
        return result
    }

    private func visible(without missing: Set<String>) -> SampleStore {
        var store = own
        for series in input {
            if let cluster = series.labels[Cluster.label], missing.contains(cluster) { continue }
            store.add(series)
        }
        return store
    }

    private func coverage(
        of expression: Expression, _ missing: [String: Int64]
    ) -> RuleCoverage {
        if missing.isEmpty { return .complete }
        let needed = clusters.filter { expression.isAbout(cluster: $0) }
        return RuleCoverage(
            missing: missing.filter { needed.contains($0.key) }.map { name, since in
                MissingCluster(
                    id: ClusterID(name), externalLabels: [Cluster.label: name], since: since)
            },
            hasAnswers: needed.contains { missing[$0] == nil })
    }
}

extension Expression {
    /// Whether a selector's conditions admit a cluster.
    fileprivate func isAbout(cluster: String) -> Bool {
        func admits(_ selector: Selector) -> Bool {
            selector.matchers.allSatisfy { $0.name != Cluster.label || $0.matches(cluster) }
        }
        switch self {
        case .selector(let selector): return admits(selector)
        case .range(let range): return admits(range.selector)
        default: return children.contains { $0.isAbout(cluster: cluster) }
        }
    }
}
