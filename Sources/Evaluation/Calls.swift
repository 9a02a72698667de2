import Planning
import PromQL
import TimeSeries

extension Evaluator {
    mutating func value(
        ofCall node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> Value {
        switch node.function.kind {
        case .elementwise: return .vector(try elementwise(node, on: grid))
        case .calendar: return .vector(try calendar(node, on: grid))
        case .buckets: return .vector(try bucketed(node, on: grid))
        case .labels: return .vector(try relabelled(node, on: grid))
        case .sort: return .vector(try sorted(node, on: grid))
        case .sampleTime: return .vector(try sampleTimes(node, on: grid))
        case .scalar:
            return .scalar(singleValues(try vector(node.arguments[0], on: grid), grid))
        case .vector:
            return .vector([
                GridSeries(labels: Labels(), values: try scalar(node.arguments[0], on: grid))
            ])
        case .constant, .scalarArithmetic:
            return .scalar(try scalarCall(node, on: grid))
        case .overRange, .absent, .absentOverTime, .query, .info:
            preconditionFailure("planning leaves no such call")
        }
    }

    // MARK: Columns

    private mutating func elementwise(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard let function = ElementwiseFunctions.table[node.function.name] else {
            throw .unsupported(node.function.name + "()")
        }
        let input = try vector(node.arguments[0], on: grid)
        var parameters: [[Double]] = []
        for argument in node.arguments.dropFirst() {
            parameters.append(try scalar(argument, on: grid))
        }
        try budget.charge(input.count * grid.count)
        var result: [GridSeries] = []
        result.reserveCapacity(input.count)
        for series in input {
            var values: [Double]
            switch function {
            case .ofFloats(let kernel):
                values = series.values
                kernel(&values, parameters)
            case .ofHistograms(let kernel):
                values = [Double](repeating: Absent.value, count: grid.count)
                for point in series.histograms { values[point.index] = kernel(point.histogram) }
            }
            result.append(names.computed(from: series, values: values))
        }
        return try result.unified(.atOtherTimes)
    }

    private mutating func calendar(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard let kernel = CalendarFunctions.table[node.function.name] else {
            throw .unsupported(node.function.name + "()")
        }
        guard let argument = node.arguments.first else {
            let values = (0..<grid.count).map {
                Double(kernel(Moment(seconds: Double(grid.time(at: $0) / 1000))))
            }
            return [GridSeries(labels: Labels(), values: values)]
        }
        let input = try vector(argument, on: grid)
        try budget.charge(input.count * grid.count)
        return try input.map { series in
            names.computed(
                from: series,
                values: series.values.map {
                    Absent.isAbsent($0) ? $0 : Double(kernel(Moment(seconds: $0)))
                })
        }.unified(.atOtherTimes)
    }

    /// `timestamp()` of something that is computed: the evaluation time. When a computed value's
    /// series began is not known, so `start_timestamp()` has none.
    private mutating func sampleTimes(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let input = try vector(node.arguments[0], on: grid)
        guard Self.knownOfComputed.contains(node.function.name) else { return [] }
        try budget.charge(input.count * grid.count)
        return try input.map { series in
            var values = series.values
            for time in 0..<grid.count where series.isPresent(at: time) {
                values[time] = Double(grid.time(at: time)) / 1000
            }
            return names.computed(from: series, values: values)
        }.unified(.atOtherTimes)
    }

    /// The functions of sample times that computed values have.
    private static let knownOfComputed: Set<String> = ["timestamp"]

    // MARK: Scalars

    /// Functions of scalars alone, by their names.
    private static let scalarFunctions: [String: @Sendable ([Double]) -> Double] = [
        "max_of": { Numbers.greater($0[0], $0[1]) },
        "min_of": { Numbers.lesser($0[0], $0[1]) },
        "pi": { _ in .pi },
    ]

    private mutating func scalarCall(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [Double] {
        // `time()` is a node of its own.
        guard let function = Self.scalarFunctions[node.function.name] else {
            throw .unsupported(node.function.name + "()")
        }
        var arguments: [[Double]] = []
        for argument in node.arguments { arguments.append(try scalar(argument, on: grid)) }
        return (0..<grid.count).map { time in function(arguments.map { $0[time] }) }
    }

    /// The value of the only float at each time, else NaN.
    private func singleValues(_ input: [GridSeries], _ grid: TimeGrid) -> [Double] {
        var found = [Double](repeating: .nan, count: grid.count)
        var counts = [Int](repeating: 0, count: grid.count)
        for series in input {
            for time in 0..<grid.count where !Absent.isAbsent(series.values[time]) {
                found[time] = series.values[time]
                counts[time] += 1
            }
        }
        return zip(found, counts).map { $1 == 1 ? $0 : .nan }
    }
}
