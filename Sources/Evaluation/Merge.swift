import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// Partial answers put together: series with equal labels become one.
    mutating func merged(
        _ parts: [[GridSeries]], _ operation: MergeOperation, _ origin: PartialOrigin,
        on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let merge = try makeMerge(parts, on: grid)
        switch operation {
        case .sum: return sums(merge, origin).series
        case .min: return merge.columns { merge.extremum($0) { $0 < $1 } }
        case .max: return merge.columns { merge.extremum($0) { $0 > $1 } }
        case .group: return merge.columns { merge.presence($0) }
        }
    }

    /// Sums over counts, each put together from partial ones.
    mutating func average(
        sums sumParts: [[GridSeries]], counts countParts: [[GridSeries]], _ origin: PartialOrigin,
        on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let merge = try makeMerge(sumParts, on: grid)
        var (result, hasInfinitePart) = sums(merge, origin)
        // A sum may be too large where the average is not.
        if hasInfinitePart { cancelledSums.insert(origin.text) }

        let countMerge = try makeMerge(countParts, on: grid)
        let totals = sums(countMerge, origin).series
        var placeOf: [Labels: Int] = [:]
        for (place, total) in totals.enumerated() { placeOf[total.labels] = place }
        for index in result.indices {
            let counts = placeOf[result[index].labels].map { totals[$0].values }
            result[index].values = Arithmetic.column(
                .divide, result[index].values,
                counts ?? [Double](repeating: Absent.value, count: grid.count))
            result[index].histograms = result[index].histograms.compactMap { point in
                guard let count = counts?[point.index], !Absent.isAbsent(count) else { return nil }
                return .init(
                    index: point.index, histogram: point.histogram.divided(by: count))
            }
        }
        return result
    }

    private mutating func makeMerge(
        _ parts: [[GridSeries]], on grid: TimeGrid
    ) throws(EvaluationFailure) -> Merge {
        try budget.charge(parts.reduce(0) { $0 + $1.count } * grid.count)
        for series in parts.joined() { try budget.work(onHistogramsOf: series) }
        let merge = Merge(parts, count: grid.count)
        try budget.charge(merge.groupCount * grid.count)
        return merge
    }

    /// The sums of the groups; those that mix floats and histograms are dropped. Histograms have
    /// their sums too; where kinds of buckets meet, it takes all terms to say which series do.
    private mutating func sums(
        _ merge: Merge, _ origin: PartialOrigin
    ) -> (series: [GridSeries], hasInfinitePart: Bool) {
        var facts = Merge.SumFacts()
        var series = merge.columns { merge.sum($0, &facts) }
        merge.addHistograms(to: &series, &facts)
        if facts.isMixed {
            annotations.warn(Remarks.mixedAggregation, at: origin.input)
            cancelledSums.insert(origin.text)
        }
        if facts.hasReconciledBounds {
            annotations.inform(Remarks.boundsReconciled(in: .aggregation), at: origin.input)
        }
        if facts.hasConflictingResets {
            annotations.warn(Remarks.resetsConflict(in: .aggregation), at: origin.input)
        }
        if facts.isCancelled { cancelledSums.insert(origin.text) }
        return (series, facts.hasInfinitePart)
    }
}

/// The aggregation that partial answers are of.
struct PartialOrigin {
    var text: String
    /// Where its series stand in the query.
    var input: SourceRange
}

/// The partial answers of an aggregation by their groups.
private struct Merge {
    /// The number of times.
    private let count: Int
    private let series: [GridSeries]
    private let groups: Groups

    var groupCount: Int { groups.count }

    init(_ parts: [[GridSeries]], count: Int) {
        series = Array(parts.joined())
        groups = Groups(series) { $0 }
        self.count = count
    }

    /// One series for each group, its column made from the group's members.
    func columns(_ column: (ArraySlice<Int>) -> [Double]) -> [GridSeries] {
        groups.labels.enumerated().map { group, labels in
            GridSeries(labels: labels, values: column(groups.members(of: group)))
        }
    }

    // MARK: Sums

    /// What is to be known of sums beside their values.
    struct SumFacts {
        /// Whether some sum is so small beside its parts that their rounding shows.
        var isCancelled = false
        var hasInfinitePart = false
        /// Whether floats and histograms met somewhere.
        var isMixed = false
        var hasReconciledBounds = false
        var hasConflictingResets = false
    }

