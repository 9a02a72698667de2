import Clusters
import Spans

/// What the clusters hold of traces, by their ids, in inventory order.
struct TraceFragments: Sendable {
    private var byID: [TraceID: [TraceFragment]] = [:]

    /// `parts` are in inventory order.
    init(parts: [TraceParts]) {
        for part in parts {
            for trace in part.found {
                byID[trace.id, default: []].append(
                    TraceFragment(cluster: part.cluster.name, trace: trace))
            }
        }
    }

    subscript(id: TraceID) -> [TraceFragment] { byID[id] ?? [] }

    var ids: some Collection<TraceID> { byID.keys }
}
