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

/// Walks the remainder of a plan, bottom-up.
struct Evaluator {
    let inputs: EvaluationInputs
    let limits: EvaluationLimits
    var annotations = Annotations()
    var cancelledSums: Set<String> = []
    private var sampleCount = 0

    init(inputs: EvaluationInputs, limits: EvaluationLimits) {
        self.inputs = inputs
        self.limits = limits
    }

    mutating func value(
        of node: PlanNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> Value {
        if limits.shouldStop() { throw .stopped }
        switch node {
        case .number(let number):
            return .scalar([Double](repeating: number, count: grid.count))
        case .string(let text):
            return .string(text)
        case .time:
            return .scalar((0..<grid.count).map { Double(grid.time(at: $0)) / 1000 })
        case .fragment(let index):
            return .vector(try charged(Array(inputs.fragments[index].parts.joined())))
        case .merged(let fragment, let operation, let origin):
            let merged = try Merge(grid.count).merged(
                inputs.fragments[fragment].parts, operation)
            if merged.isCancelled { cancelledSums.insert(origin) }
            return .vector(try charged(merged.series))
        case .average(let sum, let count, let origin):
            let merged = try Merge(grid.count).average(
                sums: inputs.fragments[sum].parts, counts: inputs.fragments[count].parts)
            if merged.isCancelled { cancelledSums.insert(origin) }
            return .vector(try charged(merged.series))
        case .call(let call):
            return try value(ofCall: call, on: grid)
        case .aggregation(let aggregation):
            return .vector(try charged(try aggregated(aggregation, on: grid)))
        case .binary(let operation):
            return try value(ofBinary: operation, on: grid)
        case .negated(let inner):
            return try negated(inner, on: grid)
        case .absent(let input, let labels):
            return .vector([absence(of: try vector(input, on: grid), labels, count: grid.count)])
        case .window(let window):
            return .vector(try charged(try windowed(window, on: grid)))
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

    /// The vector, its size counted against the limit.
    private mutating func charged(
        _ series: [GridSeries]
    ) throws(EvaluationFailure) -> [GridSeries] {
        sampleCount += series.reduce(0) { $0 + $1.values.count }
        if sampleCount > limits.maximumSamples { throw .tooManySamples }
        return series
    }

    // MARK: The whole

    /// The answer's series in its order: that of a root sort or ranking, else by labels.
    mutating func finished(
        _ series: [GridSeries], root: PlanNode, grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let present = series.filter { !$0.isEmpty }
        let ordered = present.sorted { $0.labels < $1.labels }
        for (left, right) in zip(ordered, ordered.dropFirst()) where left.labels == right.labels {
            if overlap(left, right) { throw .duplicateLabels }
        }
        return grid.count == 1 && root.hasOwnOrder ? present : merged(ordered)
    }

    private func overlap(_ left: GridSeries, _ right: GridSeries) -> Bool {
        for index in left.values.indices
        where isPresent(left, index) && isPresent(right, index) {
            return true
        }
        return false
    }

    func isPresent(_ series: GridSeries, _ index: Int) -> Bool {
        !Absent.isAbsent(series.values[index])
            || series.histograms.contains { $0.index == index }
    }

    /// Series with the same labels at different times are one.
    private func merged(_ ordered: [GridSeries]) -> [GridSeries] {
        var result: [GridSeries] = []
        for series in ordered {
            guard let last = result.indices.last, result[last].labels == series.labels else {
                result.append(series)
                continue
            }
            for (index, value) in series.values.enumerated() where !Absent.isAbsent(value) {
                result[last].values[index] = value
            }
            result[last].histograms = (result[last].histograms + series.histograms)
                .sorted { $0.index < $1.index }
        }
        return result
    }

    // MARK: Small nodes

    private mutating func negated(
        _ inner: PlanNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> Value {
        switch try value(of: inner, on: grid) {
        case .scalar(let values): return .scalar(values.map { -$0 })
        case .vector(let series):
            return .vector(
                try series.map { one throws(EvaluationFailure) in
                    try requireFloats(one, "negation")
                    return GridSeries(
                        labels: one.labels.removingMetricName(),
                        values: one.values.map { Absent.isAbsent($0) ? $0 : -$0 })
                })
        case .string: preconditionFailure("the parser has checked the types")
        }
    }

    private func absence(of input: [GridSeries], _ labels: Labels, count: Int) -> GridSeries {
        var result = GridSeries(labels: labels, values: [Double](repeating: 1, count: count))
        for series in input {
            for (index, value) in series.values.enumerated() where !Absent.isAbsent(value) {
                result.values[index] = Absent.value
            }
            for point in series.histograms { result.values[point.index] = Absent.value }
        }
        return result
    }

    func requireFloats(
        _ series: GridSeries, _ operation: @autoclosure () -> String
    ) throws(EvaluationFailure) {
        if !series.histograms.isEmpty { throw .nativeHistograms(operation: operation()) }
    }
}

extension PlanNode {
    /// Whether the order of the node's series means something in an instant query.
    var hasOwnOrder: Bool {
        switch self {
        case .call(let call): call.function.kind == .sort
        case .aggregation(let aggregation):
            aggregation.operator == .topk || aggregation.operator == .bottomk
        default: false
        }
    }
}
