import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// A function over windows of a vector that is computed here.
    mutating func windowed(
        _ node: WindowNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard let function = WindowFunction.table[node.function.name] else {
            throw .unsupported(node.function.name + "()")
        }
        try requireKnown(node.window.sampling, function, node)
        let input = try windowInput(node)
        var parameters: [[Double]] = []
        for argument in node.arguments {
            if let argument { parameters.append(try scalar(argument, on: grid)) }
        }
        try budget.charge(input.count * grid.count)
        var walk = WindowWalk(node, function, parameters, names, on: grid)
        var result: [GridSeries] = []
        result.reserveCapacity(input.count)
        for series in input {
            try budget.work(series.columns.sampleCount)
            let one = try walk.column(of: series)
            try budget.work(walk.takeSamplesSeen())
            if !one.isEmpty { result.append(one) }
        }
        annotations.add(walk.annotations)
        return try result.unified(.never)
    }

    /// Few functions know windows whose edges have values of their own.
    private func requireKnown(
        _ sampling: Selector.Sampling, _ function: WindowFunction, _ node: WindowNode
    ) throws(EvaluationFailure) {
        guard sampling != .plain, function.extended?.allows(sampling) != true else { return }
        let allowed = WindowFunction.table.filter { $0.value.extended?.allows(sampling) == true }
        throw .notExtended(
            modifier: sampling == .anchored ? "anchored" : "smoothed",
            allowed: allowed.keys.sorted().joined(separator: ", "), function: node.function.name)
    }

    /// What a subquery is over may be a scalar: `sum_over_time(1[5m:1m])`.
    private mutating func windowInput(
        _ node: WindowNode
    ) throws(EvaluationFailure) -> [WindowedSeries] {
        switch node.input {
        case .samples(let fragment):
            annotations.add(inputs.fragments[fragment].remarks)
            let samples = inputs.fragments[fragment].samples
            try budget.charge(samples.reduce(0) { $0 + $1.sampleCount })
            return samples.map { WindowedSeries(columns: $0) }
        case .points(let input, let grid):
            switch try value(of: input, on: grid) {
            case .vector(let series): return series.map { WindowedSeries($0, on: grid) }
            case .scalar(let values):
                return [WindowedSeries(GridSeries(labels: Labels(), values: values), on: grid)]
            case .string: preconditionFailure("the parser has checked the types")
            }
        }
    }
}
