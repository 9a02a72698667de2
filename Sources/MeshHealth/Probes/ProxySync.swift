/// A proxy, and whether it has what istiod has sent it.
public struct ProxySync: Hashable, Sendable {
    /// The cluster that it says it is in.
    public var cluster: String
    /// `pod.namespace`.
    public var name: String
    /// `sidecar`, `router`, `waypoint`, `ztunnel`; empty where istiod does not say.
    public var type: String
    public var version: String?
    /// By type.
    public var resources: [ResourceSync]
    /// The replica of istiod that it is connected to.
    public var replica: String

    public init(
        cluster: String, name: String, type: String = "", version: String? = nil,
        resources: [ResourceSync], replica: String
    ) {
        self.cluster = cluster
        self.name = name
        self.type = type
        self.version = version
        self.resources = resources
        self.replica = replica
    }

    /// When something was last sent to it, milliseconds since the Unix epoch.
    public var sentAt: Int64? { resources.compactMap(\.sentAt).max() }
}
