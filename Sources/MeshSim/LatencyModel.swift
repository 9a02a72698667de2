#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How long a request takes: never less than `floor`, and log-normal above it.
struct Latency: Sendable {
    /// What distance alone costs, in milliseconds.
    var floorMilliseconds: Double
    var medianMilliseconds: Double
    /// The spread: the standard deviation of the logarithm.
    var sigma: Double

    /// The share of requests that take at most so many milliseconds.
    func share(upTo milliseconds: Double) -> Double {
        guard milliseconds > floorMilliseconds else { return 0 }
        let distance = log((milliseconds - floorMilliseconds) / medianMilliseconds) / sigma
        return 0.5 * erfc(-distance / 2.0.squareRoot())
    }

    /// The mean time in milliseconds.
    var meanMilliseconds: Double {
        floorMilliseconds + medianMilliseconds * exp(sigma * sigma / 2)
    }

    /// The same work, done further away.
    func further(byMilliseconds distance: Double) -> Latency {
        var latency = self
        latency.floorMilliseconds += distance
        return latency
    }
}

/// The upper bounds of Envoy's default histogram buckets in milliseconds, without `+Inf`.
let envoyBucketBounds: [Double] = [
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000,
    600_000, 1_800_000, 3_600_000,
]

/// Which histogram buckets durations are counted in.
struct BucketLayout: Sendable {
    /// The upper bounds in milliseconds, without `+Inf`.
    var bounds: [Double]
    /// How many milliseconds the unit has in which bounds and sums are told.
    var unitMilliseconds = 1.0

    static let envoy = BucketLayout(bounds: envoyBucketBounds)
    /// linkerd2-proxy's `linkerd/metrics/src/latency.rs`.
    static let linkerd = BucketLayout(
        bounds: [1, 10, 50, 100, 200, 300, 400, 500, 1000, 5000, 10_000])
    /// The standard ones of OpenTelemetry's `spanmetrics` and `servicegraph` connectors.
    static let spans = BucketLayout(
        bounds: [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000])
    static let spanSeconds = BucketLayout(bounds: spans.bounds, unitMilliseconds: 1000)
}

/// Requests counted and timed: a set of flows, each with its own latency.
///
/// One value answers for a counter and for its histogram, so the two agree to the last request.
struct Tally: Sendable {
    /// One flow and what its requests' durations look like.
    struct Part: Sendable {
        var flow: Flow
        let latency: Latency
        let layout: BucketLayout
        let meanMilliseconds: Double
        /// The share of requests in each bucket and all below it, one per bound.
        let cumulativeShares: [Double]

        init(flow: Flow, latency: Latency, layout: BucketLayout = .envoy) {
            self.flow = flow
            self.latency = latency
            self.layout = layout
            meanMilliseconds = latency.meanMilliseconds
            cumulativeShares = layout.bounds.map(latency.share(upTo:))
        }
    }

    var parts: [Part]

    /// The buckets its durations are counted in.
    var layout: BucketLayout { parts.first?.layout ?? .envoy }

    /// How many requests there have been.
    func count(at seconds: Double) -> Double {
        parts.reduce(0) { $0 + $1.flow.count(at: seconds) }
    }

    /// How many requests a second there are.
    func rate(at seconds: Double) -> Double {
        parts.reduce(0) { $0 + $1.flow.rate(at: seconds) }
    }

    /// How many requests are under way at that time, by Little's law.
    func concurrency(at seconds: Double) -> Double {
        parts.reduce(0) { $0 + $1.flow.rate(at: seconds) * $1.meanMilliseconds / 1000 }
    }

    /// The histogram of all durations so far.
    func histogram(at seconds: Double) -> HistogramPoint {
        var point = HistogramPoint(
            cumulativeCounts: [Double](repeating: 0, count: layout.bounds.count), sum: 0,
            count: 0)
        for part in parts {
            let count = part.flow.count(at: seconds)
            point.count += count
            point.sum += (count * part.meanMilliseconds).rounded(.down)
            for (index, share) in part.cumulativeShares.enumerated() {
                point.cumulativeCounts[index] += (count * share).rounded(.down)
            }
        }
        return point
    }

    /// The same requests, counted in other buckets.
    func bucketed(_ layout: BucketLayout) -> Tally {
        Tally(
            parts: parts.map { Part(flow: $0.flow, latency: $0.latency, layout: layout) })
    }

    /// The part of these requests that one of several proxies handles.
    func scaled(by share: Double) -> Tally {
        Tally(
            parts: parts.map { part in
                var part = part
                part.flow = part.flow.scaled(by: share)
                return part
            })
    }

    /// The part of these requests that a fault leaves.
    func gated(_ course: FaultCourse, whileOn: Double, whileOff: Double) -> Tally {
        Tally(
            parts: parts.map { part in
                var part = part
                part.flow = part.flow.gated(course, whileOn: whileOn, whileOff: whileOff)
                return part
            })
    }

    static func + (left: Tally, right: Tally) -> Tally {
        Tally(parts: left.parts + right.parts)
    }
}

/// A classic histogram at one time. The bounds are those of the tally's layout; `count` is also
/// `+Inf`.
struct HistogramPoint: Sendable {
    var cumulativeCounts: [Double]
    /// Milliseconds.
    var sum: Double
    var count: Double
}
