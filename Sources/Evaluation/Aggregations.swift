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

    /// One value for each group and time. A group's series are walked one after the other, each
    /// from the first time to the last: their values come in the order in which Prometheus adds
    /// them, memory is read in a row, and what is kept meanwhile is one cell for each time.
    private mutating func folded<Cell: AggregationCell>(
        _: Cell.Type, _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let groups = Groups(input, node.grouping)
        try budget.charge(groups.count * grid.count)
        var result: [GridSeries] = []
        result.reserveCapacity(groups.count)
        var cells: [Cell] = []
        for (group, labels) in groups.labels.enumerated() {
            let members = groups.members(of: group)
            cells.removeAll(keepingCapacity: true)
            cells.append(contentsOf: repeatElement(Cell(), count: grid.count))
            for member in members {
                try budget.work(grid.count)
                Self.add(input[member].values, to: &cells)
            }
            var one = GridSeries(
                labels: labels, values: cells.map(\.result),
                dropsMetricName: members.contains { input[$0].dropsMetricName })
            if members.contains(where: { !input[$0].histograms.isEmpty }) {
                try aggregate(histogramsOf: members.map { input[$0] }, node, into: &one)
            }
            result.append(one)
        }
        return result
    }

    private static func add<Cell: AggregationCell>(
        _ values: [Double], to cells: inout [Cell]
    ) {
        for time in values.indices where !Absent.isAbsent(values[time]) {
            cells[time].add(values[time])
        }
    }

    /// Sums and averages of native histograms; groups that mix them with floats are dropped. Other
    /// operators ignore histograms.
    private mutating func aggregate(
        histogramsOf members: [GridSeries], _ node: AggregationNode, into group: inout GridSeries
    ) throws(EvaluationFailure) {
        let place = node.sources.input
        guard node.operator == .sum || node.operator == .avg else {
            annotations.inform(Remarks.histogramsIgnored(in: node.operator.rawValue), at: place)
            return
        }
        var cells: [Int: HistogramCell] = [:]
        for member in members {
            try budget.work(onHistogramsOf: member)
            for point in member.histograms {
                let isFirst = cells[point.index] == nil
                var cell =
                    cells.removeValue(forKey: point.index)
                    ?? HistogramCell(isMean: node.operator == .avg)
                // What is mixed is dropped anyway.
                if Absent.isAbsent(group.values[point.index]) {
                    if !cell.add(point.histogram) {
                        annotations.warn(
                            Remarks.mixedSchemas(member.labels.metricName ?? ""), at: place)
                    }
                } else if isFirst {
                    annotations.warn(Remarks.mixedAggregation, at: place)
                }
                cells[point.index] = cell
            }
        }
        for (time, cell) in cells.sorted(by: { $0.key < $1.key }) {
            guard Absent.isAbsent(group.values[time]) else {
                group.values[time] = Absent.value
                continue
            }
            remark(on: cell, at: place)
            guard let histogram = cell.result else { continue }
            group.histograms.append(.init(index: time, histogram: histogram.compacted()))
        }
    }

    private mutating func remark(on cell: HistogramCell, at place: SourceRange) {
        if cell.hasReconciledBounds {
            annotations.inform(Remarks.boundsReconciled(in: .aggregation), at: place)
        }
        if cell.hasConflictingResets, cell.result != nil {
            annotations.warn(Remarks.resetsConflict(in: .aggregation), at: place)
        }
    }

    /// How many series there are, histograms too.
    private mutating func counted(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid,
        _ value: (Double) -> Double
    ) throws(EvaluationFailure) -> [GridSeries] {
        let groups = Groups(input, node.grouping)
        try budget.charge(groups.count * grid.count)
        var result: [GridSeries] = []
        result.reserveCapacity(groups.count)
        for (group, labels) in groups.labels.enumerated() {
            var counts = [Double](repeating: 0, count: grid.count)
            for member in groups.members(of: group) {
                try budget.work(grid.count)
                let values = input[member].values
                for time in values.indices where !Absent.isAbsent(values[time]) {
                    counts[time] += 1
                }
                for point in input[member].histograms { counts[point.index] += 1 }
            }
            result.append(
                GridSeries(
                    labels: labels, values: counts.map { $0 > 0 ? value($0) : Absent.value },
                    dropsMetricName: groups.members(of: group).contains {
                        input[$0].dropsMetricName
                    }))
        }
        return result
    }

    // MARK: Quantiles

    private mutating func quantiles(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let ratios = try parameter(of: node, on: grid)
        remarkOnRatios(ratios, at: node.sources.parameter)
        if input.contains(where: { !$0.histograms.isEmpty }) {
            annotations.inform(
                Remarks.histogramsIgnored(in: node.operator.rawValue), at: node.sources.input)
        }
        let groups = Groups(input, node.grouping)
        try budget.charge(groups.count * grid.count)
        var scratch: [Double] = []
        var result: [GridSeries] = []
        for (group, labels) in groups.labels.enumerated() {
            let members = groups.members(of: group)
            try budget.work(members.count * grid.count)
            var one = GridSeries(labels: labels, count: grid.count)
            one.dropsMetricName = members.contains { input[$0].dropsMetricName }
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
    mutating func remarkOnRatios(_ ratios: [Double], at place: SourceRange) {
        if ratios.contains(where: \.isNaN) {
            annotations.warn(Remarks.invalidQuantile(.nan), at: place)
        }
        if let greatest = ratios.max(), greatest > 1 {
            annotations.warn(Remarks.invalidQuantile(greatest), at: place)
        }
        if let least = ratios.min(), least < 0 {
            annotations.warn(Remarks.invalidQuantile(least), at: place)
        }
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
