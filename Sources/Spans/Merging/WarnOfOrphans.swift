/// Says of each span whose parent is in no cluster's fragment what Jaeger says (in its clock-skew
/// pass, whether it adjusts or not). What the stores said about their fragments is gone.
///
/// Where clusters could not be asked, the parent may be there; that is said too, so that a gap in our
/// view is not taken for one in the recording.
@Sendable func warnOfOrphans(_ trace: inout MergingTrace) {
    let index = SpanIndex(trace.spans)
    let missing = trace.settings.missing.map(\.name).joined(separator: ", ")
    for place in trace.spans.indices {
        let parent = trace.spans[place].parentSpanID
        guard parent != .none, index.first(parent) == nil else { continue }
        if !missing.isEmpty {
            trace.spans[place].warn(
                "the parent span may be in a cluster that could not be asked: \(missing)")
        }
        trace.spans[place].warn(JaegerWarning.orphan(parent))
    }
}
