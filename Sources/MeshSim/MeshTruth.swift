/// What calls were really made, for those who check what a gateway makes of the clusters' metrics.
///
/// A call is counted once, whoever saw it. Counts are of whole calls, as all counters here are: the
/// difference of how many there had been at the end and at the beginning.
struct MeshTruth: Sendable {
    var topology: Topology

    /// All edges in a span of time, in seconds since the origin.
    func edges(from start: Double, to end: Double) -> [EdgeTruth] {
        topology.edges.map { edge in
            EdgeTruth(edge, from: start, to: end, seed: topology.plan.seed)
        }
    }
}

/// The calls of one edge in a span of time.
struct EdgeTruth: Sendable {
    var edge: Edge
    var seconds: Double
    /// Of TCP, connections.
    var calls: Double
    /// Those that the destination saw.
    var arrived: Double
    /// Those that left their cluster and never arrived in the other.
    var lost: Double
    /// Those that arrived over mutual TLS.
    var secured: Double
    var endings: [Ending] = []
    var retries: Double
    var timeouts: Double
    /// Those that an open circuit breaker rejected.
    var breakerTrips: Double
    var source: DurationTruth?
    var destination: DurationTruth?

    /// Calls that ended alike.
    struct Ending: Sendable {
        var outcome: Outcome
        var calls: Double
    }

    init(_ edge: Edge, from start: Double, to end: Double, seed: UInt64) {
        func count(_ tally: Tally) -> Double { tally.count(at: end) - tally.count(at: start) }
        self.edge = edge
        seconds = end - start
        guard edge.service.speaks != .tcp else {
            calls = edge.connections.count(at: end) - edge.connections.count(at: start)
            arrived = calls
            (lost, retries, timeouts, breakerTrips) = (0, 0, 0, 0)
            secured = edge.isSecured ? calls : 0
            return
        }
        let outcomes = edge.outcomes.map { outcome in
            (outcome: outcome, tally: edge.tally(outcome, seed: seed))
        }
        let endings = outcomes.map { Ending(outcome: $0.outcome, calls: count($0.tally)) }
            .filter { $0.calls > 0 }
        self.endings = endings
        func sum(_ matches: (Outcome) -> Bool) -> Double {
            endings.reduce(0) { matches($1.outcome) ? $0 + $1.calls : $0 }
        }
        calls = sum { _ in true }
        arrived = sum { $0.atDestination != nil }
        lost = sum(\.isLost)
        timeouts = sum { $0.flags == "UT" }
        breakerTrips = sum { $0.flags == "UO" }
        retries = count(Edge.retries(outcomes, repeated: edge.repeated))
        let arrivals = edge.outcomes.filter { $0.atDestination != nil }
            .map { edge.arrivalTally($0, seed: seed) }.reduce(Tally(parts: []), +)
        let baring = edge.faults[.plaintext]
        secured =
            edge.isSecured ? count(arrivals.gated(baring, whileOn: 0.4, whileOff: 1)) : 0
        // Linkerd's proxies time answers only.
        let timed = outcomes.filter {
            edge.source.mesh != .linkerd || $0.outcome.atDestination != nil
        }
        source = DurationTruth(
            timed.map(\.tally).reduce(Tally(parts: []), +), edge.source.mesh, start, end)
        destination = DurationTruth(arrivals, edge.destination.mesh, start, end)
    }

    /// The reporters that name both ends of the edge. What they alone know of, nobody else can say.
    var witnesses: [String] {
        var witnesses: [String] = []
        let isWithin = !edge.leavesCluster
        switch edge.source.mesh {
        case .istio, .linkerd, .consul: witnesses.append("source")
        case .otel: if isWithin { witnesses.append("source") }
        // Its ztunnels count connections only.
        case .ambient: if edge.service.speaks == .tcp { witnesses.append("source") }
        }
        let isNamed =
            switch edge.destination.mesh {
            case .istio, .ambient: edge.staysInMesh
            // Linkerd's proxy has the caller's certificate, which names an account and no
            // workload.
            case .linkerd, .consul: false
            case .otel: isWithin
            }
        if isNamed {
            let isWaypoint = edge.destination.mesh == .ambient && edge.service.speaks != .tcp
            witnesses.append(isWaypoint ? "waypoint" : "destination")
        }
        return witnesses
    }
}

/// How long the calls of one edge took, as one side times them.
struct DurationTruth: Sendable {
    /// The very times, in milliseconds, that so many of the calls did not exceed.
    var quantiles: [(quantile: Double, milliseconds: Double)]
    /// The buckets of that side's mesh: bounds in milliseconds, and how many calls took no longer.
    var buckets: [(bound: Double, count: Double)]
    /// All of them.
    var count: Double

    /// Nil where there were no calls.
    init?(_ tally: Tally, _ mesh: Mesh, _ start: Double, _ end: Double) {
        let layout =
            switch mesh {
            case .istio, .ambient, .consul: BucketLayout.envoy
            case .linkerd: BucketLayout.linkerd
            case .otel: BucketLayout.spans
            }
        let bucketed = tally.bucketed(layout)
        let (before, after) = (bucketed.histogram(at: start), bucketed.histogram(at: end))
        count = after.count - before.count
        guard count > 0 else { return nil }
        buckets = layout.bounds.indices.map { index in
            (layout.bounds[index], after.cumulativeCounts[index] - before.cumulativeCounts[index])
        }
        let parts = tally.parts.map { part in
            (latency: part.latency, weight: part.flow.amount(at: end) - part.flow.amount(at: start))
        }
        let whole = parts.reduce(0) { $0 + $1.weight }
        quantiles = [0.5, 0.9, 0.95, 0.99].map { quantile in
            var (low, high) = (0.0, 3_600_000.0)
            for _ in 0..<60 {
                let middle = (low + high) / 2
                let share = parts.reduce(0) { $0 + $1.weight * $1.latency.share(upTo: middle) }
                if share < quantile * whole { low = middle } else { high = middle }
            }
            return (quantile, high)
        }
    }
}
