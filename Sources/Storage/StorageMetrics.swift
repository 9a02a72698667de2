import Metrics
import Synchronization

/// What the stores count, one row each.
package struct StorageMetric: Hashable, Sendable {
    package enum Form: Hashable, Sendable {
        case counter, histogram, gauge
    }

    package var name: String
    package var form: Form
    package var labels: [String]
    /// One line for `/metrics`.
    package var help: String
    /// The buckets' upper bounds, where the usual ones are too coarse.
    package var bounds: [Double]?

    package static let requests = StorageMetric(
        name: "isthmus_cache_store_requests_total", form: .counter, labels: ["store", "outcome"],
        help: "Values asked of the store: hit, miss, or why it could not say.")
    package static let writes = StorageMetric(
        name: "isthmus_cache_store_writes_total", form: .counter, labels: ["store"],
        help: "Entries that the store has taken.")
    package static let droppedWrites = StorageMetric(
        name: "isthmus_cache_store_dropped_writes_total", form: .counter,
        labels: ["store", "reason"], help: "Entries that were not stored, by reason.")
    package static let entries = StorageMetric(
        name: "isthmus_cache_store_entries", form: .gauge, labels: ["store"],
        help: "Entries in the store, as of the last write.")
    package static let bytes = StorageMetric(
        name: "isthmus_cache_store_bytes", form: .gauge, labels: ["store"],
        help: "Bytes of the entries in the store, with keys and bookkeeping.")
    package static let evictions = StorageMetric(
        name: "isthmus_cache_store_evictions_total", form: .counter, labels: ["store"],
        help: "Entries that made room for others before their time was over.")
    package static let queuedBytes = StorageMetric(
        name: "isthmus_cache_store_queued_bytes", form: .gauge, labels: ["store"],
        help: "Bytes that wait to be written to the store.")
    package static let duration = StorageMetric(
        name: "isthmus_cache_store_operation_duration_seconds", form: .histogram,
        labels: ["store", "operation"], help: "Time that operations of the store take.",
        bounds: [
            0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1,
        ])
    package static let breakerOpen = StorageMetric(
        name: "isthmus_cache_store_breaker_open", form: .gauge, labels: ["store", "operation"],
        help: "Whether the store is not asked for a while, as it has failed too often.")

    package static let all = [
        requests, writes, droppedWrites, entries, bytes, evictions, queuedBytes, duration,
        breakerOpen,
    ]
}

/// The instruments of one store, made once for each set of label values.
final class StorageMetrics: Sendable {
    private let store: String
    private let factory: any MetricsFactory
    private let entriesGauge: Gauge
    private let bytesGauge: Gauge
    private let queuedBytesGauge: Gauge
    private let instruments = Mutex(Instruments())

    private struct Instruments {
        var counters: [[String]: Counter] = [:]
        var recorders: [String: Recorder] = [:]
    }

    /// What takes time.
    enum Operation: String, Sendable {
        case read, write, claim, state
    }

    init(store: String, factory: any MetricsFactory) {
        self.store = store
        self.factory = factory
        func gauge(_ row: StorageMetric) -> Gauge {
            Gauge(label: row.name, dimensions: [("store", store)], factory: factory)
        }
        entriesGauge = gauge(.entries)
        bytesGauge = gauge(.bytes)
        queuedBytesGauge = gauge(.queuedBytes)
    }

    func asked(outcome: String, count: Int) { add(.requests, outcome, count) }

    func wrote(_ count: Int) { add(.writes, nil, count) }

    func dropped(reason: String, count: Int = 1) { add(.droppedWrites, reason, count) }

    func evicted(_ count: Int) { add(.evictions, nil, count) }

    func holds(entries: Int, bytes: Int) {
        entriesGauge.record(entries)
        bytesGauge.record(bytes)
    }

    func queued(bytes: Int) { queuedBytesGauge.record(bytes) }

    func took(_ operation: Operation, _ time: Duration) {
        let recorder = instruments.withLock { instruments in
            let known =
                instruments.recorders[operation.rawValue]
                ?? Recorder(
                    label: StorageMetric.duration.name,
                    dimensions: [("store", store), ("operation", operation.rawValue)],
                    aggregate: true, factory: factory)
            instruments.recorders[operation.rawValue] = known
            return known
        }
        recorder.record(time.inSeconds)
    }

    func breakerGauge(of operation: Operation) -> Gauge {
        Gauge(
            label: StorageMetric.breakerOpen.name,
            dimensions: [("store", store), ("operation", operation.rawValue)], factory: factory)
    }

    private func add(_ row: StorageMetric, _ value: String?, _ count: Int) {
        guard count > 0 else { return }
        let counter = instruments.withLock { instruments in
            let key = [row.name, value ?? ""]
            let values = [store] + (value.map { [$0] } ?? [])
            let known =
                instruments.counters[key]
                ?? Counter(
                    label: row.name, dimensions: Array(zip(row.labels, values)), factory: factory)
            instruments.counters[key] = known
            return known
        }
        counter.increment(by: count)
    }
}
