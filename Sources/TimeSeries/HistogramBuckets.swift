/// Counts of observations in numbered buckets, in order of the numbers. A bucket that is not there
/// holds nothing; one that is there may hold nothing too, which Prometheus tells apart in places.
public struct HistogramBuckets: Sendable {
    /// Numbers of the buckets, each greater than the one before it.
    public private(set) var indices: [Int]
    /// The count of each.
    public private(set) var counts: [Double]

    public init() {
        indices = []
        counts = []
    }

    /// Buckets side by side.
    public init(first: Int, counts: [Double]) {
        indices = Array(first..<first + counts.count)
        self.counts = counts
    }

    public var isEmpty: Bool { indices.isEmpty }
    public var count: Int { indices.count }

    mutating func reserveCapacity(_ count: Int) {
        indices.reserveCapacity(count)
        counts.reserveCapacity(count)
    }

    /// Adds a bucket after all others.
    public mutating func append(_ count: Double, at index: Int) {
        precondition(indices.last.map { $0 < index } ?? true, "buckets stand in order")
        indices.append(index)
        counts.append(count)
    }

    mutating func setCount(_ count: Double, at position: Int) { counts[position] = count }

    /// The buckets with each count changed.
    func mapCounts(_ change: (Double) -> Double) -> HistogramBuckets {
        var result = self
        for position in counts.indices { result.counts[position] = change(counts[position]) }
        return result
    }

    /// The buckets that hold something.
    func compacted() -> HistogramBuckets {
        guard counts.contains(0) else { return self }
        var result = HistogramBuckets()
        for (index, count) in zip(indices, counts) where count != 0 {
            result.append(count, at: index)
        }
        return result
    }

    /// The same observations in the buckets of a schema that is so many levels coarser.
    func coarsened(by levels: Int) -> HistogramBuckets {
        guard levels > 0 else { return self }
        var result = HistogramBuckets()
        for (index, count) in zip(indices, counts) {
            let target = ExponentialBounds.bucket(holding: index, coarserBy: levels)
            if result.indices.last == target {
                result.counts[result.count - 1] += count
            } else {
                result.append(count, at: target)
            }
        }
        return result
    }
}

// Counts compare by bits: the same data is what has the same bytes.
extension HistogramBuckets: Hashable {
    public static func == (left: HistogramBuckets, right: HistogramBuckets) -> Bool {
        left.indices == right.indices
            && left.counts.elementsEqual(right.counts) { $0.bitPattern == $1.bitPattern }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(indices) }
}
