/// A server of Consul, as autopilot sees it.
public struct ConsulServer: Hashable, Sendable {
    public var name: String
    public var address: String
    public var version: String?
    public var isLeader: Bool
    public var isVoter: Bool
    public var isHealthy: Bool
    /// `alive`, `failed`, `left`.
    public var serfStatus: String

    public init(
        name: String, address: String = "", version: String? = nil, isLeader: Bool = false,
        isVoter: Bool = true, isHealthy: Bool = true, serfStatus: String = "alive"
    ) {
        self.name = name
        self.address = address
        self.version = version
        self.isLeader = isLeader
        self.isVoter = isVoter
        self.isHealthy = isHealthy
        self.serfStatus = serfStatus
    }
}
