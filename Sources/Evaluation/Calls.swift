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
        case .scalar: return .scalar(singleValues(try vector(node.arguments[0], on: grid), grid))
        case .vector:
            return .vector([
                GridSeries(labels: Labels(), values: try scalar(node.arguments[0], on: grid))
            ])
        case .sampleTime: return .vector(try times(node, on: grid))
        case .constant:
            // `time()` is a node of its own, so this is `pi()`.
            return .scalar([Double](repeating: .pi, count: grid.count))
        case .scalarArithmetic:
            let left = try scalar(node.arguments[0], on: grid)
            let right = try scalar(node.arguments[1], on: grid)
            let isMaximum = node.function.name == "max_of"
            return .scalar(
                zip(left, right).map {
                    isMaximum
                        ? ElementwiseFunctions.greater($0, $1)
                        : ElementwiseFunctions.lesser($0, $1)
                })
        case .overRange, .absent, .absentOverTime, .query, .info:
            preconditionFailure("planning leaves no such call")
        }
    }

    private mutating func elementwise(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard let kernel = ElementwiseFunctions.kernels[node.function.name] else {
            throw .unsupported("\(node.function.name)() cannot be computed here")
        }
        let input = try vector(node.arguments[0], on: grid)
        var parameters: [[Double]] = []
        for argument in node.arguments.dropFirst() {
            parameters.append(try scalar(argument, on: grid))
        }
        var result: [GridSeries] = []
        result.reserveCapacity(input.count)
        for series in input {
            try requireFloats(series, node.function.name)
            var values = series.values
            for time in values.indices where !Absent.isAbsent(values[time]) {
                values[time] = kernel(values[time], parameters.map { $0[time] }) ?? Absent.value
            }
            result.append(
                GridSeries(labels: series.labels.removingMetricName(), values: values))
        }
        return result
    }

    private mutating func calendar(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let name = node.function.name
        guard let argument = node.arguments.first else {
            let values = (0..<grid.count).map {
                CalendarFunctions.value(name, at: Double(grid.time(at: $0)) / 1000)
            }
            return [GridSeries(labels: Labels(), values: values)]
        }
        return try vector(argument, on: grid).map { series in
            GridSeries(
                labels: series.labels.removingMetricName(),
                values: series.values.map {
                    Absent.isAbsent($0) ? $0 : CalendarFunctions.value(name, at: $0)
                })
        }
    }

    /// `timestamp()` of something that is computed: the evaluation time.
    private mutating func times(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        try vector(node.arguments[0], on: grid).map { series in
            var values = series.values
            for time in values.indices where isPresent(series, time) {
                values[time] = Double(grid.time(at: time)) / 1000
            }
            return GridSeries(labels: series.labels.removingMetricName(), values: values)
        }
    }

    /// The value of the only float element at each time, else NaN.
    private func singleValues(_ input: [GridSeries], _ grid: TimeGrid) -> [Double] {
        (0..<grid.count).map { time in
            var found: Double?
            for series in input where !Absent.isAbsent(series.values[time]) {
                if found != nil { return .nan }
                found = series.values[time]
            }
            return found ?? .nan
        }
    }

    // MARK: Sorting

    private mutating func sorted(
        _ node: CallNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let input = try vector(node.arguments[0], on: grid).filter { !$0.isEmpty }
        // A range query's series are ordered by their labels whatever is asked.
        guard grid.count == 1 else { return input }
        let isDescending = node.function.name.hasSuffix("_desc")
        guard node.function.name.hasPrefix("sort_by_label") else {
            let floats = input.filter { !Absent.isAbsent($0.values[0]) }
            return floats.sorted { left, right in
                let (left, right) = (left.values[0], right.values[0])
                // NaN is last in either direction.
                if left.isNaN || right.isNaN { return !left.isNaN && right.isNaN }
                return isDescending ? left > right : left < right
            }
        }
        var names: [String] = []
        for argument in node.arguments.dropFirst() {
            if case .string(let name) = argument { names.append(name) }
        }
        return input.sorted { left, right in
            for name in names {
                let (first, second) = (left.labels[name] ?? "", right.labels[name] ?? "")
                if first == second { continue }
                let precedes = NaturalOrder.precedes(first, second)
                return isDescending ? !precedes : precedes
            }
            return isDescending ? right.labels < left.labels : left.labels < right.labels
        }
    }
}

/// The order in which numbers inside texts count as numbers: `node2` before `node10`.
enum NaturalOrder {
    static func precedes(_ left: String, _ right: String) -> Bool {
        var left = left.utf8[...]
        var right = right.utf8[...]
        func isDigit(_ byte: UInt8) -> Bool {
            byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        }
        while let first = left.first, let second = right.first {
            guard isDigit(first), isDigit(second) else {
                if first != second { return first < second }
                left = left.dropFirst()
                right = right.dropFirst()
                continue
            }
            let leftDigits = left.prefix(while: isDigit).drop { $0 == UInt8(ascii: "0") }
            let rightDigits = right.prefix(while: isDigit).drop { $0 == UInt8(ascii: "0") }
            if leftDigits.count != rightDigits.count {
                return leftDigits.count < rightDigits.count
            }
            if !leftDigits.elementsEqual(rightDigits) {
                return leftDigits.lexicographicallyPrecedes(rightDigits)
            }
            left = left.drop(while: isDigit)
            right = right.drop(while: isDigit)
        }
        return left.isEmpty && !right.isEmpty
    }
}
