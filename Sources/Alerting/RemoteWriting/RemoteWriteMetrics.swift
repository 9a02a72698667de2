import Metrics

/// What remote write counts, one row each.
package enum RemoteWriteMetric {
    package static let samples = MetricRow(
        name: "isthmus_remote_write_samples_total", labels: ["receiver"],
        help: "Samples that the receiver has taken.")
    package static let dropped = MetricRow(
        name: "isthmus_remote_write_dropped_total", labels: ["receiver", "reason"],
        help: "Samples that were not written, by reason.")
    package static let retries = MetricRow(
        name: "isthmus_remote_write_retries_total", labels: ["receiver"],
        help: "Requests that failed and are made again.")
    package static let pending = MetricRow(
        name: "isthmus_remote_write_pending_samples", labels: ["receiver"],
        help: "Samples that wait to be written or are under way.")
    package static let highestSent = MetricRow(
        name: "isthmus_remote_write_highest_sent_timestamp_seconds", labels: ["receiver"],
        help: "The latest time of a sample that the receiver has taken, Unix seconds.")
    package static let duration = MetricRow(
        name: "isthmus_remote_write_send_duration_seconds", labels: ["receiver"],
        help: "Time that requests to the receiver take, those that fail among them.")

    package static let all = [samples, dropped, retries, pending, highestSent, duration]
}

/// Why samples were not written.
package enum RemoteWriteLoss: String, Hashable, Sendable, CaseIterable {
    /// They were the oldest of a full queue.
    case queueFull = "queue_full"
    /// The receiver does not want them.
    case refused
    /// The relabelling leaves them out.
    case relabelled
    /// The gateway has stopped before they were written.
    case shutdown
}

/// The instruments of one receiver.
struct RemoteWriteMetrics: Sendable {
    private let samples: Counter
    private let losses: [RemoteWriteLoss: Counter]
    private let retries: Counter
    private let pendingGauge: Gauge
    private let highestSentGauge: Gauge
    private let duration: Recorder

    init(receiver: String, factory: any MetricsFactory) {
        let label = ("receiver", receiver)
        func counter(_ row: MetricRow, _ labels: [(String, String)]) -> Counter {
            Counter(label: row.name, dimensions: labels, factory: factory)
        }
        func gauge(_ row: MetricRow) -> Gauge {
            Gauge(label: row.name, dimensions: [label], factory: factory)
        }
        samples = counter(RemoteWriteMetric.samples, [label])
        losses = Dictionary(
            uniqueKeysWithValues: RemoteWriteLoss.allCases.map {
                ($0, counter(RemoteWriteMetric.dropped, [label, ("reason", $0.rawValue)]))
            })
        retries = counter(RemoteWriteMetric.retries, [label])
        pendingGauge = gauge(RemoteWriteMetric.pending)
        highestSentGauge = gauge(RemoteWriteMetric.highestSent)
        duration = Recorder(
            label: RemoteWriteMetric.duration.name, dimensions: [label], aggregate: true,
            factory: factory)
    }

    func wrote(_ count: Int) { samples.increment(by: count) }

    func lost(_ count: Int, _ reason: RemoteWriteLoss) {
        if count > 0 { losses[reason]?.increment(by: count) }
    }

    func retried() { retries.increment() }

    func pending(_ count: Int) { pendingGauge.record(count) }

    /// Milliseconds since the Unix epoch.
    func sent(upTo time: Int64) { highestSentGauge.record(Double(time) / 1000) }

    func took(_ time: Duration) { duration.record(time / .seconds(1)) }
}
