import Clusters
import Federation
import Metrics
import Synchronization

/// What this module counts, one row each. What asking the Jaegers costs (requests, time, bytes) is
/// counted by Upstream, by the endpoints whose names begin with `jaeger_`.
package struct TraceMetric: Hashable, Sendable {
    package var name: String
    package var labels: [String]
    /// One line for `/metrics`.
    package var help: String

    package static let requests = TraceMetric(
        name: "isthmus_trace_requests_total", labels: ["question", "outcome"],
        help: "Questions about traces, by how they ended.")
    package static let duration = TraceMetric(
        name: "isthmus_trace_request_duration_seconds", labels: ["question"],
        help: "Time that answers about traces take.")
    package static let missing = TraceMetric(
        name: "isthmus_trace_missing_clusters_total", labels: ["cluster", "cause"],
        help: "Answers about traces that a cluster was missing from, by cause.")
    package static let spans = TraceMetric(
        name: "isthmus_trace_fetched_spans_total", labels: ["cluster"],
        help: "Spans in the clusters' answers.")
    package static let completed = TraceMetric(
        name: "isthmus_trace_completed_parts_total", labels: [],
        help: "Parts of traces that were found in clusters where a search did not find them.")
    package static let sampleTraces = TraceMetric(
        name: "isthmus_trace_dependency_sample_traces", labels: [],
        help: "Traces that calls between clusters were last looked for in.")

    package static let all = [requests, duration, missing, spans, completed, sampleTraces]
}

/// The instruments, made once for each set of label values.
final class TraceMetrics: Sendable {
    /// What is asked of the service, a closed set.
    enum Question: String, Sendable {
        case services, operations, find, traces, dependencies, archive
    }

    private let counters = Mutex<[[String]: Counter]>([:])
    private let timers = Mutex<[String: Timer]>([:])
    private let completedParts = Counter(label: TraceMetric.completed.name)
    private let sampleSize = Gauge(label: TraceMetric.sampleTraces.name)

    /// Counts and times a question.
    func recording<Value>(
        _ question: Question, _ answering: () async -> TraceAnswer<Value>
    ) async -> TraceAnswer<Value> {
        let start = ContinuousClock.now
        let answer = await answering()
        let time = start.duration(to: .now)
        timer(question.rawValue).recordNanoseconds(
            time.components.seconds * 1_000_000_000 + time.components.attoseconds / 1_000_000_000)
        counter(TraceMetric.requests, question.rawValue, answer.outcome).increment()
        for missing in answer.missing {
            counter(TraceMetric.missing, missing.cluster.name, missing.cause).increment()
        }
        return answer
    }

    func received(spans: Int, from cluster: ClusterID) {
        counter(TraceMetric.spans, cluster.name).increment(by: spans)
    }

    func completed(_ parts: Int) { completedParts.increment(by: parts) }

    func sampled(_ traces: Int) { sampleSize.record(traces) }

    private func timer(_ question: String) -> Timer {
        timers.withLock { timers in
            let known =
                timers[question]
                ?? Timer(label: TraceMetric.duration.name, dimensions: [("question", question)])
            timers[question] = known
            return known
        }
    }

    private func counter(_ row: TraceMetric, _ values: String...) -> Counter {
        counters.withLock { counters in
            let key = [row.name] + values
            let known =
                counters[key]
                ?? Counter(label: row.name, dimensions: Array(zip(row.labels, values)))
            counters[key] = known
            return known
        }
    }
}

extension TraceAnswer {
    /// How it ended, from a closed set.
    fileprivate var outcome: String {
        if refusal != nil { return "refused" }
        if missing.isEmpty { return "complete" }
        return answered.isEmpty ? "unavailable" : "partial"
    }
}
