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

    /// Of more than `limit` those that refuse something, then those that have not taken something for
    /// the longest time, then others by cluster and name; in that order.
    static func worst(_ proxies: [ProxySync], atMost limit: Int) -> [ProxySync] {
        if proxies.count <= limit { return proxies }
        let ranks = proxies.map(Rank.init)
        return proxies.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }.prefix(limit)
            .map { proxies[$0] }
    }

    private struct Rank: Comparable {
        /// 0 for those that refuse, 1 for stale ones.
        var group: Int
        /// When the oldest was sent that it has not taken.
        var time: Int64
        var cluster: String
        var name: String

        init(_ proxy: ProxySync) {
            let stale = proxy.resources.filter { $0.status == .stale }
            let refuses = proxy.resources.contains { $0.status == .rejected }
            group = refuses ? 0 : stale.isEmpty ? 2 : 1
            time = stale.compactMap(\.sentAt).min() ?? .max
            cluster = proxy.cluster
            name = proxy.name
        }

        static func < (one: Rank, other: Rank) -> Bool {
            (one.group, one.time, one.cluster, one.name)
                < (other.group, other.time, other.cluster, other.name)
        }
    }
}
