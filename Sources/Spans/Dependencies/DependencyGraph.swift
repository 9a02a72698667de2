/// Who calls whom, as a graph in which paths are looked for.
public struct DependencyGraph: Sendable {
    /// The services, ordered.
    public let services: [String]
    private let places: [String: Int]
    /// The services that each one calls, in their order.
    private let calls: [[Call]]

    private struct Call: Sendable {
        var callee: Int
        var count: UInt64
    }

    /// A way from one service to another.
    public struct Path: Hashable, Sendable {
        /// From the caller to the called one, both included.
        public var services: [String]
        /// One for each pair of neighbours.
        public var calls: [ServiceDependency]

        /// The count of the call that is made least; nil where there is none, from a service to
        /// itself.
        public var leastCalls: UInt64? { calls.map(\.callCount).min() }
    }

    /// Edges of the same two services are added up.
    public init(_ edges: [ServiceDependency]) {
        var counts: [String: [String: UInt64]] = [:]
        for edge in edges {
            let sum = counts[edge.parent, default: [:]][edge.child, default: 0]
                .addingReportingOverflow(edge.callCount)
            counts[edge.parent, default: [:]][edge.child] = sum.overflow ? .max : sum.partialValue
        }
        let services = Set(edges.lazy.flatMap { [$0.parent, $0.child] }).sorted()
        let places = Dictionary(
            services.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        self.services = services
        self.places = places
        calls = services.map { service in
            (counts[service] ?? [:]).compactMap { callee, count in
                places[callee].map { Call(callee: $0, count: count) }
            }
            .sorted { $0.callee < $1.callee }
        }
    }

    public func contains(_ service: String) -> Bool { places[service] != nil }

    /// The services that can be reached from one by calls, without itself, ordered.
    public func reachable(from service: String) -> [String] {
        guard let start = places[service] else { return [] }
        let callers = searched(from: start, to: nil, atLeast: 0)
        return services.indices.filter { $0 != start && callers[$0] != nil }.map { services[$0] }
    }

    /// The path of fewest calls; of several the one whose services come first by name.
    public func shortest(from caller: String, to callee: String) -> Path? {
        path(from: caller, to: callee, atLeast: 0)
    }

    /// The path whose least call is made most: the widest way, as of pipes in a row the narrowest
    /// says how much gets through. Of several the shortest, then the first by name.
    public func busiest(from caller: String, to callee: String) -> Path? {
        let counts = Set(calls.joined().map(\.count)).sorted()
        // A path of calls at least so often is one of calls less often too.
        var low = 0
        var high = counts.count
        var widest = shortest(from: caller, to: callee)
        while low < high, widest != nil {
            let middle = (low + high) / 2
            if let path = path(from: caller, to: callee, atLeast: counts[middle]) {
                widest = path
                low = middle + 1
            } else {
                high = middle
            }
        }
        return widest
    }

    private func path(from caller: String, to callee: String, atLeast count: UInt64) -> Path? {
        guard let start = places[caller], let goal = places[callee] else { return nil }
        let callers = searched(from: start, to: goal, atLeast: count)
        guard callers[goal] != nil else { return nil }
        var way = [goal]
        while let last = way.last, last != start, let before = callers[last] { way.append(before) }
        way.reverse()
        let steps = zip(way, way.dropFirst()).map { caller, callee in
            ServiceDependency(
                parent: services[caller], child: services[callee],
                callCount: calls[caller].first { $0.callee == callee }?.count ?? 0)
        }
        return Path(services: way.map { services[$0] }, calls: steps)
    }

    /// Who calls each service first when looking from `start` in widening circles; nil for those
    /// that are not reached, and `start` its own caller.
    private func searched(from start: Int, to goal: Int?, atLeast count: UInt64) -> [Int?] {
        var callers: [Int?] = Array(repeating: nil, count: services.count)
        callers[start] = start
        var queue = [start]
        var next = 0
        while next < queue.count, goal.map({ callers[$0] == nil }) ?? true {
            let caller = queue[next]
            next += 1
            for call in calls[caller] where call.count >= count && callers[call.callee] == nil {
                callers[call.callee] = caller
                queue.append(call.callee)
            }
        }
        return callers
    }
}
