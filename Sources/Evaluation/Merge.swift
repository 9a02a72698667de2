import Planning
import TimeSeries

/// Puts partial answers together: series with equal labels become one.
struct Merge {
    /// The number of times.
    private let count: Int

    init(_ count: Int) { self.count = count }

    struct Merged {
        var series: [GridSeries]
        /// Whether some sum is so small beside its parts that their rounding shows.
        var isCancelled = false
    }

    /// The parts of one group: the series of each part that has it, in order.
    private func groups(
        _ parts: [[GridSeries]], _ operation: String
    ) throws(EvaluationFailure) -> [(labels: Labels, members: [GridSeries])] {
        var places: [Labels: Int] = [:]
        var groups: [(labels: Labels, members: [GridSeries])] = []
        for series in parts.joined() {
            if !series.histograms.isEmpty, operation != MergeOperation.group.rawValue {
                throw .nativeHistograms(operation: operation)
            }
            if let place = places[series.labels] {
                groups[place].members.append(series)
            } else {
                places[series.labels] = groups.count
                groups.append((series.labels, [series]))
            }
        }
        return groups
    }

    func merged(
        _ parts: [[GridSeries]], _ operation: MergeOperation
    ) throws(EvaluationFailure) -> Merged {
        var result = Merged(series: [])
        for group in try groups(parts, operation.rawValue) {
            var values: [Double]
            switch operation {
            case .sum:
                let sum = summed(group.members)
                values = sum.values
                if sum.isCancelled { result.isCancelled = true }
            case .min: values = extremum(group.members) { $0 < $1 }
            case .max: values = extremum(group.members) { $0 > $1 }
            case .group: values = presence(group.members)
            }
            result.series.append(GridSeries(labels: group.labels, values: values))
        }
        return result
    }

    func average(
        sums: [[GridSeries]], counts: [[GridSeries]]
    ) throws(EvaluationFailure) -> Merged {
        let total = try merged(counts, .sum)
        var countOf: [Labels: [Double]] = [:]
        for series in total.series { countOf[series.labels] = series.values }
        var result = try merged(sums, .sum)
        for index in result.series.indices {
            guard let counts = countOf[result.series[index].labels] else { continue }
            for time in 0..<count where !Absent.isAbsent(result.series[index].values[time]) {
                let sum = result.series[index].values[time]
                // A sum may be too large where the average is not.
                if sum.isInfinite { result.isCancelled = true }
                result.series[index].values[time] = sum / counts[time]
            }
        }
        return result
    }

    private func summed(_ members: [GridSeries]) -> (values: [Double], isCancelled: Bool) {
        var isCancelled = false
        var result = [Double](repeating: Absent.value, count: count)
        for time in 0..<count {
            var sum = CompensatedSum()
            var partCount = 0
            var largest = 0.0
            var allFinite = true
            for member in members {
                let value = member.values[time]
                if Absent.isAbsent(value) { continue }
                sum.add(value)
                partCount += 1
                largest = max(largest, value.magnitude)
                if !value.isFinite { allFinite = false }
            }
            guard partCount > 0 else { continue }
            result[time] = sum.value
            guard partCount > 1, allFinite else { continue }
            if !sum.value.isFinite || sum.value.magnitude < 1e-6 * largest { isCancelled = true }
        }
        return (result, isCancelled)
    }

    /// NaN is taken only where there is nothing else.
    private func extremum(
        _ members: [GridSeries], _ isBetter: (Double, Double) -> Bool
    ) -> [Double] {
        var result = [Double](repeating: Absent.value, count: count)
        for member in members {
            for (time, value) in member.values.enumerated() where !Absent.isAbsent(value) {
                let best = result[time]
                if Absent.isAbsent(best) || best.isNaN || isBetter(value, best) {
                    result[time] = value
                }
            }
        }
        return result
    }

    private func presence(_ members: [GridSeries]) -> [Double] {
        var result = [Double](repeating: Absent.value, count: count)
        for member in members {
            for (time, value) in member.values.enumerated() where !Absent.isAbsent(value) {
                result[time] = 1
            }
            for point in member.histograms { result[point.index] = 1 }
        }
        return result
    }
}
