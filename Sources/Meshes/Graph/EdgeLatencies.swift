/// The percentiles of some edges of a map, made of their reports' buckets.
///
/// An edge has percentiles only once each report whose requests it counts has buckets: those of a
/// part of them would be another edge's.
public struct EdgeLatencies: Sendable {
    private let places: EdgePlaces
    /// The places of the edges in `sides`; -1 for others.
    private var sideOfEdge: [Int32]
    private var sides: [Sides] = []

    /// What is known of an edge.
    private struct Sides: Sendable {
        /// The rows whose requests it counts, and that are not known yet.
        var wanted: Set<Int32> = []
        var counted = LatencyBuckets()
        /// Of requests that both sides reported, as each of them timed them.
        var atSource = LatencyBuckets()
        var atDestination = LatencyBuckets()
        /// The rows of these that are not known yet.
        var wantedTwice: Set<Int32> = []

        mutating func add(
            _ bucket: EdgeBatch.Bucket, _ place: EdgePlaces.Place, isFromSource: Bool
        ) {
            let isWhole = bucket.bound == .infinity
            if place.counts {
                counted.add(bucket.rate, upTo: bucket.bound)
                if isWhole { wanted.remove(bucket.row) }
            }
            guard place.isSeenTwice else { return }
            if isFromSource {
                atSource.add(bucket.rate, upTo: bucket.bound)
            } else {
                atDestination.add(bucket.rate, upTo: bucket.bound)
            }
            if isWhole { wantedTwice.remove(bucket.row) }
        }
    }

    public init(of edges: Set<Int>, in places: EdgePlaces) {
        self.places = places
        sideOfEdge = Array(repeating: -1, count: places.edgeCount)
        for edge in edges.sorted() where edge < places.edgeCount {
            var side = Sides()
            for row in places.rows(of: edge) where places.hasRequests[Int(row)] {
                guard let place = places.places[Int(row)] else { continue }
                if place.counts { side.wanted.insert(row) }
                if place.isSeenTwice { side.wantedTwice.insert(row) }
            }
            sideOfEdge[edge] = Int32(sides.count)
            sides.append(side)
        }
    }

    /// Adds the buckets of a batch, each once.
    public mutating func add(_ batch: EdgeBatch) {
        for bucket in batch.buckets {
            guard let place = places.places[Int(bucket.row)], sideOfEdge[place.edge] >= 0 else {
                continue
            }
            sides[Int(sideOfEdge[place.edge])].add(
                bucket, place,
                isFromSource: places.ledger.rows[Int(bucket.row)].reporter == .source)
        }
    }

    private func side(of edge: Int) -> Sides? {
        sideOfEdge.indices.contains(edge) && sideOfEdge[edge] >= 0
            ? sides[Int(sideOfEdge[edge])] : nil
    }

    /// Milliseconds; nil where there were no requests, or where not all reports have buckets.
    public func latency(of edge: Int) -> ServiceMap.Edge.Latency? {
        guard let side = side(of: edge), side.wanted.isEmpty else { return nil }
        guard let median = side.counted.quantile(0.5) else { return nil }
        return ServiceMap.Edge.Latency(
            p50: median, p90: side.counted.quantile(0.9), p95: side.counted.quantile(0.95),
            p99: side.counted.quantile(0.99))
    }

    /// By how much the median at the source is above that at the destination, of requests that both
    /// reported, in milliseconds.
    public func transit(of edge: Int) -> Double? {
        guard let side = side(of: edge), side.wantedTwice.isEmpty,
            let source = side.atSource.quantile(0.5),
            let destination = side.atDestination.quantile(0.5)
        else { return nil }
        return source - destination
    }

    /// Whether some of the edge's reports have no buckets.
    public func lacksReports(_ edge: Int) -> Bool { side(of: edge)?.wanted.isEmpty == false }
}
