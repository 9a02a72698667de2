import Spans

/// Where calls from cluster to cluster are found.
enum TracePairing {
    /// The calls of which no cluster has both sides, as a Jaeger that had the whole trace would
    /// count them: from a span's parent to the span. A consumer without a parent is called by the
    /// spans of the trace that it has links to.
    static func crossings(_ fragments: [TraceFragment], id: TraceID) -> [ServiceDependency] {
        // The merger gives spans that share an id ids of their own, and their children the right
        // parents.
        var trace = TraceMerger().merge(fragments, id: id)
        for index in trace.spans.indices
        where trace.spans[index].kind != .consumer || trace.spans[index].parentSpanID != .none {
            trace.spans[index].links = []
        }
        return trace.serviceCalls
            .filter { $0.crossesClusters && ($0.evidence == .parent || $0.evidence == .link) }
            .dependencies
    }

    /// The trace without what finding calls has no need of, so that a sample is small.
    static func slimmed(_ trace: Trace) -> Trace {
        var trace = trace
        for index in trace.spans.indices {
            trace.spans[index].attributes = []
            trace.spans[index].events = []
            trace.spans[index].links = trace.spans[index].links.map {
                Link(traceID: $0.traceID, spanID: $0.spanID)
            }
            trace.spans[index].warnings = []
            trace.spans[index].resource = Resource(
                attributes: trace.spans[index].resource.attributes.filter {
                    $0.key == "service.name"
                })
        }
        return trace
    }
}
