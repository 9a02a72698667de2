/// The buckets of classic histograms, summed over whatever reports an edge has.
///
/// Where proxies do not have the same bounds, only those are kept that all of them have: a sum over a
/// bound that one of them lacks is too low.
public struct LatencyBuckets: Sendable {
    /// Milliseconds, ordered.
    private var bounds: [Double] = []
    /// Requests a second of at most so long.
    private var rates: [ExactRate] = []
    /// How many histograms have the bound.
    private var members: [Int] = []

    public init() {}

    /// Adds a bucket of a histogram. What is no rate is passed over.
    public mutating func add(_ rate: Double, upTo bound: Double) {
        guard rate >= 0, rate <= ExactRate.limit, !bound.isNaN else { return }
        let place = bounds.firstIndex { $0 >= bound } ?? bounds.count
        if place == bounds.count || bounds[place] != bound {
            bounds.insert(bound, at: place)
            rates.insert(.zero, at: place)
            members.insert(0, at: place)
        }
        rates[place] += ExactRate(rate)
        members[place] += 1
    }

    /// The quantile (`BucketCounts`). Nil where there are no requests, or no bounds that all
    /// histograms have.
    public func quantile(_ ratio: Double) -> Double? {
        guard bounds.last == .infinity, let all = members.last else { return nil }
        let kept = bounds.indices.filter { members[$0] >= all }
        let buckets = BucketCounts(
            bounds: kept.map { bounds[$0] }, counts: kept.map { rates[$0].value })
        guard case .milliseconds(let time) = buckets.quantile(ratio) else { return nil }
        return time
    }
}
