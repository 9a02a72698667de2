/// A trace in a few numbers, as `trace-summaries` of Jaeger's API v3 has it (`querysvc/summary.go`).
///
/// It is of a whole trace: the summaries of parts cannot be added up, because each part takes what
/// its neighbours hold for missing.
public struct TraceSummary: Hashable, Sendable {
    public var id: TraceID
    /// Of the span without a parent that begins first; empty where all spans have one.
    public var rootService = ""
    public var rootOperation = ""
    /// When its first span begins and its last one ends, nanoseconds since 1970.
    public var start: Int64
    public var end: Int64
    public var spanCount: Int
    public var errorCount = 0
    /// Spans whose parent is not in the trace.
    public var orphanCount = 0
    /// Ordered by the bytes of their names.
    public var services: [Service] = []

    /// What one service has done in the trace.
    public struct Service: Hashable, Sendable {
        public var name: String
        public var spanCount = 0
        public var errorCount = 0

        public init(name: String) { self.name = name }
    }

    public init(_ trace: Trace) {
        id = trace.id
        start = trace.spans.map(\.startTime).min() ?? 0
        end = trace.spans.map(\.endTime).max() ?? 0
        spanCount = trace.spans.count
        let ids = Set(trace.spans.map(\.spanID))
        var services: [String: Service] = [:]
        var rootStart: Int64?
        for span in trace.spans {
            let name = span.resource.serviceName
            let errors = span.status.code == .error ? 1 : 0
            services[name, default: Service(name: name)].spanCount += 1
            services[name, default: Service(name: name)].errorCount += errors
            errorCount += errors
            if span.parentSpanID != .none {
                if !ids.contains(span.parentSpanID) { orphanCount += 1 }
            } else if span.startTime < rootStart ?? .max {
                rootStart = span.startTime
                rootService = name
                rootOperation = span.name
            }
        }
        self.services = services.values.sorted {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
    }
}
