import Planning
import PromQL
import TimeSeries

/// What a node gives.
enum Value {
    /// One number at each time of the grid.
    case scalar([Double])
    case vector([GridSeries])
    case string(String)
}

/// Walks the remainder of a plan, bottom-up. Its operations are extensions in files of their own;
/// each takes whole columns and looks at labels once for each series.
struct Evaluator {
    let inputs: EvaluationInputs
    /// What becomes of metric names.
    let names: NameRemoval
    var budget: Budget
    var annotations = Annotations()
    var cancelledSums: Set<String> = []
    /// What fragments gave, by node: three quantiles of one histogram merge it once.
    private var known: [PlanNode: [GridSeries]] = [:]

    init(inputs: EvaluationInputs, limits: EvaluationLimits) {
        self.inputs = inputs
        names = inputs.nameRemoval
        budget = Budget(limits)
    }

    mutating func value(
        of node: PlanNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> Value {
        try budget.look()
        switch node {
        case .number(let number):
            return .scalar([Double](repeating: number, count: grid.count))
        case .string(let text):
            return .string(text)
        case .time:
            return .scalar((0..<grid.count).map { Double(grid.time(at: $0)) / 1000 })
        case .fragment, .candidates, .merged, .composed, .quantile:
            return .vector(try answers(to: node, on: grid))
        case .call(let call):
            return try value(ofCall: call, on: grid)
        case .aggregation(let aggregation):
            return .vector(try aggregated(aggregation, on: grid))
        case .binary(let operation):
            return try value(ofBinary: operation, on: grid)
        case .negated(let inner):
            return try negated(inner, on: grid)
        case .absent(let input, let labels):
            return .vector([absence(of: try vector(input, on: grid), labels, count: grid.count)])
        case .window(let window):
            return .vector(try windowed(window, on: grid))
        case .repeated(let inner, let time):
            return try repeated(inner, at: time, on: grid)
        case .info(let info):
            return .vector(try informed(info, on: grid))
        }
    }

    mutating func vector(
        _ node: PlanNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard case .vector(let series) = try value(of: node, on: grid) else {
            preconditionFailure("the parser has checked the types")
        }
        return series
    }

    mutating func scalar(
        _ node: PlanNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [Double] {
        guard case .scalar(let values) = try value(of: node, on: grid) else {
            preconditionFailure("the parser has checked the types")
        }
        return values
    }

    mutating func text(
        _ node: PlanNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> String {
        guard case .string(let text) = try value(of: node, on: grid) else {
            preconditionFailure("the parser has checked the types")
        }
        return text
    }

    // MARK: Fragments

    /// What the clusters answered, side by side or put together.
    private mutating func answers(
        to node: PlanNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        if let fragment = node.fragment { annotations.add(inputs.fragments[fragment].remarks) }
        if let series = known[node] { return series }
        let series: [GridSeries]
        switch node {
        case .fragment(let index), .candidates(let index, _):
            let parts = inputs.fragments[index].parts
            series = parts.count == 1 ? parts[0] : Array(parts.joined())
            try budget.charge(series.count * grid.count)
        case .merged(let fragment, let operation, let origin, let input):
            series = try merged(
                inputs.fragments[fragment].parts, operation,
                PartialOrigin(text: origin, input: input), on: grid)
        case .composed(let fragment, let composition, let origin, let input):
            series = try composed(
                inputs.fragments[fragment].parts, composition,
                PartialOrigin(text: origin, input: input), on: grid)
        case .quantile(let quantile):
            series = try quantiles(quantile, on: grid)
        default:
            preconditionFailure("only fragments are answered")
        }
        known[node] = series
        return series
    }

    // MARK: Small nodes

    private mutating func negated(
        _ inner: PlanNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> Value {
        switch try value(of: inner, on: grid) {
        case .scalar(let values):
            return .scalar(values.map { -$0 })
        case .vector(let series):
            try budget.charge(series.count * grid.count)
            var result: [GridSeries] = []
            result.reserveCapacity(series.count)
            for one in series {
                result.append(
                    names.computed(
                        from: one, values: one.values.map { Absent.isAbsent($0) ? $0 : -$0 },
                        histograms: one.histograms.map {
                            .init(index: $0.index, histogram: $0.histogram.multiplied(by: -1))
                        }))
            }
            return .vector(try result.unified(.never))
        case .string:
            preconditionFailure("the parser has checked the types")
        }
    }

    /// What is the same at all times, computed for one.
    private mutating func repeated(
        _ inner: PlanNode, at time: Int64, on grid: TimeGrid
    ) throws(EvaluationFailure) -> Value {
        // What fragments gave is kept by node, and a node is asked for one grid only.
        switch try value(of: inner, on: TimeGrid(instant: time)) {
        case .scalar(let values):
            return .scalar([Double](repeating: values[0], count: grid.count))
        case .vector(let series):
            try budget.charge(series.count * grid.count)
            return .vector(series.map { $0.repeated(grid.count) })
        case .string(let text):
            return .string(text)
        }
    }

    private func absence(of input: [GridSeries], _ labels: Labels, count: Int) -> GridSeries {
        var result = GridSeries(labels: labels, values: [Double](repeating: 1, count: count))
        for series in input {
            for (time, value) in series.values.enumerated() where !Absent.isAbsent(value) {
                result.values[time] = Absent.value
            }
            for point in series.histograms { result.values[point.index] = Absent.value }
        }
        return result
    }
}

extension GridSeries {
    /// A series of one time with what it has there at `count` times.
    fileprivate func repeated(_ count: Int) -> GridSeries {
        GridSeries(
            labels: labels, values: [Double](repeating: values[0], count: count),
            histograms: histograms.first.map { point in
                (0..<count).map { HistogramPoint(index: $0, histogram: point.histogram) }
            } ?? [], dropsMetricName: dropsMetricName)
    }
}
