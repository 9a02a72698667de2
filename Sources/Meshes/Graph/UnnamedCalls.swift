/// Calls that are told of twice under two names: by their callers, as theirs, and by a destination
/// that cannot name its callers. Linkerd's and Consul's proxies and servers' spans never can; Istio's
/// proxies not where the caller is of another mesh.
///
/// Such calls are among what the destination counts without names, so the two are never added. Who
/// tells the calls of different callers apart takes what callers claim off what the destination
/// counts (`rest`). Who wants the calls of all callers together takes the destination's word, and of
/// the callers' only what is beyond it (`excess`): calls that never arrived and whose callers could
/// not tell, or that went to workloads without proxies. Either way all calls together are as many
/// as the larger of the two, so that no number jumps where the one becomes larger than the other.
struct UnnamedCalls: Sendable {
    private var counted: [Int32: Amounts] = [:]
    private var claimed: [Int32: Amounts] = [:]
    /// The destinations of whose calls more than spans tells where they arrive.
    private var witnessed: Set<Int32> = []

    /// Calls of a caller, or of callers without a name, to a destination.
    struct Edge: Sendable {
        /// A place among the destinations.
        var destination: Int32
        var hasCallersName: Bool
        /// Who tells of them.
        var marks: GraphEdge.Marks
    }

    /// Whose word about an edge it is.
    enum Role: Sendable {
        /// The destination's, which knows the caller; or nobody's.
        case named
        /// The caller's alone.
        case claimed
        /// The destination's, which does not know the caller.
        case unnamed
        /// That of spans of calls which proxies tell of too.
        case repeated
    }

    /// So much a second.
    struct Amounts: Sendable {
        var requests = ExactRate.zero
        /// Of these, errors and what got no response.
        var failures = ExactRate.zero
        var connections = ExactRate.zero
        var bytes = ExactRate.zero

        mutating func add(_ other: Amounts) {
            requests += other.requests
            failures += other.failures
            connections += other.connections
            bytes += other.bytes
        }

        mutating func add(_ rate: ExactRate, _ kind: CallClass) {
            if kind.isRequest {
                requests += rate
                if kind.isFailure { failures += rate }
            } else if kind.contains(.connections) {
                connections += rate
            } else {
                bytes += rate
            }
        }
    }

    /// Of all edges to some destinations. `add` their calls then.
    init(_ edges: some Sequence<Edge>) {
        for edge in edges
        where edge.marks.contains(.isMoreThanSpans)
            && !edge.marks.isDisjoint(with: Self.byDestination)
        {
            witnessed.insert(edge.destination)
        }
    }

    private static let byDestination: GraphEdge.Marks = [.byDestination, .byWaypoint]

    func role(of edge: Edge) -> Role {
        let isSeen = !edge.marks.isDisjoint(with: Self.byDestination)
        if edge.hasCallersName { return isSeen ? .named : .claimed }
        guard isSeen else { return .named }
        let isOfSpans = !edge.marks.contains(.isMoreThanSpans)
        return isOfSpans && witnessed.contains(edge.destination) ? .repeated : .unnamed
    }

    /// Adds an edge's calls: those that its destination counts, or those that did arrive, as its
    /// caller says.
    mutating func add(_ amounts: Amounts, of edge: Edge) {
        switch role(of: edge) {
        case .unnamed: counted[edge.destination, default: Amounts()].add(amounts)
        case .claimed: claimed[edge.destination, default: Amounts()].add(amounts)
        case .named, .repeated: break
        }
    }

    /// Whether a destination counts requests of callers without names.
    func countsRequests(at destination: Int32) -> Bool {
        counted[destination].map { $0.requests > .zero } ?? false
    }

    // MARK: Callers apart

    /// The shares of what a destination counts without names that are left once callers have named
    /// themselves; nil where none does.
    func rest(
        at destination: Int32
    ) -> (requests: Double, connections: Double, bytes: Double)? {
        guard let counted = counted[destination], let claimed = claimed[destination] else {
            return nil
        }
        return (
            Self.rest(of: counted.requests, without: claimed.requests),
            Self.rest(of: counted.connections, without: claimed.connections),
            Self.rest(of: counted.bytes, without: claimed.bytes)
        )
    }

    /// A hundredth is none: the two sides are scraped at different times.
    private static func rest(of counted: ExactRate, without claimed: ExactRate) -> Double {
        guard counted > .zero else { return 0 }
        let share = (counted - claimed).value / counted.value
        return share < 0.01 ? 0 : share
    }

    // MARK: Callers together

    /// The share of what callers claim of calls of a kind that is beyond what the destination
    /// counts.
    func excess(of kind: CallClass, at destination: Int32) -> Double {
        guard let claimed = claimed[destination] else { return 1 }
        guard let counted = counted[destination] else { return 1 }
        if kind.isRequest { return excessOfRequests(kind, counted, claimed) }
        if kind.contains(.connections) {
            return Self.excess(of: claimed.connections, over: counted.connections)
        }
        return Self.excess(of: claimed.bytes, over: counted.bytes)
    }

    private static func excess(of claimed: ExactRate, over counted: ExactRate) -> Double {
        claimed > .zero ? (claimed - counted).value / claimed.value : 0
    }

    /// What a caller counted and the destination did not has failed, as far as callers tell of more
    /// failures than the destination does.
    private func excessOfRequests(
        _ kind: CallClass, _ counted: Amounts, _ claimed: Amounts
    ) -> Double {
        let excess = claimed.requests - counted.requests
        let failures = min(excess, claimed.failures - counted.failures)
        if kind.isFailure {
            return claimed.failures > .zero ? failures.value / claimed.failures.value : 0
        }
        let successes = claimed.requests - claimed.failures
        return successes > .zero ? (excess - failures).value / successes.value : 0
    }
}
