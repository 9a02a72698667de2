import Planning
import PromQL
import TimeSeries

extension Evaluator {
    mutating func aggregated(
        _ node: AggregationNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let input = try vector(node.input, on: grid)
        switch node.operator {
        case .sum: return try folded(SumCell.self, node, input, on: grid)
        case .avg: return try folded(MeanCell.self, node, input, on: grid)
        case .min: return try folded(LeastCell.self, node, input, on: grid)
        case .max: return try folded(GreatestCell.self, node, input, on: grid)
        case .stdvar: return try folded(VarianceCell.self, node, input, on: grid)
        case .stddev: return try folded(DeviationCell.self, node, input, on: grid)
        case .count: return try counted(node, input, on: grid) { $0 }
        case .group: return try counted(node, input, on: grid) { _ in 1 }
        case .quantile: return try quantiles(node, input, on: grid)
        case .countValues: return try valuesCounted(node, input, on: grid)
        case .topk: return try ranked(node, input, .greatest, on: grid)
        case .bottomk: return try ranked(node, input, .least, on: grid)
        case .limitk: return try limited(node, input, on: grid)
        case .limitRatio: return try drawn(node, input, on: grid)
        }
    }

    // MARK: Folds

    /// One value for each group and time. The series are walked one after the other, each from the
    /// first time to the last: their values come in the order in which Prometheus adds them, and
    /// memory is read in a row.
    private mutating func folded<Cell: AggregationCell>(
        _: Cell.Type, _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let groups = Groups(input, node.grouping)
        let count = grid.count
        try budget.charge(groups.count * count)
        var cells = [Cell](repeating: Cell(), count: groups.count * count)
        var withHistograms: Set<Int> = []
        for (series, group) in zip(input, groups.groupOf) {
            try budget.work(count)
            Self.add(series.values, to: &cells, from: group * count)
            for point in series.histograms {
                withHistograms.insert(group * count + point.index)
            }
        }
        var columns = groups.labels.enumerated().map { group, labels in
            GridSeries(
                labels: labels,
                values: cells[group * count..<(group + 1) * count].map(\.result))
        }
        if !withHistograms.isEmpty {
            try dropMixed(&columns, at: withHistograms, node.operator, count: count)
        }
        return columns
    }

    private static func add<Cell: AggregationCell>(
        _ values: [Double], to cells: inout [Cell], from first: Int
    ) {
        for time in values.indices where !Absent.isAbsent(values[time]) {
            cells[first + time].add(values[time])
        }
    }

    /// Sums and averages of groups that mix floats and histograms are dropped, and those of
    /// histograms alone cannot be computed yet; other operators ignore histograms.
    private mutating func dropMixed(
        _ columns: inout [GridSeries], at places: Set<Int>, _ operation: AggregationOperator,
        count: Int
    ) throws(EvaluationFailure) {
        guard operation == .sum || operation == .avg else {
            annotations.inform(Remarks.histogramsIgnored(in: operation.rawValue))
            return
        }
        for place in places {
            let (group, time) = place.quotientAndRemainder(dividingBy: count)
            guard !Absent.isAbsent(columns[group].values[time]) else {
                throw .nativeHistograms(operation: operation.rawValue)
            }
            columns[group].values[time] = Absent.value
        }
        annotations.warn(Remarks.mixedAggregation)
    }

    /// How many series there are, histograms too.
    private mutating func counted(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid,
        _ value: (Double) -> Double
    ) throws(EvaluationFailure) -> [GridSeries] {
        let groups = Groups(input, node.grouping)
        let count = grid.count
        try budget.charge(groups.count * count)
        var counts = [Double](repeating: 0, count: groups.count * count)
        for (series, group) in zip(input, groups.groupOf) {
            try budget.work(count)
            let first = group * count
            for time in 0..<count where !Absent.isAbsent(series.values[time]) {
                counts[first + time] += 1
            }
            for point in series.histograms { counts[first + point.index] += 1 }
        }
        return groups.labels.enumerated().map { group, labels in
            GridSeries(
                labels: labels,
                values: counts[group * count..<(group + 1) * count].map {
                    $0 > 0 ? value($0) : Absent.value
                })
        }
    }

    // MARK: Quantiles

    private mutating func quantiles(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let ratios = try parameter(of: node, on: grid)
        remarkOnRatios(ratios)
        if input.contains(where: { !$0.histograms.isEmpty }) {
            annotations.inform(Remarks.histogramsIgnored(in: node.operator.rawValue))
        }
        let groups = Groups(input, node.grouping)
        try budget.charge(groups.count * grid.count)
        var scratch: [Double] = []
        var result: [GridSeries] = []
        for (labels, members) in zip(groups.labels, groups.members) {
            try budget.work(members.count * grid.count)
            var one = GridSeries(labels: labels, count: grid.count)
            for time in 0..<grid.count {
                scratch.removeAll(keepingCapacity: true)
                for member in members {
                    let value = input[member].values[time]
                    if !Absent.isAbsent(value) { scratch.append(value) }
                }
                if !scratch.isEmpty { one.values[time] = Quantile.of(&scratch, ratios[time]) }
            }
            result.append(one)
        }
        return result
    }

    /// Of ratios that are none, Prometheus names NaN, the largest and the smallest.
    private mutating func remarkOnRatios(_ ratios: [Double]) {
        if ratios.contains(where: \.isNaN) { annotations.warn(Remarks.invalidQuantile(.nan)) }
        if let greatest = ratios.max(), greatest > 1 {
            annotations.warn(Remarks.invalidQuantile(greatest))
        }
        if let least = ratios.min(), least < 0 { annotations.warn(Remarks.invalidQuantile(least)) }
    }

    /// The scalar parameter, one for each time.
    mutating func parameter(
        of node: AggregationNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [Double] {
        guard let parameter = node.parameter else {
            preconditionFailure("the parser has checked that the parameter is there")
        }
        return try scalar(parameter, on: grid)
    }
}
