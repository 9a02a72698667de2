import Clusters
import Metrics
import Synchronization

/// What this module counts, one row each.
package struct FederationMetric: Hashable, Sendable {
    package var name: String
    package var labels: [String]
    /// One line for `/metrics`.
    package var help: String

    package static let queries = FederationMetric(
        name: "isthmus_queries_total", labels: ["outcome"],
        help: "Queries of the fleet, by how they ended.")
    package static let phases = FederationMetric(
        name: "isthmus_query_phase_duration_seconds", labels: ["phase"],
        help: "Time that queries spend in each phase.")
    package static let missing = FederationMetric(
        name: "isthmus_query_missing_clusters_total", labels: ["cluster", "cause"],
        help: "Answers that a cluster was missing from, by cause.")
    package static let samples = FederationMetric(
        name: "isthmus_query_fetched_samples_total", labels: [],
        help: "Values in the clusters' answers to queries.")
    package static let replans = FederationMetric(
        name: "isthmus_query_exact_replans_total", labels: [],
        help: "Queries planned again because partial sums were not exact enough.")
    package static let reachable = FederationMetric(
        name: "isthmus_cluster_reachable", labels: ["cluster"],
        help: "Whether the cluster answered when it was last probed.")

    package static let fragments = FederationMetric(
        name: "isthmus_cache_fragments_total", labels: ["outcome"],
        help: "Fragments answered for a cluster, by how much was remembered.")
    package static let steps = FederationMetric(
        name: "isthmus_cache_steps_total", labels: ["source"],
        help: "Times of grids that were answered, by whether they were remembered.")
    package static let shared = FederationMetric(
        name: "isthmus_shared_fetches_total", labels: [],
        help: "Fragments that another query was asking for at the same time.")
    package static let waiters = FederationMetric(
        name: "isthmus_shared_fetch_waiters", labels: [],
        help: "How many wait for fetches that may be shared.")
    package static let requests = FederationMetric(
        name: "isthmus_fragment_requests_total", labels: [],
        help: "Requests to clusters that fragments took.")

    package static let running = FederationMetric(
        name: "isthmus_queries_running", labels: [],
        help: "Clients' queries that have a place among those that run.")
    package static let waiting = FederationMetric(
        name: "isthmus_queries_waiting", labels: [],
        help: "Clients' queries that wait for their turn.")
    package static let waited = FederationMetric(
        name: "isthmus_query_wait_duration_seconds", labels: [],
        help: "Time that queries waited for their turn, of those that had to.")
    package static let overloads = FederationMetric(
        name: "isthmus_query_limits_reached_total", labels: ["limit"],
        help: "Queries that were refused or cancelled for a limit that is reached meanwhile.")
    package static let memory = FederationMetric(
        name: "isthmus_query_memory_bytes", labels: [],
        help: "Memory that is counted for queries and their answers, about.")

    package static let all = [
        queries, phases, missing, samples, replans, reachable, fragments, steps, shared, waiters,
        requests, running, waiting, waited, overloads, memory,
    ]
}

/// The instruments, made once for each set of label values.
struct FederationMetrics: Sendable {
    private let samples = Counter(label: FederationMetric.samples.name)
    private let replans = Counter(label: FederationMetric.replans.name)
    private let shared = Counter(label: FederationMetric.shared.name)
    private let requests = Counter(label: FederationMetric.requests.name)
    private let instruments = Instruments()

    /// Counters and timers by their label values; both come from closed sets and the inventory.
    private final class Instruments: Sendable {
        let counters = Mutex<[[String]: Counter]>([:])
        let timers = Mutex<[String: Timer]>([:])
    }

    func queryAnswered(_ answer: QueryAnswer) {
        counter(FederationMetric.queries, answer.coverage.missing.isEmpty ? "complete" : "partial")
            .increment()
        samples.increment(by: answer.statistics.fetchedSamples)
        for missing in answer.coverage.missing { count(missing) }
        count(answer.statistics.fragments.map(\.cache))
        for phase in answer.statistics.phases {
            let timer = instruments.timers.withLock { timers in
                let known =
                    timers[phase.name]
                    ?? Timer(
                        label: FederationMetric.phases.name, dimensions: [("phase", phase.name)])
                timers[phase.name] = known
                return known
            }
            timer.recordNanoseconds(
                phase.duration.components.seconds * 1_000_000_000
                    + phase.duration.components.attoseconds / 1_000_000_000)
        }
    }

    func queryFailed(_ failure: QueryFailure) {
        counter(FederationMetric.queries, failure.kind).increment()
        if case .unavailable(_, let coverage) = failure {
            for missing in coverage.missing { count(missing) }
        }
    }

    func queryReplanned() { replans.increment() }

    private func count(_ reports: [CacheReport]) {
        for (outcome, reports) in Dictionary(grouping: reports, by: \.outcome) {
            counter(FederationMetric.fragments, outcome.rawValue).increment(by: reports.count)
        }
        let all = CacheReport(all: reports)
        counter(FederationMetric.steps, "cache").increment(by: all.cachedSteps)
        counter(FederationMetric.steps, "cluster").increment(by: all.steps - all.cachedSteps)
        shared.increment(by: reports.count { $0.isShared })
        requests.increment(by: all.requests)
    }

    private func count(_ missing: Coverage.Missing) {
        counter(FederationMetric.missing, missing.cluster.name, missing.cause).increment()
    }

    private func counter(_ row: FederationMetric, _ values: String...) -> Counter {
        instruments.counters.withLock { counters in
            let key = [row.name] + values
            let known =
                counters[key]
                ?? Counter(label: row.name, dimensions: Array(zip(row.labels, values)))
            counters[key] = known
            return known
        }
    }
}

extension QueryFailure {
    /// The sort of failure, free of data: for metric labels.
    package var kind: String {
        switch self {
        case .badData: "bad_data"
        case .execution: "execution"
        case .timeout: "timeout"
        case .cancelled: "cancelled"
        case .unavailable: "unavailable"
        case .overloaded: "overloaded"
        case .internal: "internal"
        }
    }
}
