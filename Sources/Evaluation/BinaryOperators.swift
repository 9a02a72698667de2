import Glibc
import Planning
import PromQL
import TimeSeries

/// What binary operators do to two numbers.
enum Arithmetic {
    static func applied(_ operation: BinaryOperator, _ left: Double, _ right: Double) -> Double {
        switch operation {
        case .add: left + right
        case .subtract: left - right
        case .multiply: left * right
        case .divide: left / right
        case .modulo: fmod(left, right)
        case .power: pow(left, right)
        case .atan2: Glibc.atan2(left, right)
        case .equal: left == right ? 1 : 0
        case .notEqual: left != right ? 1 : 0
        case .greater: left > right ? 1 : 0
        case .less: left < right ? 1 : 0
        case .greaterOrEqual: left >= right ? 1 : 0
        case .lessOrEqual: left <= right ? 1 : 0
        case .and, .or, .unless, .trimLower, .trimUpper: .nan
        }
    }
}

extension Evaluator {
    mutating func value(
        ofBinary node: BinaryNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> Value {
        if node.operator == .trimLower || node.operator == .trimUpper {
            throw .nativeHistograms(operation: node.operator.rawValue)
        }
        let left = try value(of: node.left, on: grid)
        let right = try value(of: node.right, on: grid)
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)):
            return .scalar(zip(left, right).map { Arithmetic.applied(node.operator, $0, $1) })
        case (.vector(let series), .scalar(let numbers)):
            return .vector(
                try withScalar(node, series, numbers, scalarIsLeft: false))
        case (.scalar(let numbers), .vector(let series)):
            return .vector(try withScalar(node, series, numbers, scalarIsLeft: true))
        case (.vector(let left), .vector(let right)):
            if node.operator.isSet { return .vector(combined(node, left, right, on: grid)) }
            return .vector(try matched(node, left, right, on: grid))
        case (.string, _), (_, .string):
            preconditionFailure("the parser has checked the types")
        }
    }

    private func withScalar(
        _ node: BinaryNode, _ series: [GridSeries], _ numbers: [Double], scalarIsLeft: Bool
    ) throws(EvaluationFailure) -> [GridSeries] {
        let filters = node.operator.isComparison && !node.returnsBool
        var result: [GridSeries] = []
        result.reserveCapacity(series.count)
        for one in series {
            try requireFloats(one, node.operator.rawValue)
            var values = one.values
            for (time, value) in one.values.enumerated() where !Absent.isAbsent(value) {
                let computed =
                    scalarIsLeft
                    ? Arithmetic.applied(node.operator, numbers[time], value)
                    : Arithmetic.applied(node.operator, value, numbers[time])
                // A filter keeps the vector's own value, whichever side it is on.
                values[time] = filters ? (computed == 1 ? value : Absent.value) : computed
            }
            let labels = filters ? one.labels : one.labels.removingMetricName()
            result.append(GridSeries(labels: labels, values: values))
        }
        return result
    }

    // MARK: Set operators

    private func combined(
        _ node: BinaryNode, _ left: [GridSeries], _ right: [GridSeries], on grid: TimeGrid
    ) -> [GridSeries] {
        let signature = Signature(node.matching ?? VectorMatching())
        switch node.operator {
        case .and, .unless:
            let presence = self.presence(of: right, signature, grid)
            let keepsPresent = node.operator == .and
            return left.map { series in
                let there = presence[signature.key(series.labels)]
                return filtered(series) { (there?[$0] ?? false) == keepsPresent }
            }
        default:
            let presence = self.presence(of: left, signature, grid)
            let added = right.map { series in
                let there = presence[signature.key(series.labels)]
                return filtered(series) { !(there?[$0] ?? false) }
            }
            return left + added.filter { !$0.isEmpty }
        }
    }

    /// At which times any series of each signature has something.
    private func presence(
        of series: [GridSeries], _ signature: Signature, _ grid: TimeGrid
    ) -> [Labels: [Bool]] {
        var result: [Labels: [Bool]] = [:]
        for one in series {
            let key = signature.key(one.labels)
            var there = result.removeValue(forKey: key)
                ?? [Bool](repeating: false, count: grid.count)
            for (time, value) in one.values.enumerated() where !Absent.isAbsent(value) {
                there[time] = true
            }
            for point in one.histograms { there[point.index] = true }
            result[key] = there
        }
        return result
    }

    private func filtered(_ series: GridSeries, _ keeps: (Int) -> Bool) -> GridSeries {
        var result = series
        for time in series.values.indices where !keeps(time) {
            result.values[time] = Absent.value
        }
        result.histograms.removeAll { !keeps($0.index) }
        return result
    }
}

/// The labels by which the series of two vectors find each other.
struct Signature {
    private let names: LabelNames
    private let isOn: Bool

    init(_ matching: VectorMatching) {
        switch matching.labels {
        case .on(let labels):
            names = LabelNames(labels)
            isOn = true
        case .ignoring(let labels):
            names = LabelNames(labels + [Labels.metricNameLabel])
            isOn = false
        }
    }

    func key(_ labels: Labels) -> Labels {
        isOn ? (names.isEmpty ? Labels() : labels.keeping(names)) : labels.removing(names)
    }
}
