/// Numbered buckets whose counts are sums that carry their rounding errors along.
struct BucketSums: Sendable {
    private(set) var indices: [Int]
    private(set) var sums: [CompensatedSum]

    init() {
        indices = []
        sums = []
    }

    init(_ buckets: HistogramBuckets) {
        indices = buckets.indices
        sums = buckets.counts.map { CompensatedSum($0) }
    }

    var count: Int { indices.count }

    /// The counts with or without what was carried along.
    func buckets(_ value: (CompensatedSum) -> Double) -> HistogramBuckets {
        var result = HistogramBuckets()
        result.reserveCapacity(count)
        for (index, sum) in zip(indices, sums) { result.append(value(sum), at: index) }
        return result
    }

    mutating func mapSums(_ change: (inout CompensatedSum) -> Void) {
        for position in sums.indices { change(&sums[position]) }
    }

    private mutating func append(_ sum: CompensatedSum, at index: Int) {
        indices.append(index)
        sums.append(sum)
    }

    /// Adds the buckets of another from a place on. Rounding errors of the other come along if they
    /// are wanted.
    mutating func merge(_ other: BucketSums, from start: Int, carryingErrors: Bool) {
        if start == 0, indices == other.indices {
            for position in sums.indices {
                add(other.sums[position], to: position, carryingErrors: carryingErrors)
            }
            return
        }
        var own = self
        swap(&own, &self)
        indices.removeAll(keepingCapacity: true)
        sums.removeAll(keepingCapacity: true)
        var place = 0
        for position in start..<max(start, other.count) {
            let index = other.indices[position]
            while place < own.count, own.indices[place] < index {
                append(own.sums[place], at: own.indices[place])
                place += 1
            }
            if place < own.count, own.indices[place] == index {
                append(own.sums[place], at: index)
                place += 1
                add(other.sums[position], to: count - 1, carryingErrors: carryingErrors)
            } else {
                let sum = other.sums[position]
                append(carryingErrors ? sum : CompensatedSum(sum.sum), at: index)
            }
        }
        while place < own.count {
            append(own.sums[place], at: own.indices[place])
            place += 1
        }
    }

    private mutating func add(_ other: CompensatedSum, to position: Int, carryingErrors: Bool) {
        sums[position].add(other.sum)
        if carryingErrors, other.compensation != 0 { sums[position].add(other.compensation) }
    }

    /// Puts the observations into the buckets of a schema that is so many levels coarser.
    mutating func coarsen(by levels: Int) {
        guard levels > 0 else { return }
        regroup { ExponentialBounds.bucket(holding: $0, coarserBy: levels) }
    }

    /// Puts the observations into other buckets, whose order is the same.
    mutating func regroup(_ target: (Int) -> Int) {
        var result = BucketSums()
        for (index, sum) in zip(indices, sums) {
            let place = target(index)
            if result.indices.last == place {
                result.sums[result.count - 1].add(sum.sum)
                result.sums[result.count - 1].add(sum.compensation)
            } else {
                result.append(sum, at: place)
            }
        }
        self = result
    }

    /// Removes the first buckets and those that hold nothing.
    mutating func removeFirst(_ count: Int) {
        var result = BucketSums()
        for position in indices.indices.dropFirst(count) where !sums[position].isZero {
            result.append(sums[position], at: indices[position])
        }
        self = result
    }
}

extension CompensatedSum {
    /// Whether nothing was summed, not even an error.
    var isZero: Bool { sum == 0 && compensation == 0 }

    mutating func multiply(by factor: Double) {
        sum *= factor
        compensation *= factor
    }

    mutating func divide(by divisor: Double) {
        sum /= divisor
        compensation /= divisor
    }
}
