/// A call of one service by another, found in a trace.
public struct ServiceCall: Hashable, Sendable {
    /// What says that there was a call.
    public enum Evidence: Hashable, Sendable, CaseIterable {
        /// A span has a parent: what Jaeger's memory store counts, spans within a service too.
        case parent
        /// A span has a link to another of its trace that is not its parent, as consumers have to the
        /// producers of their messages.
        case link
        /// A span without children names a database that it asks.
        case database
        /// A span without children names another service that it calls (`peer.service`), of which
        /// there are no spans.
        case peer
    }

    public var caller: String
    public var callee: String
    public var evidence: Evidence
    /// The clusters that hold the caller's span, and the callee's; none for one without a span.
    public var callerClusters: [String]
    public var calleeClusters: [String]

    public init(
        caller: String, callee: String, evidence: Evidence, callerClusters: [String] = [],
        calleeClusters: [String] = []
    ) {
        self.caller = caller
        self.callee = callee
        self.evidence = evidence
        self.callerClusters = callerClusters
        self.calleeClusters = calleeClusters
    }

    /// Whether no single cluster's store holds both spans, so that none can know of the call.
    public var crossesClusters: Bool {
        !callerClusters.isEmpty && !calleeClusters.isEmpty
            && !callerClusters.contains(where: calleeClusters.contains)
    }
}

extension [ServiceCall] {
    /// Each pair of services once, with how many calls there are, ordered by caller and callee.
    public var dependencies: [ServiceDependency] {
        var counts: [String: [String: UInt64]] = [:]
        for call in self { counts[call.caller, default: [:]][call.callee, default: 0] += 1 }
        return counts.flatMap { caller, callees in
            callees.map { ServiceDependency(parent: caller, child: $0, callCount: $1) }
        }
        .sorted { ($0.parent, $0.child) < ($1.parent, $1.child) }
    }
}
