/// The cumulative buckets of a classic histogram at one time.
struct Buckets {
    private var bounds: [Double] = []
    private var counts: [Double] = []

    var isEmpty: Bool { bounds.isEmpty }

    mutating func removeAll() {
        bounds.removeAll(keepingCapacity: true)
        counts.removeAll(keepingCapacity: true)
    }

    /// Adds a bucket; bounds come in order, and counts of equal bounds are added up (`1` and `1.0`
    /// are one bucket).
    mutating func add(_ count: Double, upTo bound: Double) {
        if let last = bounds.last, last == bound {
            counts[counts.count - 1] += count
        } else {
            bounds.append(bound)
            counts.append(count)
        }
    }

    // MARK: Monotonicity

    /// What was lifted to make counts monotonic.
    struct Repair {
        var leastBound: Double
        var greatestBound: Double
        var greatestDifference: Double

        func joined(with other: Repair) -> Repair {
            Repair(
                leastBound: min(leastBound, other.leastBound),
                greatestBound: max(greatestBound, other.greatestBound),
                greatestDifference: max(greatestDifference, other.greatestDifference))
        }
    }

    /// Relative difference of neighbours that counts as rounding.
    private static let tolerance = 1e-12

    /// Lifts counts that are below their neighbour's. Returns what was lifted beyond rounding.
    private mutating func makeMonotonic() -> Repair? {
        var repair: Repair?
        var previous = counts[0]
        for index in counts.indices.dropFirst() {
            let count = counts[index]
            if count == previous { continue }
            if Self.areClose(count, previous) {
                counts[index] = previous
            } else if count < previous {
                counts[index] = previous
                let one = Repair(
                    leastBound: bounds[index], greatestBound: bounds[index],
                    greatestDifference: previous - count)
                repair = repair?.joined(with: one) ?? one
            } else {
                previous = count
            }
        }
        return repair
    }

    private static func areClose(_ left: Double, _ right: Double) -> Bool {
        if left.isNaN && right.isNaN { return true }
        let sum = left.magnitude + right.magnitude
        let difference = (left - right).magnitude
        if left == 0 || right == 0 || sum < .leastNormalMagnitude {
            return difference < tolerance * .leastNormalMagnitude
        }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }

    // MARK: Quantiles and fractions

    /// The quantile, interpolated linearly inside the bucket that the rank falls into; buckets
    /// that are not monotonic are made so.
    mutating func quantile(_ ratio: Double, onRepair: (Repair) -> Void) -> Double {
        if ratio.isNaN { return .nan }
        if ratio < 0 { return -.infinity }
        if ratio > 1 { return .infinity }
        guard bounds.last == .infinity else { return .nan }
        let repair = makeMonotonic()
        let last = bounds.count - 1
        let total = counts[last]
        if last == 0 || total == 0 { return .nan }
        if let repair { onRepair(repair) }

        var rank = ratio * total
        let found = firstBucket(holding: rank)
        if found == last { return bounds[last - 1] }
        if found == 0, bounds[0] <= 0 { return bounds[0] }
        var start = 0.0
        var count = counts[found]
        if found > 0 {
            start = bounds[found - 1]
            count -= counts[found - 1]
            rank -= counts[found - 1]
        }
        return start + (bounds[found] - start) * (rank / count)
    }

    /// The first bucket but the last whose count reaches the rank, found by halving as Prometheus
    /// does: among counts that are NaN the way matters.
    private func firstBucket(holding rank: Double) -> Int {
        var low = 0
        var high = counts.count - 1
        while low < high {
            let middle = (low + high) / 2
            if counts[middle] >= rank { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The share of observations between two values.
    func fraction(_ lower: Double, _ upper: Double) -> Double {
        guard bounds.last == .infinity, let total = counts.last else { return .nan }
        if total == 0 || total.isNaN || lower.isNaN || upper.isNaN { return .nan }
        if lower >= upper { return 0 }
        return (min(rank(of: upper), total) - min(rank(of: lower), total)) / total
    }

    /// How many observations are below a value.
    private func rank(of value: Double) -> Double {
        var below = 0.0
        for index in bounds.indices {
            let start = index > 0 ? bounds[index - 1] : bounds[0] <= 0 ? -.infinity : 0
            let end = bounds[index]
            if start >= value { return below }
            if end > value {
                // An open end holds its observations at the other.
                if start.isInfinite { return counts[index] }
                return below + (counts[index] - below) * (value - start) / (end - start)
            }
            below = counts[index]
        }
        return below
    }
}
