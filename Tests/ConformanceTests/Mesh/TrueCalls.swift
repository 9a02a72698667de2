import Foundation

/// What calls were really made in a span of time, as the simulated mesh tells.
struct TrueCalls: Decodable, Sendable {
    var start: Double
    var end: Double
    var edges: [TrueEdge]

    var seconds: Double { end - start }
}

/// All calls of one workload to one service's pods in one cluster.
struct TrueEdge: Decodable, Sendable {
    var source: Place
    var destination: Place
    /// `http`, `grpc` or `tcp`.
    var `protocol`: String
    /// The reporters that name both ends.
    var witnesses: [String]
    /// Of TCP, connections.
    var calls: Double
    var arrived: Double
    var lost: Double
    var mutualTLS: Double?
    /// Tries after the first.
    var retries: Double
    var timeouts: Double
    /// Calls that an open circuit breaker rejected.
    var breakerTrips: Double
    var bytesSent: Double?
    var bytesReceived: Double?
    var outcomes: [Ending]
    var latency: Sides

    struct Place: Decodable, Sendable, Hashable {
        var cluster: String
        var namespace: String
        var workload: String
        var mesh: String
        var service: String?

        var end: MeshEnd { MeshEnd(cluster, namespace, service ?? workload) }
    }

    /// Calls that ended alike.
    struct Ending: Decodable, Sendable {
        var code: Int
        var grpcStatus: Int?
        var flags: String
        var calls: Double
        var arrives: Bool
        var isLost: Bool

        /// Whether a service's answer, or its lack, is an error: of the server, or of gRPC.
        var isError: Bool { code >= 500 || !arrives || (grpcStatus ?? 0) != 0 }
    }

    struct Sides: Decodable, Sendable {
        var source: Durations?
        var destination: Durations?
    }

    var ends: MeshEnds { MeshEnds(source: source.end, destination: destination.end) }
    var isRequests: Bool { `protocol` != "tcp" }

    var leavesCluster: Bool { source.cluster != destination.cluster }

    /// The durations of the side whose word counts for the edge: the destination's where it names the
    /// caller, or a waypoint's, which within a cluster sees what a caller's proxy would.
    var toldDurations: Durations? {
        let isArrival =
            witnesses.contains("destination") || witnesses.contains("waypoint") && leavesCluster
        return isArrival ? latency.destination : latency.source
    }

    /// The durations of the side that times the calls for their service. Proxies that take calls time
    /// them all, whether they know who calls or not; pairs of spans are of one cluster, so that those
    /// of other clusters are timed by their callers alone.
    var servedDurations: Durations? {
        let isCallersAlone = leavesCluster ? destination.mesh == "otel" : seesWaypoint
        return isCallersAlone ? latency.source : latency.destination
    }

    /// Whether a waypoint tells of it, which within a cluster sees what a caller's proxy would.
    private var seesWaypoint: Bool { destination.mesh == "ambient" }

    private static let istio = ["istio", "ambient"]

    /// Whether both ends are Istio's.
    private var isWithinIstio: Bool {
        Self.istio.contains(source.mesh) && Self.istio.contains(destination.mesh)
    }

    /// Whether nobody sees what never arrives: spans are counted in pairs, and a mesh without
    /// sidecars sees requests where they arrive.
    private var seesArrivalsOnly: Bool {
        source.mesh == "otel" || source.mesh == "ambient" && leavesCluster
    }

    /// The requests of which the edge's metrics can tell.
    ///
    /// Where both sides are Istio's, what a gateway between them swallowed is no part of the edge but
    /// its loss; else the source counts all it has sent.
    var told: Double { seesArrivalsOnly ? arrived : isWithinIstio ? calls - lost : calls }

    /// Those of them that are errors.
    var toldErrors: Double {
        outcomes.reduce(0) { sum, ending in
            let isLeftOut =
                seesArrivalsOnly && !ending.arrives || ending.isLost && isWithinIstio
            return ending.isError && !isLeftOut ? sum + ending.calls : sum
        }
    }

    /// The errors among those that arrived.
    var arrivedErrors: Double {
        outcomes.reduce(0) { $1.isError && $1.arrives ? $0 + $1.calls : $0 }
    }

    /// By how many calls the metrics may differ. Every counter holds whole calls, and so falls short of
    /// the very number by less than one at both ends of the window: two pods' counters of each ending,
    /// and of each the parts that the simulation is made of (slow, usual, slowed).
    var tolerance: Double { Double(outcomes.count + 1) * 2 * 3 }
}

/// How long calls took, as one side times them.
struct Durations: Decodable, Sendable {
    var count: Double
    /// The very times in milliseconds: `p50` and so on.
    var quantiles: [String: Double]
    /// Bounds in milliseconds, and how many took no longer.
    var buckets: [[Double]]

    /// All of several, in the buckets that all of them have.
    static func sum(_ all: [Durations]) -> Durations? {
        guard let first = all.first else { return nil }
        let bounds = all.map { Set($0.buckets.map { $0[0] }) }
            .reduce(Set(first.buckets.map { $0[0] })) { $0.intersection($1) }
        let buckets = bounds.sorted().map { bound in
            [
                bound,
                all.reduce(0) { sum, one in
                    sum + (one.buckets.first { $0[0] == bound }?[1] ?? 0)
                },
            ]
        }
        return Durations(
            count: all.reduce(0) { $0 + $1.count }, quantiles: [:], buckets: buckets)
    }

    /// What `histogram_quantile` makes of the buckets: the best that anyone can say who has but them.
    func estimate(_ quantile: Double) -> Double {
        let rank = quantile * count
        var below = (bound: 0.0, count: 0.0)
        for bucket in buckets {
            if bucket[1] >= rank {
                let share = (rank - below.count) / max(bucket[1] - below.count, 1e-9)
                return below.bound + (bucket[0] - below.bound) * share
            }
            below = (bucket[0], bucket[1])
        }
        return below.bound
    }
}

/// A service, or a caller, in a cluster.
struct MeshEnd: Hashable, Sendable, CustomStringConvertible {
    var cluster: String
    var namespace: String
    var name: String

    init(_ cluster: String, _ namespace: String, _ name: String) {
        self.cluster = cluster
        self.namespace = namespace
        self.name = name
    }

    var description: String { "\(cluster)/\(namespace)/\(name)" }
}

struct MeshEnds: Hashable, Sendable, CustomStringConvertible {
    var source: MeshEnd
    var destination: MeshEnd

    var description: String { "\(source) > \(destination)" }
}
