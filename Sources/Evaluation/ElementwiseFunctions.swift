import TimeSeries

/// Functions of one number, and some parameters, by their names.
enum ElementwiseFunctions {
    /// What a function does to a series.
    enum Row: Sendable {
        /// Changes the floats of a column; what is absent stays so. The parameters are columns too.
        /// Histograms give nothing.
        case ofFloats(@Sendable (_ values: inout [Double], _ parameters: [[Double]]) -> Void)
        /// Of histograms; floats give nothing.
        case ofHistograms(@Sendable (NativeHistogram) -> Double)
    }

    static let table: [String: Row] = [
        "abs": each { $0.magnitude },
        "acos": each(Numbers.arcCosine),
        "acosh": each(Numbers.areaCosine),
        "asin": each(Numbers.arcSine),
        "asinh": each(Numbers.areaSine),
        "atan": each(Numbers.arcTangent),
        "atanh": each(Numbers.areaTangent),
        "ceil": each { $0.rounded(.up) },
        "clamp": .ofFloats { values, bounds in clamp(&values, from: bounds[0], to: bounds[1]) },
        "clamp_max": .ofFloats { values, bounds in clamp(&values, to: bounds[0]) },
        "clamp_min": .ofFloats { values, bounds in clamp(&values, from: bounds[0]) },
        "cos": each(Numbers.cosine),
        "cosh": each(Numbers.hyperbolicCosine),
        "deg": each { $0 * 180 / .pi },
        "exp": each(Numbers.exponential),
        "floor": each { $0.rounded(.down) },
        "histogram_avg": .ofHistograms(\.average),
        "histogram_count": .ofHistograms { $0.count },
        "histogram_stddev": .ofHistograms(\.standardDeviation),
        "histogram_stdvar": .ofHistograms(\.variance),
        "histogram_sum": .ofHistograms { $0.sum },
        "ln": each(Numbers.logarithm),
        "log10": each(Numbers.logarithm10),
        "log2": each(Numbers.logarithm2),
        "rad": each { $0 * .pi / 180 },
        "round": .ofFloats { values, nearest in round(&values, to: nearest.first) },
        "sgn": each { $0 < 0 ? -1 : $0 > 0 ? 1 : $0 },
        "sin": each(Numbers.sine),
        "sinh": each(Numbers.hyperbolicSine),
        "sqrt": each { $0.squareRoot() },
        "tan": each(Numbers.tangent),
        "tanh": each(Numbers.hyperbolicTangent),
    ]

    @inline(__always)
    private static func each(_ kernel: @escaping @Sendable (Double) -> Double) -> Row {
        .ofFloats { values, _ in
            for time in values.indices where !Absent.isAbsent(values[time]) {
                values[time] = kernel(values[time])
            }
        }
    }

    private static func clamp(
        _ values: inout [Double], from least: [Double]? = nil, to greatest: [Double]? = nil
    ) {
        for time in values.indices where !Absent.isAbsent(values[time]) {
            let low = least?[time] ?? -.infinity
            let high = greatest?[time] ?? .infinity
            // Bounds the wrong way round leave nothing.
            values[time] =
                high < low
                ? Absent.value : Numbers.greater(low, Numbers.lesser(high, values[time]))
        }
    }

    private static func round(_ values: inout [Double], to nearest: [Double]?) {
        for time in values.indices where !Absent.isAbsent(values[time]) {
            // The inverse first: multiples of 0.1 come out as people write them.
            let inverse = 1 / (nearest?[time] ?? 1)
            values[time] = (values[time] * inverse + 0.5).rounded(.down) / inverse
        }
    }
}
