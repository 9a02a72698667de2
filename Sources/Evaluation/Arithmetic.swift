import PromQL
import TimeSeries

/// What binary operators do to numbers: a column at a time, the operator chosen once.
enum Arithmetic {
    /// What a comparison leaves.
    enum ComparisonResult {
        /// The left value where the comparison holds, else nothing.
        case left
        /// The right value where the comparison holds, else nothing.
        case right
        /// 1 or 0.
        case truth
    }

    /// Two columns put together; absent where either side is.
    static func column(
        _ operation: BinaryOperator, _ left: [Double], _ right: [Double],
        comparison: ComparisonResult = .truth
    ) -> [Double] {
        switch operation {
        case .add: mapped(left, right) { $0 + $1 }
        case .subtract: mapped(left, right) { $0 - $1 }
        case .multiply: mapped(left, right) { $0 * $1 }
        case .divide: mapped(left, right) { $0 / $1 }
        case .modulo: mapped(left, right) { Numbers.remainder($0, $1) }
        case .power: mapped(left, right) { Numbers.power($0, $1) }
        case .atan2: mapped(left, right) { Numbers.arcTangent($0, $1) }
        case .equal: compared(left, right, comparison) { $0 == $1 }
        case .notEqual: compared(left, right, comparison) { $0 != $1 }
        case .greater: compared(left, right, comparison) { $0 > $1 }
        case .less: compared(left, right, comparison) { $0 < $1 }
        case .greaterOrEqual: compared(left, right, comparison) { $0 >= $1 }
        case .lessOrEqual: compared(left, right, comparison) { $0 <= $1 }
        // Trimming is for histograms; the set operators look at labels alone.
        case .trimLower, .trimUpper, .and, .or, .unless:
            mapped(left, right) { _, _ in Absent.value }
        }
    }

    @inline(__always)
    private static func mapped(
        _ left: [Double], _ right: [Double], _ kernel: (Double, Double) -> Double
    ) -> [Double] {
        var result = left
        for time in result.indices where !Absent.isAbsent(result[time]) {
            result[time] =
                Absent.isAbsent(right[time]) ? Absent.value : kernel(result[time], right[time])
        }
        return result
    }

    @inline(__always)
    private static func compared(
        _ left: [Double], _ right: [Double], _ result: ComparisonResult,
        _ kernel: (Double, Double) -> Bool
    ) -> [Double] {
        switch result {
        case .left: mapped(left, right) { kernel($0, $1) ? $0 : Absent.value }
        case .right: mapped(left, right) { kernel($0, $1) ? $1 : Absent.value }
        case .truth: mapped(left, right) { kernel($0, $1) ? 1 : 0 }
        }
    }
}
