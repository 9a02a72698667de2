import Planning
import PromQL
import TimeSeries

extension Evaluator {
    mutating func aggregated(
        _ node: AggregationNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let input = try vector(node.input, on: grid)
        switch node.operator {
        case .topk, .bottomk, .limitk:
            return try ranked(node, input, on: grid)
        case .countValues:
            return try valuesCounted(node, input, on: grid)
        case .limitRatio:
            throw .unsupported("limit_ratio over series that are computed here")
        case .quantile:
            guard let parameter = node.parameter else { return [] }
            let ratios = try scalar(parameter, on: grid)
            for ratio in ratios where !(ratio >= 0 && ratio <= 1) {
                annotations.warn(Remarks.invalidQuantile(ratio))
            }
            return try folded(node, input, on: grid) { values, time in
                Quantile.of(values, ratios[time])
            }
        case .sum: return try folded(node, input, on: grid) { values, _ in Kernels.sum(values) }
        case .avg: return try folded(node, input, on: grid) { values, _ in Kernels.mean(values) }
        case .min: return try folded(node, input, on: grid) { values, _ in Kernels.least(values) }
        case .max:
            return try folded(node, input, on: grid) { values, _ in Kernels.greatest(values) }
        case .stdvar:
            return try folded(node, input, on: grid) { values, _ in Kernels.variance(values) }
        case .stddev:
            return try folded(node, input, on: grid) { values, _ in
                Kernels.variance(values).squareRoot()
            }
        case .count: return counted(node, input, on: grid) { Double($0) }
        case .group: return counted(node, input, on: grid) { _ in 1 }
        }
    }

    // MARK: Over values

    /// One value for each group and time from its series' values at that time.
    private mutating func folded(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid,
        _ kernel: ([Double], Int) -> Double
    ) throws(EvaluationFailure) -> [GridSeries] {
        let groups = Groups(input, node.grouping)
        var result: [GridSeries] = []
        result.reserveCapacity(groups.labels.count)
        var values: [Double] = []
        for (labels, members) in zip(groups.labels, groups.members) {
            if limits.shouldStop() { throw .stopped }
            let mixed = try timesWithHistograms(members, of: input, node)
            var one = GridSeries(labels: labels, count: grid.count)
            for time in 0..<grid.count where !mixed.contains(time) {
                values.removeAll(keepingCapacity: true)
                for member in members {
                    let value = input[member].values[time]
                    if !Absent.isAbsent(value) { values.append(value) }
                }
                if !values.isEmpty { one.values[time] = kernel(values, time) }
            }
            if !one.isEmpty { result.append(one) }
        }
        return result
    }

    /// The times at which a group must be dropped because it mixes floats with histograms. A group
    /// of histograms alone cannot be computed yet; operators that ignore them go on.
    private mutating func timesWithHistograms(
        _ members: [Int], of input: [GridSeries], _ node: AggregationNode
    ) throws(EvaluationFailure) -> Set<Int> {
        var times: Set<Int> = []
        for member in members {
            for point in input[member].histograms { times.insert(point.index) }
        }
        if times.isEmpty { return [] }
        guard node.operator == .sum || node.operator == .avg else {
            annotations.inform(Remarks.histogramsIgnored(node.operator.rawValue))
            return []
        }
        for time in times {
            guard members.contains(where: { !Absent.isAbsent(input[$0].values[time]) }) else {
                throw .nativeHistograms(operation: node.operator.rawValue)
            }
        }
        annotations.warn(Remarks.mixedAggregation)
        return times
    }

    private func counted(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid,
        _ value: (Int) -> Double
    ) -> [GridSeries] {
        let groups = Groups(input, node.grouping)
        var counts = [[Int]](
            repeating: [Int](repeating: 0, count: grid.count), count: groups.labels.count)
        for (series, group) in zip(input, groups.groupOf) {
            for (time, value) in series.values.enumerated() where !Absent.isAbsent(value) {
                counts[group][time] += 1
            }
            for point in series.histograms { counts[group][point.index] += 1 }
        }
        return zip(groups.labels, counts).map { labels, counts in
            GridSeries(labels: labels, values: counts.map { $0 > 0 ? value($0) : Absent.value })
        }
    }

    // MARK: count_values

    private mutating func valuesCounted(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard let parameter = node.parameter,
            case .string(let label) = try value(of: parameter, on: grid)
        else { return [] }
        guard !label.isEmpty else { throw .invalidLabelName(label) }
        let groups = Groups(input, node.grouping)
        var places: [Labels: Int] = [:]
        var result: [GridSeries] = []
        for (series, group) in zip(input, groups.groupOf) {
            try requireFloats(series, "count_values")
            for (time, value) in series.values.enumerated() where !Absent.isAbsent(value) {
                let labels = groups.labels[group].setting(label, to: NumberText.fixed(value))
                let place: Int
                if let known = places[labels] {
                    place = known
                } else {
                    place = result.count
                    places[labels] = place
                    result.append(GridSeries(labels: labels, count: grid.count))
                }
                let before = result[place].values[time]
                result[place].values[time] = Absent.isAbsent(before) ? 1 : before + 1
            }
        }
        return result
    }

    // MARK: topk, bottomk, limitk

    private mutating func ranked(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard let parameter = node.parameter else { return [] }
        let counts = try scalar(parameter, on: grid)
        let groups = Groups(input, node.grouping)
        var result = input.map { GridSeries(labels: $0.labels, count: grid.count) }
        if node.operator != .limitk, input.contains(where: { !$0.histograms.isEmpty }) {
            annotations.inform(Remarks.histogramsIgnored(node.operator.rawValue))
        }
        var order: [Int] = []
        for (time, count) in counts.enumerated() {
            guard !count.isNaN else { throw .invalidParameter("Parameter value is NaN") }
            guard count.magnitude < 9.2e18 else {
                throw .invalidParameter(
                    "Scalar value \(NumberText.literal(count)) overflows int64")
            }
            let wanted = Int(count)
            guard wanted >= 1 else { continue }
            for members in groups.members {
                let chosen = chosen(wanted, of: members, input, at: time, node.operator)
                for member in chosen {
                    result[member].values[time] = input[member].values[time]
                    if node.operator == .limitk {
                        result[member].histograms += input[member].histograms.filter {
                            $0.index == time
                        }
                    }
                }
                if grid.count == 1 { order += chosen }
            }
        }
        return grid.count == 1 ? order.map { result[$0] } : result.filter { !$0.isEmpty }
    }

    /// The places of the best series of a group at a time, best first.
    private func chosen(
        _ count: Int, of members: [Int], _ input: [GridSeries], at time: Int,
        _ operation: AggregationOperator
    ) -> [Int] {
        if operation == .limitk {
            let present = members.filter { isPresent(input[$0], time) }
            return Array(present.sorted { input[$0].labels < input[$1].labels }.prefix(count))
        }
        let candidates = members.filter { !Absent.isAbsent(input[$0].values[time]) }
        func isBetter(_ left: Int, _ right: Int) -> Bool {
            let leftValue = input[left].values[time]
            let rightValue = input[right].values[time]
            // NaN loses in both directions; equal values stay in the order of the series.
            if leftValue.isNaN || rightValue.isNaN { return !leftValue.isNaN && rightValue.isNaN }
            return operation == .topk ? leftValue > rightValue : leftValue < rightValue
        }
        return Array(candidates.sorted(by: isBetter).prefix(count))
    }
}
