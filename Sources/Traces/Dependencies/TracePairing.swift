import Spans

/// Where calls from cluster to cluster are found.
enum TracePairing {
    /// The calls, each once, of which no cluster has both sides, as a Jaeger that had the whole trace
    /// would count them: from a span's parent to the span. A consumer without a parent is called by
    /// the spans of the trace that it has links to.
    static func crossings(_ fragments: [TraceFragment], id: TraceID) -> [ServiceDependency] {
        // The merger gives spans that share an id ids of their own, and their children the right
        // parents.
        let trace = TraceMerger().merge(fragments, id: id)
        var places: [SpanID: Int] = [:]
        for (index, span) in trace.spans.enumerated() where places[span.spanID] == nil {
            places[span.spanID] = index
        }
        var calls: [ServiceDependency] = []
        for span in trace.spans {
            let isMessage = span.parentSpanID == .none && span.kind == .consumer
            let callers =
                isMessage
                ? span.links.filter { $0.traceID == trace.id }.map(\.spanID) : [span.parentSpanID]
            for caller in callers where caller != .none {
                guard let place = places[caller] else { continue }
                let other = trace.spans[place]
                guard !other.clusters.contains(where: span.clusters.contains) else { continue }
                calls.append(
                    ServiceDependency(
                        parent: other.resource.serviceName, child: span.resource.serviceName,
                        callCount: 1))
            }
        }
        return calls
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
