import PromQL
import TimeSeries

/// Finds comparisons, sums and differences of numbers that are measured in different units.
struct UnitAnalysis {
    private(set) var findings: [LintFinding] = []

    /// What the values of an expression are.
    struct Measure: Hashable {
        /// Nil where no name says it.
        var unit: MeasureUnit?
        var isPerSecond = false

        static let unknown = Measure()
    }

    static func findings(in expression: Expression) -> [LintFinding] {
        var analysis = UnitAnalysis()
        _ = analysis.measure(of: expression)
        return analysis.findings
    }

    private mutating func measure(of expression: Expression) -> Measure {
        switch expression {
        case .number(let literal):
            return literal.isDuration ? Measure(unit: .seconds) : .unknown
        case .string: return .unknown
        case .selector(let selector): return measure(of: selector)
        case .range(let range): return measure(of: range.selector)
        case .subquery(let subquery): return measure(of: subquery.expression)
        case .call(let call): return measure(of: call)
        case .aggregation(let aggregation):
            let inner = measure(of: aggregation.expression)
            switch aggregation.operator {
            case .count, .group, .countValues, .stdvar: return .unknown
            default: return inner
            }
        case .binary(let operation): return measure(of: operation)
        case .unary(let operation): return measure(of: operation.expression)
        case .parenthesized(let group): return measure(of: group.expression)
        }
    }

    private func measure(of selector: Selector) -> Measure {
        Measure(unit: selector.fixedName.flatMap(MeasureUnit.init(metric:)))
    }

    // MARK: Calls

    /// Functions whose values are measured like those of their argument.
    private static let passing: Set<String> = [
        "abs", "avg_over_time", "ceil", "clamp", "clamp_max", "clamp_min", "delta",
        "double_exponential_smoothing", "first_over_time", "floor", "histogram_avg",
        "histogram_sum", "holt_winters", "idelta", "increase", "label_join", "label_replace",
        "last_over_time", "max_over_time", "min_over_time", "predict_linear", "round", "scalar",
        "sort", "sort_by_label", "sort_by_label_desc", "sort_desc", "stddev_over_time",
        "sum_over_time", "vector",
    ]

    private mutating func measure(of call: Call) -> Measure {
        let arguments = call.arguments.map { measure(of: $0) }
        switch call.function.name {
        case "time", "timestamp": return Measure(unit: .seconds)
        case "rate", "irate", "deriv":
            return Measure(unit: arguments.first?.unit, isPerSecond: true)
        // The bounds of the buckets are measured, not how many observations there are.
        case "histogram_quantile": return Measure(unit: arguments.last?.unit)
        case "quantile_over_time": return arguments.last ?? .unknown
        case let name where Self.passing.contains(name): return arguments.first ?? .unknown
        default: return .unknown
        }
    }

    // MARK: Operators

    private mutating func measure(of operation: BinaryOperation) -> Measure {
        let left = measure(of: operation.left)
        let right = measure(of: operation.right)
        switch operation.operator {
        case .add, .subtract:
            compare(left, right, in: operation)
            return left.unit == nil ? right : left
        case .multiply:
            if let factor = operation.right.literal { return left.divided(by: 1 / factor) }
            if let factor = operation.left.literal { return right.divided(by: 1 / factor) }
            return .unknown
        case .divide:
            if let divisor = operation.right.literal { return left.divided(by: divisor) }
            // The mean of observations: what they sum up to by how many there are.
            guard right.unit == nil, left.isPerSecond == right.isPerSecond,
                operation.right.countsObservations
            else { return .unknown }
            return Measure(unit: left.unit)
        case .or: return left == right ? left : .unknown
        case .and, .unless: return left
        case _ where operation.operator.isComparison:
            compare(left, right, in: operation)
            noteNumber(left, in: operation)
            return operation.returnsBool ? .unknown : left
        default: return .unknown
        }
    }

    private mutating func compare(
        _ left: Measure, _ right: Measure, in operation: BinaryOperation
    ) {
        guard left.isPerSecond == right.isPerSecond, let first = left.unit,
            let second = right.unit, first != second
        else { return }
        findings.append(
            LintFinding(
                .mixedUnits,
                "\(Expression.binary(operation).text()): the left side is in \(first.name), the "
                    + "right side in \(second.name)"))
    }

    /// A plain number says nothing of its unit, but its size may.
    private mutating func noteNumber(_ measure: Measure, in operation: BinaryOperation) {
        guard !measure.isPerSecond, let unit = measure.unit,
            let number = operation.right.literal, number > 0,
            [.greater, .greaterOrEqual].contains(operation.operator)
        else { return }
        let text = Expression.binary(operation).text()
        if unit.name == "milliseconds", number <= 2 {
            findings.append(
                LintFinding(
                    .mixedUnits,
                    "\(text): the left side is in milliseconds, is \(NumberText.general(number)) "
                        + "meant in seconds?"))
        } else if unit.name == "ratio", number >= 2 {
            findings.append(
                LintFinding(
                    .mixedUnits,
                    "\(text): the left side is a ratio, is \(NumberText.general(number)) meant in "
                        + "percent?"))
        }
    }
}

extension UnitAnalysis.Measure {
    /// Of numbers divided by a plain number.
    fileprivate func divided(by divisor: Double) -> Self {
        UnitAnalysis.Measure(
            unit: unit.flatMap { divisor == 1 ? $0 : $0.divided(by: divisor) },
            isPerSecond: isPerSecond)
    }
}

extension Expression {
    /// Whether it is about metrics that count a histogram's observations.
    fileprivate var countsObservations: Bool {
        switch self {
        case .selector(let selector): selector.fixedName?.hasSuffix("_count") ?? false
        case .range(let range): range.selector.fixedName?.hasSuffix("_count") ?? false
        default: children.contains { $0.countsObservations }
        }
    }
}
