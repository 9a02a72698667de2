/// What a mesh is made with.
public enum Mesh: String, Hashable, Sendable, CaseIterable, Comparable {
    case istio, linkerd, consul
    /// Envoys that no control plane of the above drives.
    case envoy
    /// Something else that a mesh depends on.
    case other

    public static func < (one: Mesh, other: Mesh) -> Bool { one.rawValue < other.rawValue }
}
