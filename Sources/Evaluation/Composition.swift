import Planning
import TimeSeries

extension Evaluator {
    /// An aggregation from several partial ones, which come packed.
    mutating func composed(
        _ parts: [[GridSeries]], _ composition: Composition, _ origin: PartialOrigin,
        on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let pieces = parts.unpacked(into: composition.pieces.count)
        switch composition {
        case .avg:
            return try average(sums: pieces[0], counts: pieces[1], origin, on: grid)
        case .stdvar, .stddev:
            var result = try variances(
                pieces[0], means: pieces[1], counts: pieces[2], origin, on: grid)
            if composition == .stddev {
                for index in result.indices {
                    result[index].values = result[index].values.map {
                        Absent.isAbsent($0) ? $0 : $0.squareRoot()
                    }
                }
            }
            return result
        }
    }

    /// The variance of each group from the variances, means and counts of its parts (Chan's rule),
    /// in the order of the parts.
    private mutating func variances(
        _ variances: [[GridSeries]], means: [[GridSeries]], counts: [[GridSeries]],
        _ origin: PartialOrigin, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        try budget.charge(variances.reduce(0) { $0 + $1.count } * grid.count)
        var places: [Labels: Int] = [:]
        var labels: [Labels] = []
        var cells: [[VariancePart]] = []
        for (part, series) in variances.enumerated() {
            let meanOf = means[part].byLabels
            let countOf = counts[part].byLabels
            for one in series {
                guard let mean = meanOf[one.labels], let count = countOf[one.labels] else {
                    // A server dropped what it mixed; it says so, and the group is looked at whole.
                    cancelledSums.insert(origin.text)
                    continue
                }
                let place = places[one.labels] ?? labels.count
                if place == labels.count {
                    places[one.labels] = place
                    labels.append(one.labels)
                    try budget.charge(grid.count)
                    cells.append([VariancePart](repeating: VariancePart(), count: grid.count))
                }
                for time in 0..<grid.count where !Absent.isAbsent(one.values[time]) {
                    cells[place][time].add(
                        VariancePart(
                            count: count[time], mean: mean[time], variance: one.values[time]))
                }
            }
        }
        var isInexact = false
        let result = labels.enumerated().map { place, labels in
            GridSeries(
                labels: labels,
                values: cells[place].map { cell in
                    if cell.isInexact { isInexact = true }
                    return cell.result
                })
        }
        if isInexact { cancelledSums.insert(origin.text) }
        return result
    }
}

/// How many values there are, their mean, and the sum of their squared distances from it.
private struct VariancePart {
    private var count = 0.0
    private var mean = 0.0
    private var squares = 0.0
    /// The variance as it was answered, where there is one part only.
    private var variance = Absent.value
    /// Whether any value is infinite or NaN; then so is the variance NaN.
    private var hasNonFinite = false
    /// Whether some part does not say what it must.
    private var isBroken = false
    private var partCount = 0

    init() {}

    init(count: Double, mean: Double, variance: Double) {
        self.count = count
        self.mean = mean
        self.variance = variance
        squares = variance * count
        partCount = 1
        hasNonFinite = variance.isNaN && !mean.isFinite
        isBroken = !(count > 0) || (!hasNonFinite && !(mean.isFinite && squares.isFinite))
    }

    mutating func add(_ other: VariancePart) {
        guard partCount > 0 else {
            self = other
            return
        }
        let total = count + other.count
        let distance = other.mean - mean
        mean += distance * (other.count / total)
        squares += other.squares + distance * distance * (count * (other.count / total))
        count = total
        partCount += other.partCount
        hasNonFinite = hasNonFinite || other.hasNonFinite
        isBroken = isBroken || other.isBroken
    }

    var result: Double {
        if partCount < 2 { return variance }
        return hasNonFinite ? .nan : squares / count
    }

    /// The square of how many times the mean may be as large as the deviation. The variance of
    /// values that lie closer together is made of their last digits: it depends on the order of
    /// all values, also in one Prometheus.
    private static let tolerance = 1e5

    /// Whether a Prometheus that saw all values might say something else.
    var isInexact: Bool {
        guard partCount > 1 else { return false }
        if isBroken { return true }
        if hasNonFinite || squares == 0 { return false }
        // The squares of large values overflow, here or there.
        guard squares.isFinite, mean.isFinite else { return true }
        return mean * mean * count > Self.tolerance * squares
    }
}

extension [GridSeries] {
    /// Columns by the labels of their series.
    fileprivate var byLabels: [Labels: [Double]] {
        var result: [Labels: [Double]] = [:]
        for series in self { result[series.labels] = series.values }
        return result
    }
}

extension [[GridSeries]] {
    /// Each part's pieces, by their number first.
    fileprivate func unpacked(into count: Int) -> [[[GridSeries]]] {
        var result = [[[GridSeries]]](
            repeating: [[GridSeries]](repeating: [], count: self.count), count: count)
        for (part, series) in enumerated() {
            for var one in series {
                guard let number = one.labels[PackedPieces.label].flatMap({ Int($0) }),
                    number >= 0, number < count
                else { continue }
                one.labels = one.labels.setting(PackedPieces.label, to: "")
                result[number][part].append(one)
            }
        }
        return result
    }
}
