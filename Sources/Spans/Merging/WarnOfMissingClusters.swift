/// Says which clusters could not be asked, where each client looks for it: on the trace, and on its
/// first span, as Grafana and Kiali show no trace's warnings.
@Sendable func warnOfMissingClusters(_ trace: inout MergingTrace) {
    guard !trace.settings.missing.isEmpty else { return }
    let first = trace.firstSpan
    for cluster in trace.settings.missing {
        let text =
            "cluster \(cluster.name) could not be asked (\(cluster.reason)): "
            + "spans may be missing"
        trace.warn(text)
        if let first { trace.spans[first].warn(text) }
    }
}
