/// What is drawn as one node. Sums stay what they are: the calls within are an edge from the node to
/// itself. Passthrough, black holes, hosts outside and unknown callers are left as they are.
public enum GraphCollapse: String, Hashable, Sendable, CaseIterable {
    case none
    /// All nodes of a namespace in a cluster.
    case namespace
    case cluster
}
