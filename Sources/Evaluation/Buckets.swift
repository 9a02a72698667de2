import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// `histogram_quantile`, `histogram_quantiles` and `histogram_fraction` over classic buckets.
    mutating func bucketed(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        switch node.function.name {
        case "histogram_quantile":
            let ratios = try scalar(node.arguments[0], on: grid)
            let groups = try bucketGroups(node.arguments[1], node, on: grid)
            remark(on: ratios)
            return overTimes(groups, grid) { buckets, time in
                buckets.quantile(ratios[time])
            }
        case "histogram_fraction":
            let lower = try scalar(node.arguments[0], on: grid)
            let upper = try scalar(node.arguments[1], on: grid)
            let groups = try bucketGroups(node.arguments[2], node, on: grid)
            return overTimes(groups, grid) { buckets, time in
                buckets.fraction(lower[time], upper[time])
            }
        default:
            return try quantiles(node, on: grid)
        }
    }

    private mutating func quantiles(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let groups = try bucketGroups(node.arguments[0], node, on: grid)
        guard case .string(let label) = try value(of: node.arguments[1], on: grid) else {
            return []
        }
        guard !label.isEmpty else { throw .invalidLabelName(label) }
        var result: [GridSeries] = []
        for argument in node.arguments.dropFirst(2) {
            let ratios = try scalar(argument, on: grid)
            remark(on: ratios)
            let name = NumberText.literal(ratios.first ?? .nan)
            for var series in overTimes(
                groups, grid, { buckets, time in buckets.quantile(ratios[time]) })
            {
                series.labels = series.labels.setting(label, to: name)
                result.append(series)
            }
        }
        return result
    }

    private mutating func remark(on ratios: [Double]) {
        for ratio in Set(ratios.filter { !($0 >= 0 && $0 <= 1) }.map(NumberText.literal)) {
            annotations.warn(Remarks.invalidQuantile(NumberText.read(ratio) ?? .nan))
        }
    }

    /// The bucket series of one histogram.
    private struct BucketGroup {
        var labels: Labels
        var bounds: [Double] = []
        var series: [GridSeries] = []
    }

    private mutating func bucketGroups(
        _ node: PlanNode, _ call: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [BucketGroup] {
        var places: [Labels: Int] = [:]
        var groups: [BucketGroup] = []
        let excluded: LabelNames = ["le", Labels.metricNameLabel]
        for series in try vector(node, on: grid) {
            try requireFloats(series, call.function.name)
            let text = series.labels["le"] ?? ""
            guard let bound = NumberText.read(text) else {
                annotations.warn(Remarks.invalidBound(text))
                continue
            }
            let labels = series.labels.removing(excluded)
            let place: Int
            if let known = places[labels] {
                place = known
            } else {
                place = groups.count
                places[labels] = place
                groups.append(BucketGroup(labels: labels))
            }
            groups[place].bounds.append(bound)
            groups[place].series.append(series)
        }
        return groups
    }

    private mutating func overTimes(
        _ groups: [BucketGroup], _ grid: TimeGrid, _ kernel: (Buckets, Int) -> Double
    ) -> [GridSeries] {
        var result: [GridSeries] = []
        result.reserveCapacity(groups.count)
        for group in groups {
            // The bounds are put in order once; the counts follow at each time.
            let order = group.bounds.indices.sorted { group.bounds[$0] < group.bounds[$1] }
            var one = GridSeries(labels: group.labels, count: grid.count)
            for time in 0..<grid.count {
                var buckets = Buckets()
                for index in order {
                    let count = group.series[index].values[time]
                    if !Absent.isAbsent(count) { buckets.add(count, upTo: group.bounds[index]) }
                }
                guard !buckets.isEmpty else { continue }
                if buckets.makeMonotonic() { annotations.inform(Remarks.forcedMonotonic) }
                one.values[time] = kernel(buckets, time)
            }
            if !one.isEmpty { result.append(one) }
        }
        return result
    }
}

/// The cumulative buckets of a classic histogram at one time.
struct Buckets {
    private var bounds: [Double] = []
    private var counts: [Double] = []

    var isEmpty: Bool { bounds.isEmpty }

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

    /// Relative difference of neighbours that counts as rounding.
    private static let tolerance = 1e-12

    /// Lifts counts that are below their neighbour's. Returns whether any was, beyond rounding.
    mutating func makeMonotonic() -> Bool {
        var isForced = false
        var previous = counts[0]
        for index in counts.indices.dropFirst() {
            let count = counts[index]
            if count == previous { continue }
            if Self.areClose(count, previous) {
                counts[index] = previous
            } else if count < previous {
                counts[index] = previous
                isForced = true
            } else {
                previous = count
            }
        }
        return isForced
    }

    private static func areClose(_ left: Double, _ right: Double) -> Bool {
        let sum = left.magnitude + right.magnitude
        let difference = (left - right).magnitude
        if left == 0 || right == 0 || sum < .leastNormalMagnitude {
            return difference < tolerance * .leastNormalMagnitude
        }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }

    /// Nil where the buckets make no histogram: no infinite one, or nothing counted.
    private var total: Double? {
        guard bounds.last == .infinity, bounds.count > 1, let total = counts.last, total != 0
        else { return nil }
        return total
    }

    /// Interpolated linearly inside the bucket that the rank falls into.
    func quantile(_ ratio: Double) -> Double {
        if ratio.isNaN { return .nan }
        if ratio < 0 { return -.infinity }
        if ratio > 1 { return .infinity }
        guard let total, !total.isNaN else { return .nan }
        var rank = ratio * total
        let last = bounds.count - 1
        let found = counts[..<last].firstIndex { $0 >= rank } ?? last
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

    /// The share of observations between two values.
    func fraction(_ lower: Double, _ upper: Double) -> Double {
        if lower.isNaN || upper.isNaN { return .nan }
        guard let total, !total.isNaN else { return .nan }
        if lower >= upper { return 0 }
        return (rank(of: upper) - rank(of: lower)) / total
    }

    /// How many observations are below a value.
    private func rank(of value: Double) -> Double {
        var below = 0.0
        for index in bounds.indices {
            let start = index > 0 ? bounds[index - 1] : (bounds[0] > 0 ? 0 : -.infinity)
            if start >= value { return below }
            if bounds[index] > value {
                // An open end holds its observations at the other.
                if start.isInfinite { return counts[index] }
                if bounds[index].isInfinite { return below }
                return below
                    + (counts[index] - below) * (value - start) / (bounds[index] - start)
            }
            below = counts[index]
        }
        return below
    }
}
