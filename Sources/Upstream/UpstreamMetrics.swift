import Clusters
import Metrics
import Synchronization

/// What the client counts, one row each.
package struct UpstreamMetric: Hashable, Sendable {
    package enum Form: Hashable, Sendable {
        case counter, histogram, gauge
    }

    package var name: String
    package var form: Form
    package var labels: [String]
    /// One line for `/metrics`.
    package var help: String

    package static let requests = UpstreamMetric(
        name: "isthmus_upstream_requests_total", form: .counter,
        labels: ["cluster", "endpoint", "outcome"],
        help: "Requests to replicas of the clusters, by how they ended.")
    package static let duration = UpstreamMetric(
        name: "isthmus_upstream_request_duration_seconds", form: .histogram,
        labels: ["cluster", "endpoint"],
        help: "Time from asking a replica to having read its answer.")
    package static let inFlight = UpstreamMetric(
        name: "isthmus_upstream_in_flight", form: .gauge, labels: ["cluster"],
        help: "Requests to replicas of the cluster that are under way.")
    package static let receivedBytes = UpstreamMetric(
        name: "isthmus_upstream_received_bytes_total", form: .counter,
        labels: ["cluster", "endpoint"],
        help: "Bytes of the answers' bodies, after decompression.")

    package static let breaker = UpstreamMetric(
        name: "isthmus_upstream_breaker_state", form: .gauge, labels: ["cluster", "replica"],
        help:
            "State of a replica's breaker: 0 closed, 1 half-open, 2 open. Shown once it has opened."
    )
    package static let openings = UpstreamMetric(
        name: "isthmus_upstream_breaker_openings_total", form: .counter, labels: ["cluster"],
        help: "How often a breaker of the cluster's replicas has opened.")
    package static let refusals = UpstreamMetric(
        name: "isthmus_upstream_breaker_refusals_total", form: .counter, labels: ["cluster"],
        help: "Requests that were not sent because a replica's breaker was open.")
    package static let hedges = UpstreamMetric(
        name: "isthmus_upstream_hedges_total", form: .counter, labels: ["cluster", "outcome"],
        help:
            "Second requests to another replica because the first was slow: sent, won, or refused for the budget's sake."
    )
    package static let retries = UpstreamMetric(
        name: "isthmus_upstream_retries_total", form: .counter, labels: ["cluster", "outcome"],
        help:
            "Requests sent again after all replicas failed: sent, or refused for the budget's sake."
    )

    package static let all = [
        requests, duration, inFlight, receivedBytes, breaker, openings, refusals, hedges, retries,
    ]
}

/// How a request to a replica ended, for metrics and logs.
enum RequestOutcome {
    /// A handshake has shown the server's certificates.
    case shown
    case answered(status: Int)
    /// The answer came, but its reader threw.
    case unreadable
    case failed(UpstreamError.Kind)

    var label: String {
        switch self {
        case .shown: "success"
        case .answered(let status) where status / 100 == 2: "success"
        case .answered(let status): "status_\(status / 100)xx"
        case .unreadable: "unreadable"
        case .failed(let kind): kind.label
        }
    }
}

/// The instruments, made once for each set of label values.
final class UpstreamMetrics: Sendable {
    private let factory: any MetricsFactory
    private let instruments = Mutex(Instruments())

    private struct Instruments {
        var endpoints: [EndpointKey: EndpointInstruments] = [:]
        var clusters: [ClusterID: InFlight] = [:]
        var breakers: [ReplicaKey: Gauge] = [:]
        /// Counters by their name and label values.
        var counters: [[String]: Counter] = [:]
    }

    private struct EndpointKey: Hashable {
        var cluster: ClusterID
        var endpoint: String
    }

    private struct EndpointInstruments {
        var duration: Recorder
        var receivedBytes: Counter
        var requests: [String: Counter] = [:]
    }

    private struct InFlight {
        var count = 0
        var gauge: Gauge
    }

    init(factory: any MetricsFactory) { self.factory = factory }

