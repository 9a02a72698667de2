/// Under which names the clusters' Prometheus servers have what OpenTelemetry's span metrics
/// connector counts: the settings of Jaeger's own reader, and the labels.
package struct SpanMetricsSettings: Hashable, Sendable {
    /// What the metrics' names begin with; empty for nothing.
    package var namespace = "traces_span_metrics"
    /// The unit that the histogram is in. Answers are in milliseconds in any case.
    package var latencyUnit = LatencyUnit.milliseconds
    /// Whether the histogram's name ends with its unit.
    package var normalizesDuration = true
    /// Whether the counter's name ends with `_total`.
    package var normalizesCalls = true
    /// The labels of a span's service, name, kind and status.
    package var serviceLabel = "service_name"
    package var operationLabel = "span_name"
    package var kindLabel = "span_kind"
    package var statusLabel = "status_code"

    package enum LatencyUnit: String, CaseIterable, Sendable {
        case milliseconds = "ms"
        case seconds = "s"

        /// As it ends a metric's name.
        var name: String {
            switch self {
            case .milliseconds: "milliseconds"
            case .seconds: "seconds"
            }
        }
    }

    package init() {}

    /// The histogram of durations, without `_bucket`.
    var latencyMetric: String {
        let name = prefix + "duration"
        return normalizesDuration ? "\(name)_\(latencyUnit.name)" : name
    }

    /// The counter of spans.
    var callsMetric: String { prefix + (normalizesCalls ? "calls_total" : "calls") }

    private var prefix: String { namespace.isEmpty ? "" : namespace + "_" }
}
