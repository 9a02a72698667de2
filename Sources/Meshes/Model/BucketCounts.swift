/// The buckets of a classic histogram: of each bound, how many requests a second took no longer.
struct BucketCounts {
    /// Milliseconds, ordered; `counts` has as many.
    var bounds: [Double]
    var counts: [Double]

    /// What a quantile comes to.
    enum Quantile: Equatable {
        case milliseconds(Double)
        case noRequests
        /// No bounds but +Inf, or counts that fall as bounds rise by more than `tolerance`: some report
        /// lacks a bound.
        case unknown
    }

    /// By which part of all requests a count may be below that of a lower bound. Rates are rounded, and
    /// exporters and recording rules may tell of the buckets of a moment by a few requests apart; as
    /// Prometheus does with any fall, the higher bound is taken to have as many. More than this is no
    /// such thing, and no percentile.
    private static let tolerance = 0.01

    /// As `histogram_quantile` of Prometheus interpolates: evenly inside the bucket, from 0 in the
    /// first; of the last bucket its lower bound.
    func quantile(_ ratio: Double) -> Quantile {
        guard bounds.last == .infinity, bounds.count > 1 else { return .unknown }
        var counts = counts
        let slack = Self.tolerance * (counts.last ?? 0)
        for place in counts.indices.dropFirst() {
            let below = counts[place - 1]
            if counts[place] < below - slack { return .unknown }
            counts[place] = max(counts[place], below)
        }
        guard let total = counts.last, total > 0 else { return .noRequests }
        let rank = ratio * total
        let found = counts.firstIndex { $0 >= rank } ?? counts.count - 1
        if found == counts.count - 1 { return .milliseconds(bounds[found - 1]) }
        let end = bounds[found]
        guard found > 0 else {
            return .milliseconds(end <= 0 ? end : end * (rank / counts[0]))
        }
        let (start, below) = (bounds[found - 1], counts[found - 1])
        return .milliseconds(start + (end - start) * ((rank - below) / (counts[found] - below)))
    }
}
