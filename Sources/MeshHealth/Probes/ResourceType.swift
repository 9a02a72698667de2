/// A type of resources as people call it: `CDS`, `LDS`, …
public struct ResourceType: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var name: String

    public init(_ name: String) { self.name = name }

    /// Of `type.googleapis.com/envoy.config.cluster.v3.Cluster`. Of types without a name of their
    /// own it is the end.
    public init(url: String) {
        let end = url.split { $0 == "." || $0 == "/" }.last.map(String.init) ?? url
        self.init(Self.names[end] ?? end)
    }

    public static func < (one: Self, other: Self) -> Bool { one.name < other.name }

    public var description: String { name }

    /// By the last part of the type's address.
    private static let names = [
        "Cluster": "CDS", "Listener": "LDS", "RouteConfiguration": "RDS",
        "ScopedRouteConfiguration": "SRDS", "VirtualHost": "VHDS", "ClusterLoadAssignment": "EDS",
        "TypedExtensionConfig": "ECDS", "Secret": "SDS", "NameTable": "NDS",
        "ProxyConfig": "PCDS", "Address": "WDS", "Workload": "WDS", "Authorization": "WADS",
    ]

    /// What older releases of istiod tell in members of their own, by the member's beginning.
    static let legacyMembers: [(prefix: String, type: ResourceType)] = [
        ("cluster", ResourceType("CDS")), ("listener", ResourceType("LDS")),
        ("route", ResourceType("RDS")), ("endpoint", ResourceType("EDS")),
        ("extensionconfig", ResourceType("ECDS")),
    ]
}
