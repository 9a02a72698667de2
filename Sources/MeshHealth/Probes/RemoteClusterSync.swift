/// Whether istiod reads the endpoints of a cluster.
public struct RemoteClusterSync: Hashable, Sendable {
    /// As istiod calls it.
    public var cluster: String
    /// The secret with the credentials, `namespace/name`.
    public var secret: String
    /// `synced`, `syncing`, `timeout` or `closed`.
    public var status: String

    public init(cluster: String, secret: String = "", status: String) {
        self.cluster = cluster
        self.secret = secret
        self.status = status
    }

    public var state: ComponentState {
        switch status {
        case "synced": .healthy
        case "syncing": .degraded
        case "timeout", "closed": .unhealthy
        default: .unknown
        }
    }

    /// For people.
    public var sentence: String {
        switch status {
        case "synced": "\(cluster) is in sync"
        case "syncing": "\(cluster) is being read"
        case "timeout": "\(cluster) took too long to be read, and is left out"
        case "closed": "\(cluster) is not watched any more"
        default: "the state of \(cluster) is \(status.isEmpty ? "not told" : status)"
        }
    }
}
