/// One end of calls, as the labels name it. What they do not say is empty.
public struct CallEnd: Hashable, Sendable {
    public var cluster: String
    public var namespace: String
    public var workload: String
    /// The canonical service: what a workload's versions have in common.
    public var app: String
    /// The canonical revision.
    public var version: String
    /// The service that is called, without its namespace; callers have none.
    public var service: String

    public init(
        cluster: String = "", namespace: String = "", workload: String = "", app: String = "",
        version: String = "", service: String = ""
    ) {
        self.cluster = cluster
        self.namespace = namespace
        self.workload = workload
        self.app = app
        self.version = version
        self.service = service
    }
}