    /// The sum of a group in the order of the parts; absent where no part has anything.
    func sum(_ members: ArraySlice<Int>, _ facts: inout SumFacts) -> [Double] {
        if members.count == 1, let only = members.first {
            if series[only].values.contains(where: \.isInfinite) { facts.hasInfinitePart = true }
            return series[only].values
        }
        var cells = [PartialSum](repeating: PartialSum(), count: count)
        for member in members {
            let values = series[member].values
            for time in 0..<count where !Absent.isAbsent(values[time]) {
                cells[time].add(values[time])
            }
        }
        for cell in cells {
            if cell.isCancelled { facts.isCancelled = true }
            if cell.largest.isInfinite { facts.hasInfinitePart = true }
        }
        return cells.map { $0.partCount == 0 ? Absent.value : $0.sum.value }
    }

    /// A sum of partial sums, and what tells whether they cancelled out.
    private struct PartialSum {
        var sum = CompensatedSum()
        var partCount = 0
        var largest = 0.0
        private var isFinite = true
        private var hasPositive = false
        private var hasNegative = false

        /// The sum's share of its largest part below which the parts' rounding counts.
        private static let tolerance = 1e-6

        mutating func add(_ part: Double) {
            sum.add(part)
            partCount += 1
            if part > 0 { hasPositive = true }
            if part < 0 { hasNegative = true }
            if !part.isFinite { isFinite = false }
            largest = max(largest, part.magnitude)
        }

        var isCancelled: Bool {
            guard partCount > 1, isFinite else { return false }
            if !sum.value.isFinite { return true }
            return hasPositive && hasNegative && sum.value.magnitude < Self.tolerance * largest
        }
    }

    /// Adds the sums of native histograms to the groups' columns, in the order of the parts. Where
    /// they meet floats there is neither.
    func addHistograms(to result: inout [GridSeries], _ facts: inout SumFacts) {
        guard series.contains(where: { !$0.histograms.isEmpty }) else { return }
        for group in 0..<groups.count {
            var cells: [Int: PartialHistogram] = [:]
            for member in groups.members(of: group) {
                for point in series[member].histograms {
                    var cell = cells.removeValue(forKey: point.index) ?? PartialHistogram()
                    cell.add(point.histogram)
                    cells[point.index] = cell
                }
            }
            for (time, cell) in cells.sorted(by: { $0.key < $1.key }) {
                guard Absent.isAbsent(result[group].values[time]) else {
                    result[group].values[time] = Absent.value
                    facts.isMixed = true
                    continue
                }
                if cell.isInexact { facts.isCancelled = true }
                if cell.sum.hasReconciledBounds { facts.hasReconciledBounds = true }
                if cell.sum.hasConflictingResets { facts.hasConflictingResets = true }
                guard let histogram = cell.sum.result else { continue }
                if !histogram.count.isFinite { facts.hasInfinitePart = true }
                result[group].histograms.append(
                    .init(index: time, histogram: histogram.compacted()))
            }
        }
    }

    /// A sum of histograms that are sums themselves.
    private struct PartialHistogram {
        var sum = HistogramCell(isMean: false)
        /// Of the observations, which may cancel each other out.
        private var observed = PartialSum()

        mutating func add(_ part: NativeHistogram) {
            _ = sum.add(part)
            observed.add(part.sum)
        }

        /// Whether only all terms together show what there is.
        var isInexact: Bool { sum.isIncompatible || observed.isCancelled }
    }

    // MARK: Others

    /// The best value of a group; NaN is taken only where there is nothing else.
    func extremum(
        _ members: ArraySlice<Int>, _ isBetter: (Double, Double) -> Bool
    ) -> [Double] {
        var result = [Double](repeating: Absent.value, count: count)
        for member in members {
            for (time, value) in series[member].values.enumerated()
            where !Absent.isAbsent(value) {
                // What is absent is a NaN as well.
                if result[time].isNaN || isBetter(value, result[time]) { result[time] = value }
            }
        }
        return result
    }

    func presence(_ members: ArraySlice<Int>) -> [Double] {
        var result = [Double](repeating: Absent.value, count: count)
        for member in members {
            for (time, value) in series[member].values.enumerated()
            where !Absent.isAbsent(value) {
                result[time] = 1
            }
            for point in series[member].histograms { result[point.index] = 1 }
        }
        return result
    }
}
