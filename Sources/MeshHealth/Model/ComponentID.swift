/// A component of one cluster's mesh.
public struct ComponentID: Hashable, Sendable, Comparable {
    public var cluster: String
    public var mesh: Mesh
    /// `istiod`, `linkerd-identity`, …
    public var name: String

    public init(cluster: String, mesh: Mesh, name: String) {
        self.cluster = cluster
        self.mesh = mesh
        self.name = name
    }

    public static func < (one: ComponentID, other: ComponentID) -> Bool {
        (one.cluster, one.name, one.mesh) < (other.cluster, other.name, other.mesh)
    }
}
