/// What nodes are boxed by.
public enum GraphBox: String, Hashable, Sendable, CaseIterable {
    case cluster, namespace, none
}
