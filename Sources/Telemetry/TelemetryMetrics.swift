import Metrics

/// What this module counts, one row each.
package struct TelemetryMetric: Hashable, Sendable {
    package var name: String
    package var labels: [String]
    /// One line for `/metrics`.
    package var help: String

    package static let recorded = TelemetryMetric(
        name: "isthmus_trace_spans_recorded_total", labels: [],
        help: "Spans of the gateway's own that were recorded.")
    package static let dropped = TelemetryMetric(
        name: "isthmus_trace_spans_dropped_total", labels: ["reason"],
        help: "Recorded spans that were never sent: no room, or the gateway stopped.")
    package static let exported = TelemetryMetric(
        name: "isthmus_trace_spans_exported_total", labels: [],
        help: "Spans that the collector took.")
    package static let failed = TelemetryMetric(
        name: "isthmus_trace_spans_failed_total", labels: ["reason"],
        help: "Spans that the collector refused, or did not take in time.")
    package static let requests = TelemetryMetric(
        name: "isthmus_trace_export_requests_total", labels: ["outcome"],
        help: "Requests to the collector, by outcome.")
    package static let waiting = TelemetryMetric(
        name: "isthmus_trace_queue_spans", labels: [],
        help: "Spans that wait to be sent.")

    package static let all = [recorded, dropped, exported, failed, requests, waiting]
}

/// The instruments.
struct TelemetryMetrics: Sendable {
    let recorded: Counter
    let exported: Counter
    let waiting: Gauge
    private let noRoom: Counter
    private let stopped: Counter
    private let refused: Counter
    private let gaveUp: Counter
    private let accepted: Counter
    private let refusals: Counter
    private let unavailable: Counter

    init(factory: any MetricsFactory) {
        func counter(_ row: TelemetryMetric, _ value: String? = nil) -> Counter {
            let pairs = zip(row.labels, value.map { [$0] } ?? []).map { ($0, $1) }
            return Counter(label: row.name, dimensions: pairs, factory: factory)
        }
        recorded = counter(.recorded)
        exported = counter(.exported)
        waiting = Gauge(label: TelemetryMetric.waiting.name, factory: factory)
        noRoom = counter(.dropped, "queue_full")
        stopped = counter(.dropped, "shutdown")
        refused = counter(.failed, "refused")
        gaveUp = counter(.failed, "unavailable")
        accepted = counter(.requests, "accepted")
        refusals = counter(.requests, "refused")
        unavailable = counter(.requests, "unavailable")
    }

    func hadNoRoom() { noRoom.increment() }
    func stopped(with count: Int) { stopped.increment(by: count) }
    func refused(_ count: Int) { refused.increment(by: count) }
    func gaveUp(_ count: Int) { gaveUp.increment(by: count) }

    func asked(_ attempt: ExportAttempt) {
        switch attempt {
        case .accepted: accepted.increment()
        case .refused: refusals.increment()
        case .unavailable: unavailable.increment()
        case .stopped: break
        }
    }
}
