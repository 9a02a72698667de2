import Clusters
import Federation
import Meshes
import Metrics
import Synchronization
import TimeSeries

/// What this module counts, one row each. What asking the clusters costs is counted by Federation and
/// Upstream.
package struct MeshMetric: Hashable, Sendable {
    package var name: String
    package var labels: [String]
    /// One line for `/metrics`.
    package var help: String

    package static let requests = MeshMetric(
        name: "isthmus_mesh_requests_total", labels: ["question", "outcome"],
        help: "Questions about signals and service graphs, by how they ended.")
    package static let duration = MeshMetric(
        name: "isthmus_mesh_request_duration_seconds", labels: ["question"],
        help: "Time that signals and service graphs take.")
    package static let missing = MeshMetric(
        name: "isthmus_mesh_missing_clusters_total", labels: ["cluster", "cause"],
        help: "Signals and service graphs that a cluster was missing from, by cause.")
    package static let rows = MeshMetric(
        name: "isthmus_mesh_rows_total", labels: ["question"],
        help: "Rows of answers that signals and service graphs were made of.")
    package static let edges = MeshMetric(
        name: "isthmus_mesh_graph_edges", labels: [],
        help: "Edges of the service graph that was last told, before any were drawn as one.")
    package static let passes = MeshMetric(
        name: "isthmus_mesh_passes_total", labels: ["source"],
        help:
            "Passes over all clusters that graphs were made of: made (clusters), shared with others who asked (others), or remembered (memory)."
    )
    package static let detections = MeshMetric(
        name: "isthmus_mesh_detections_total", labels: ["cluster", "outcome"],
        help: "Askings of a cluster which metrics it has, by how they ended.")
    package static let dialects = MeshMetric(
        name: "isthmus_mesh_dialect", labels: ["cluster", "dialect"],
        help: "Whether the cluster tells of its traffic in the dialect.")
    package static let pictures = MeshMetric(
        name: "isthmus_mesh_pictures_total", labels: ["outcome"],
        help:
            "Pictures by Graphviz, by how they ended; at timeout, wrote_too_much and cancelled its process was killed."
    )
    package static let drawing = MeshMetric(
        name: "isthmus_mesh_picture_processes", labels: [], help: "Graphviz's processes that run.")

    package static let all = [
        requests, duration, missing, rows, edges, passes, detections, dialects, pictures, drawing,
    ]
}

/// The instruments, made once for each set of label values.
package final class MeshMetrics: Sendable {
    /// What is asked, a closed set.
    package enum Question: String, Sendable {
        case signals, graph
    }

    /// Where a pass over all clusters comes from.
    enum PassSource: String {
        case clusters, others, memory
    }

    private struct State {
        var counters: [[String]: Counter] = [:]
        var timers: [String: Timer] = [:]
        var gauges: [[String]: Gauge] = [:]
        /// Graphviz's processes.
        var running = 0
    }

    private let factory: any MetricsFactory
    private let state = Mutex(State())

    package init(factory: any MetricsFactory = MetricsSystem.factory) { self.factory = factory }

    // MARK: Answers

    /// A question that is being answered: what came of it is counted and timed once. One of which
    /// nobody waited for the end was cancelled.
    final class Asked: Sendable {
        private let metrics: MeshMetrics
        private let question: Question
        private let start = ContinuousClock.now
        private let isOpen = Mutex(true)

        fileprivate init(_ question: Question, _ metrics: MeshMetrics) {
            self.metrics = metrics
            self.question = question
        }

        deinit { end(.failure(.cancelled)) }

        func end(_ result: Result<Coverage, QueryFailure>) {
            let isFirst = isOpen.withLock { isOpen in
                defer { isOpen = false }
                return isOpen
            }
            if isFirst { metrics.note(result, question, since: start) }
        }
    }

    /// A question that begins to be answered.
    func asked(_ question: Question) -> Asked { Asked(question, self) }

    private func note(
        _ result: Result<Coverage, QueryFailure>, _ question: Question,
        since start: ContinuousClock.Instant
    ) {
        let time = start.duration(to: .now).components
        timer(question.rawValue).recordNanoseconds(
            time.seconds * 1_000_000_000 + time.attoseconds / 1_000_000_000)
        let (outcome, missing) = Self.outcome(result)
        count(Self.row(.requests, question.rawValue, outcome))
        for missing in missing {
            count(Self.row(.missing, missing.cluster.name, missing.cause))
        }
    }

    private static func outcome(
        _ result: Result<Coverage, QueryFailure>
    ) -> (String, [Coverage.Missing]) {
        switch result {
        case .success(let coverage):
            (coverage.missing.isEmpty ? "complete" : "partial", coverage.missing)
        case .failure(.unavailable(_, let coverage)): ("unavailable", coverage.missing)
        case .failure(let failure): (failure.kind, [])
        }
    }

    /// The same, counting the rows of what is answered.
    func counting(
        _ query: @escaping GraphService.Query, for question: Question
    ) -> GraphService.Query {
        { (request: QueryRequest) async throws(QueryFailure) -> QueryAnswer in
            let answer = try await query(request)
            if case .vector(let series, _) = answer.value, !series.isEmpty {
                self.count(Self.row(.rows, question.rawValue), by: series.count)
            }
            return answer
        }
    }

    // MARK: Graphs

    func drawn(edges: Int) { set(Self.row(.edges), to: edges) }

    func passed(from source: PassSource) { count(Self.row(.passes, source.rawValue)) }

    // MARK: Dialects

    func detected(_ cluster: Cluster, isAnswered: Bool) {
        count(Self.row(.detections, cluster.id.name, isAnswered ? "answered" : "failed"))
    }

    func speaks(_ cluster: Cluster, _ dialects: [Dialect]) {
        for dialect in Dialect.allCases {
            set(
                Self.row(.dialects, cluster.id.name, dialect.rawValue),
                to: dialects.contains(dialect) ? 1 : 0)
        }
    }

    // MARK: Pictures

    func pictured(_ outcome: String) { count(Self.row(.pictures, outcome)) }

    /// So many more of Graphviz's processes run.
    func drawing(_ change: Int) {
        let instrument = gauge(Self.row(.drawing))
        state.withLock { state in
            state.running += change
            // Under the lock, so that the last value recorded is the last one.
            instrument.record(state.running)
        }
    }

    // MARK: Instruments

    /// A row with the values of its labels.
    private struct Row {
        var metric: MeshMetric
        var values: [String]

        var key: [String] { [metric.name] + values }
        var dimensions: [(String, String)] { Array(zip(metric.labels, values)) }
    }

    private static func row(_ metric: MeshMetric, _ values: String...) -> Row {
        Row(metric: metric, values: values)
    }

    private func count(_ row: Row, by amount: Int = 1) {
        let counter = state.withLock { state in
            let known =
                state.counters[row.key]
                ?? Counter(label: row.metric.name, dimensions: row.dimensions, factory: factory)
            state.counters[row.key] = known
            return known
        }
        counter.increment(by: amount)
    }

    private func set(_ row: Row, to value: Int) { gauge(row).record(value) }

    private func gauge(_ row: Row) -> Gauge {
        state.withLock { state in
            let known =
                state.gauges[row.key]
                ?? Gauge(label: row.metric.name, dimensions: row.dimensions, factory: factory)
            state.gauges[row.key] = known
            return known
        }
    }

    private func timer(_ question: String) -> Timer {
        state.withLock { state in
            let known =
                state.timers[question]
                ?? Timer(
                    label: MeshMetric.duration.name, dimensions: [("question", question)],
                    factory: factory)
            state.timers[question] = known
            return known
        }
    }
}
