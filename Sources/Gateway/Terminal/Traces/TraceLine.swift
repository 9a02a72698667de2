import PrometheusAPI
import Spans

/// What a list of traces says of one.
struct TraceLine {
    /// When it began, RFC 3339 in milliseconds.
    var time: String
    /// From the first beginning to the last end, nanoseconds.
    var duration: Int64
    /// `service operation` of the root; of several roots a true one goes before spans whose parent
    /// is missing.
    var root: String
    var errors: Int
    /// Ordered.
    var services: [String]
    var clusters: [String]

    init(_ trace: Trace, _ tree: SpanTree) {
        let start = trace.spans.map(\.startTime).min() ?? 0
        time = APITime.text(start / 1_000_000)
        duration = max(0, (trace.spans.map(\.endTime).max() ?? start) - start)
        let place =
            tree.roots.first { trace.spans[$0].parentSpanID == .none } ?? tree.roots.first
        let span = place.map { trace.spans[$0] }
        root = span.map { "\($0.resource.serviceName) \($0.name)" } ?? ""
        errors = trace.spans.count { $0.status.code == .error }
        services = Set(trace.spans.map(\.resource.serviceName)).sorted()
        clusters = Set(trace.spans.flatMap(\.holders)).sorted()
    }
}