    func began(_ cluster: ClusterID) { addInFlight(1, cluster) }

    func ended(
        _ cluster: ClusterID, endpoint: String, outcome: RequestOutcome, after time: Duration,
        receivedBytes: Int
    ) {
        addInFlight(-1, cluster)
        let key = EndpointKey(cluster: cluster, endpoint: endpoint)
        instruments.withLock { instruments in
            var row = instruments.endpoints[key] ?? makeInstruments(key)
            let requests = row.requests[outcome.label] ?? makeCounter(key, outcome)
            row.requests[outcome.label] = requests
            instruments.endpoints[key] = row
            requests.increment()
            row.duration.record(time.inSeconds)
            row.receivedBytes.increment(by: receivedBytes)
        }
    }

    // MARK: Breakers, hedges, retries

    /// What a replica's breaker is now; nil where it is forgotten.
    func breaker(_ key: ReplicaKey, is state: ReplicaState.Breaker?) {
        instruments.withLock { instruments in
            guard let state else {
                instruments.breakers.removeValue(forKey: key)?.destroy()
                return
            }
            let gauge =
                instruments.breakers[key]
                ?? Gauge(
                    label: UpstreamMetric.breaker.name,
                    dimensions: [
                        ("cluster", key.cluster.name),
                        ("replica", ServiceAddress.shown(key.replica)),
                    ], factory: factory)
            instruments.breakers[key] = gauge
            // Under the lock, so that the last value recorded is the last one.
            gauge.record(state.number)
        }
    }

    func breakerOpened(_ cluster: ClusterID) { count(.openings, cluster) }

    func breakerRefused(_ cluster: ClusterID) { count(.refusals, cluster) }

    /// What became of a further request.
    enum Extra: String {
        case sent, won
        case refused = "over_budget"
    }

    func hedge(_ cluster: ClusterID, _ outcome: Extra) { count(.hedges, cluster, outcome.rawValue) }

    func retry(_ cluster: ClusterID, _ outcome: Extra) {
        count(.retries, cluster, outcome.rawValue)
    }

    private func count(_ row: UpstreamMetric, _ cluster: ClusterID, _ outcome: String? = nil) {
        let values = [cluster.name] + (outcome.map { [$0] } ?? [])
        instruments.withLock { instruments in
            let counter =
                instruments.counters[[row.name] + values]
                ?? Counter(
                    label: row.name, dimensions: Array(zip(row.labels, values)), factory: factory)
            instruments.counters[[row.name] + values] = counter
            counter.increment()
        }
    }

    private func addInFlight(_ change: Int, _ cluster: ClusterID) {
        instruments.withLock { instruments in
            var row =
                instruments.clusters[cluster]
                ?? InFlight(
                    gauge: Gauge(
                        label: UpstreamMetric.inFlight.name,
                        dimensions: [("cluster", cluster.name)], factory: factory))
            row.count += change
            instruments.clusters[cluster] = row
            // Under the lock, so that the last value recorded is the last one.
            row.gauge.record(row.count)
        }
    }

    private func makeInstruments(_ key: EndpointKey) -> EndpointInstruments {
        let dimensions = [("cluster", key.cluster.name), ("endpoint", key.endpoint)]
        return EndpointInstruments(
            duration: Recorder(
                label: UpstreamMetric.duration.name, dimensions: dimensions, aggregate: true,
                factory: factory),
            receivedBytes: Counter(
                label: UpstreamMetric.receivedBytes.name, dimensions: dimensions, factory: factory)
        )
    }

    private func makeCounter(_ key: EndpointKey, _ outcome: RequestOutcome) -> Counter {
        Counter(
            label: UpstreamMetric.requests.name,
            dimensions: [
                ("cluster", key.cluster.name), ("endpoint", key.endpoint),
                ("outcome", outcome.label),
            ], factory: factory)
    }
}

extension ReplicaState.Breaker {
    /// As the metric has it.
    fileprivate var number: Int {
        switch self {
        case .closed: 0
        case .halfOpen: 1
        case .open: 2
        }
    }
}
