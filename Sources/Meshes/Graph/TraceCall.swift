/// Calls between two services that traces tell of, which know services by their names only.
public struct TraceCall: Hashable, Sendable {
    public var caller: String
    public var callee: String
    public var count: Int
    /// The clusters in whose stores the caller's spans are, and the callee's; empty where not known.
    public var callerClusters: [String]
    public var calleeClusters: [String]

    public init(
        caller: String, callee: String, count: Int, callerClusters: [String] = [],
        calleeClusters: [String] = []
    ) {
        self.caller = caller
        self.callee = callee
        self.count = count
        self.callerClusters = callerClusters
        self.calleeClusters = calleeClusters
    }
}
