import JaegerAPI
import PrometheusAPI
import Spans

/// A trace in a few numbers, as `trace-summaries` of API v3 has it.
struct TraceSummary: Sendable {
    let id: TraceID
    /// The span without a parent that begins first.
    private let root: Span?
    private let start: Int64
    private let end: Int64
    private let spanCount: Int
    private let errorCount: Int
    /// Spans whose parent is not in the trace.
    private let orphanCount: Int
    /// Ordered by name.
    private let services: [(name: String, spans: Int, errors: Int)]

    init(_ trace: Trace) {
        id = trace.id
        let spans = trace.spans
        root = spans.filter { $0.parentSpanID == .none }.min { $0.startTime < $1.startTime }
        start = spans.map(\.startTime).min() ?? 0
        end = spans.map(\.endTime).max() ?? 0
        spanCount = spans.count
        errorCount = spans.count { $0.status.code == .error }
        let ids = Set(spans.map(\.spanID))
        orphanCount = spans.count { $0.parentSpanID != .none && !ids.contains($0.parentSpanID) }
        var counts: [String: (spans: Int, errors: Int)] = [:]
        for span in spans {
            let isError = span.status.code == .error
            counts[span.resource.serviceName, default: (0, 0)].spans += 1
            if isError { counts[span.resource.serviceName, default: (0, 0)].errors += 1 }
        }
        services = counts.map { ($0.key, $0.value.spans, $0.value.errors) }
            .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
    }

    /// What is zero or empty is left out.
    var json: JSONValue {
        var members: [JSONValue.Member] = [.init("traceId", .string(id.hexadecimal))]
        if let root {
            add("rootServiceName", root.resource.serviceName, to: &members)
            add("rootOperationName", root.name, to: &members)
        }
        members.append(.init("minStartTimeUnixNano", .string(String(start))))
        members.append(.init("maxEndTimeUnixNano", .string(String(end))))
        add("spanCount", spanCount, to: &members)
        add("errorSpanCount", errorCount, to: &members)
        add("orphanSpanCount", orphanCount, to: &members)
        members.append(
            .init(
                "services",
                .array(
                    services.map { service in
                        var members: [JSONValue.Member] = []
                        add("name", service.name, to: &members)
                        add("spanCount", service.spans, to: &members)
                        add("errorSpanCount", service.errors, to: &members)
                        return .object(members)
                    })))
        return .object(members)
    }

    private func add(_ name: String, _ text: String, to members: inout [JSONValue.Member]) {
        if !text.isEmpty { members.append(.init(name, .string(text))) }
    }

    private func add(_ name: String, _ count: Int, to members: inout [JSONValue.Member]) {
        if count != 0 { members.append(.init(name, .integer(Int64(count)))) }
    }
}
