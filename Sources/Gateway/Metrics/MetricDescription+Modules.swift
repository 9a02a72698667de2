import Alerting
import ControlPlane
import Federation
import ServiceGraph
import Storage
import Telemetry
import Traces
import Upstream

extension MetricDescription {
    /// Of all modules.
    static let all: [MetricDescription] = {
        var rows = gateway + server
        for row in UpstreamMetric.all { rows.append(.init(row.name, row.help)) }
        for row in StorageMetric.all {
            rows.append(.init(row.name, row.help, bounds: row.bounds))
        }
        for row in FederationMetric.all { rows.append(.init(row.name, row.help)) }
        for row in TelemetryMetric.all { rows.append(.init(row.name, row.help)) }
        for row in TraceMetric.all { rows.append(.init(row.name, row.help)) }
        for row in MeshMetric.all { rows.append(.init(row.name, row.help)) }
        for row in ControlPlaneMetric.all { rows.append(.init(row.name, row.help)) }
        for row in MetricRow.all { rows.append(.init(row.name, row.help)) }
        return rows
    }()

    /// What HTTPAPI records.
    private static let server: [MetricDescription] = [
        .init("isthmus_http_requests_total", "Requests that were answered, by route and status."),
        .init(
            "isthmus_http_request_duration_seconds",
            "From a request's head to its answer's end, seconds."),
        .init("isthmus_http_requests_in_flight", "Requests that are being answered."),
    ]
}
