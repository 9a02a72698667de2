import Spans

/// Where traces are merged.
enum TraceMerging {
    /// The trace that clusters hold these parts of, which are in inventory order. Raw means as they
    /// were recorded, copies once.
    static func merged(
        _ fragments: [TraceFragment], id: TraceID, settings: TraceSettings, isRaw: Bool
    ) -> Trace {
        var trace = Trace(id: id)
        var seen: [Span: Int] = [:]
        for fragment in fragments {
            for span in fragment.trace.spans {
                if let place = seen[span] {
                    trace.spans[place].clusters.append(fragment.cluster)
                } else {
                    seen[span] = trace.spans.count
                    var span = span
                    span.clusters = [fragment.cluster]
                    trace.spans.append(span)
                }
            }
            trace.warnings += fragment.trace.warnings
        }
        return trace
    }
}
