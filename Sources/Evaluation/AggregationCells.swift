import TimeSeries

/// What an aggregation keeps of the values of one group at one time, in Prometheus's order of
/// operations. A new cell has seen nothing.
protocol AggregationCell {
    init()
    mutating func add(_ value: Double)
    /// Absent where nothing was added.
    var result: Double { get }
}

/// `sum`.
struct SumCell: AggregationCell {
    private var sum = CompensatedSum()
    private var isSeen = false

    mutating func add(_ value: Double) {
        sum.add(value)
        isSeen = true
    }

    var result: Double { isSeen ? sum.value : Absent.value }
}

/// `avg`: the sum over the count; where the sum would be too large, a mean that grows with each
/// value.
struct MeanCell: AggregationCell {
    private var count = 0.0
    /// The sum, or the mean once it is incremental; compensated.
    private var total = 0.0
    private var compensation = 0.0
    private var isIncremental = false

    mutating func add(_ value: Double) {
        count += 1
        guard count > 1 else {
            total = value
            return
        }
        if !isIncremental {
            let next = total + value
            if !next.isInfinite {
                compensation += Self.lost(next, total, value)
                total = next
                return
            }
            isIncremental = true
            total /= count - 1
            compensation /= count - 1
        }
        let share = (count - 1) / count
        total *= share
        compensation *= share
        let term = value / count
        let next = total + term
        compensation = next.isInfinite ? 0 : compensation + Self.lost(next, total, term)
        total = next
    }

    /// What `sum` lacks of left and right together (Neumaier).
    private static func lost(_ sum: Double, _ left: Double, _ right: Double) -> Double {
        left.magnitude >= right.magnitude ? (left - sum) + right : (right - sum) + left
    }

    var result: Double {
        if count == 0 { return Absent.value }
        return isIncremental ? total + compensation : total / count + compensation / count
    }
}

/// `min`: NaN only where there is nothing else.
struct LeastCell: AggregationCell {
    private(set) var result = Absent.value

    mutating func add(_ value: Double) {
        // What is absent is a NaN as well.
        if value < result || result.isNaN { result = value }
    }
}

/// `max`: NaN only where there is nothing else.
struct GreatestCell: AggregationCell {
    private(set) var result = Absent.value

    mutating func add(_ value: Double) {
        if value > result || result.isNaN { result = value }
    }
}

/// `stdvar`: the population's variance, by Welford's recurrence.
struct VarianceCell: AggregationCell {
    private var count = 0.0
    private var mean = 0.0
    private var squares = 0.0

    mutating func add(_ value: Double) {
        count += 1
        if count == 1 {
            mean = value
            squares = value.isFinite ? 0 : .nan
            return
        }
        let delta = value - mean
        mean += delta / count
        squares += delta * (value - mean)
    }

    var result: Double { count == 0 ? Absent.value : squares / count }
}

/// `stddev`.
struct DeviationCell: AggregationCell {
    private var variance = VarianceCell()

    mutating func add(_ value: Double) { variance.add(value) }

    var result: Double {
        let result = variance.result
        return Absent.isAbsent(result) ? result : result.squareRoot()
    }
}
