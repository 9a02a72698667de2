/// Removes links to no trace, and says so for each, as Jaeger does (`adjuster/spanlinks.go`).
@Sendable func removeEmptyLinks(_ trace: inout MergingTrace) {
    for index in trace.spans.indices where !trace.spans[index].links.isEmpty {
        let before = trace.spans[index].links.count
        guard trace.spans[index].links.contains(where: { $0.traceID == .none }) else { continue }
        trace.spans[index].links.removeAll { $0.traceID == .none }
        let removed = before - trace.spans[index].links.count
        trace.spans[index].warnings += Array(repeating: JaegerWarning.invalidLink, count: removed)
    }
}
