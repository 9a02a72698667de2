import PromQL
import TimeSeries

/// What a window function may know beside the samples. Milliseconds.
struct WindowFacts {
    /// The window holds the samples in `(start, end]`.
    var start: Int64
    var end: Int64
    /// The evaluation time, which `@` and `offset` do not move.
    var now: Int64
    /// The function's scalar arguments in order; 0 where it has fewer.
    var parameters: (Double, Double)
}

/// One row of the table of window functions.
struct WindowFunction: Sendable {
    /// The result for the floats of a window that has some; `Absent.value` where there is none.
    /// The scratch keeps its room from window to window.
    typealias Kernel =
        @Sendable (
            _ times: Span<Int64>, _ values: Span<Double>, _ window: WindowFacts,
            _ scratch: inout [Double]
        ) -> Double

    let kernel: Kernel
    /// Whether the result is one of the series' own values, so that its name stays.
    var keepsMetric = false
    /// What the function does with a window that holds native histograms.
    var histograms = HistogramRule.ignored
    /// Whether it is meant for counters, so that other names are remarked on.
    var wantsCounter = false
    /// What the scalar arguments have to be; looked at where a window has floats.
    var check: ParameterCheck?
    /// What is computed of windows whose edges have values of their own; nil where the function
    /// does not know such windows.
    var extended: ExtendedRule?

    /// How a function treats `anchored` and `smoothed` windows.
    enum ExtendedRule: Sendable {
        /// The difference of the edges.
        case difference(isCounter: Bool, isRate: Bool)
        /// Looks at the last sample before an anchored window too; smoothed ones are refused.
        case fromBefore

        func allows(_ sampling: Selector.Sampling) -> Bool {
            switch (self, sampling) {
            case (_, .plain), (.difference, _), (.fromBefore, .anchored): true
            case (.fromBefore, .smoothed): false
            }
        }
    }

    enum HistogramRule: Sendable {
        /// Looks at the floats alone; a mix is remarked on.
        case ignored
        /// Each counts as a sample.
        case counted
        /// The result is the same, if the window has anything.
        case present
        case first, last
        case firstTime, lastTime
        /// Neighbours that differ are counted, those of two kinds always.
        case changes
        /// Neighbours between which a counter began anew, those of two kinds always.
        case resets
        /// The difference of the last and the first; a mix gives a warning and no result.
        case difference(isCounter: Bool, isRate: Bool)
        /// The difference of the last two samples, if both are histograms.
        case lastDifference(isRate: Bool)
        /// Their sum or mean; a mix gives a warning and no result.
        case total(isMean: Bool)
    }

    enum ParameterCheck: Sendable {
        /// The first is a quantile; others give a warning.
        case quantile
        /// Both are factors between 0 and 1; others are an error.
        case factors
    }
}

extension WindowFunction {
    static let table: [String: WindowFunction] = [
        "avg_over_time": WindowFunction(
            kernel: { _, values, _, _ in fold(MeanCell(), values) },
            histograms: .total(isMean: true)),
        "changes": WindowFunction(
            kernel: { _, values, _, _ in
                count(values) { $0 != $1 && !($0.isNaN && $1.isNaN) }
            }, histograms: .changes, extended: .fromBefore),
        "count_over_time": WindowFunction(
            kernel: { _, values, _, _ in Double(values.count) }, histograms: .counted),
        "delta": WindowFunction(
            kernel: { times, values, window, _ in
                Rates.extrapolated(times, values, window, isCounter: false, isRate: false)
            }, histograms: .difference(isCounter: false, isRate: false),
            extended: .difference(isCounter: false, isRate: false)),
        "deriv": WindowFunction(
            kernel: { times, values, _, _ in
                guard values.count > 1 else { return Absent.value }
                return Rates.regression(times, values, origin: times[0]).slope
            }),
        "double_exponential_smoothing": WindowFunction(
            kernel: { _, values, window, _ in
                Rates.smoothed(values, level: window.parameters.0, trend: window.parameters.1)
            }, check: .factors),
        "first_over_time": WindowFunction(
            kernel: { _, values, _, _ in values[0] }, keepsMetric: true, histograms: .first),
        "idelta": WindowFunction(
            kernel: { times, values, _, _ in Rates.instant(times, values, isRate: false) },
            histograms: .lastDifference(isRate: false)),
        "increase": WindowFunction(
            kernel: { times, values, window, _ in
                Rates.extrapolated(times, values, window, isCounter: true, isRate: false)
            }, histograms: .difference(isCounter: true, isRate: false), wantsCounter: true,
            extended: .difference(isCounter: true, isRate: false)),
        "irate": WindowFunction(
            kernel: { times, values, _, _ in Rates.instant(times, values, isRate: true) },
            histograms: .lastDifference(isRate: true)),
        "last_over_time": WindowFunction(
            kernel: { _, values, _, _ in values[values.count - 1] }, keepsMetric: true,
            histograms: .last),
        "mad_over_time": WindowFunction(
            kernel: { _, values, _, scratch in medianDeviation(values, &scratch) }),
        "max_over_time": WindowFunction(
            kernel: { _, values, _, _ in fold(GreatestCell(), values) }),
        "min_over_time": WindowFunction(
            kernel: { _, values, _, _ in fold(LeastCell(), values) }),
        "predict_linear": WindowFunction(
            kernel: { times, values, window, _ in
                guard values.count > 1 else { return Absent.value }
                let line = Rates.regression(times, values, origin: window.now)
                return line.slope * window.parameters.0 + line.intercept
            }),
        "present_over_time": WindowFunction(
            kernel: { _, _, _, _ in 1 }, histograms: .present),
        "quantile_over_time": WindowFunction(
            kernel: { _, values, window, scratch in
                copy(values, to: &scratch)
                return Quantile.of(&scratch, window.parameters.0)
            }, check: .quantile),
        "rate": WindowFunction(
            kernel: { times, values, window, _ in
                Rates.extrapolated(times, values, window, isCounter: true, isRate: true)
            }, histograms: .difference(isCounter: true, isRate: true), wantsCounter: true,
            extended: .difference(isCounter: true, isRate: true)),
        "resets": WindowFunction(
            kernel: { _, values, _, _ in count(values) { $1 < $0 } }, histograms: .resets,
            extended: .fromBefore),
        "stddev_over_time": WindowFunction(
            kernel: { _, values, _, _ in variance(values).squareRoot() }),
        "stdvar_over_time": WindowFunction(kernel: { _, values, _, _ in variance(values) }),
        "sum_over_time": WindowFunction(
            kernel: { _, values, _, _ in fold(SumCell(), values) },
            histograms: .total(isMean: false)),
        "ts_of_first_over_time": WindowFunction(
            kernel: { times, _, _, _ in seconds(times[0]) }, histograms: .firstTime),
        "ts_of_last_over_time": WindowFunction(
            kernel: { times, _, _, _ in seconds(times[times.count - 1]) },
            histograms: .lastTime),
        "ts_of_max_over_time": WindowFunction(
            kernel: { times, values, _, _ in time(times, values) { $0 >= $1 } }),
        "ts_of_min_over_time": WindowFunction(
            kernel: { times, values, _, _ in time(times, values) { $0 <= $1 } }),
    ]

    private static func seconds(_ milliseconds: Int64) -> Double { Double(milliseconds) / 1000 }

    private static func fold(_ cell: some AggregationCell, _ values: Span<Double>) -> Double {
        var cell = cell
        for index in values.indices { cell.add(values[index]) }
        return cell.result
    }

    /// How many neighbours are so.
    @inline(__always)
    private static func count(
        _ values: Span<Double>, _ isCounted: (Double, Double) -> Bool
    ) -> Double {
        var count = 0.0
        for index in 1..<max(1, values.count) where isCounted(values[index - 1], values[index]) {
            count += 1
        }
        return count
    }

    /// The last time of the value that is at least as good as all others; NaN is worst.
    @inline(__always)
    private static func time(
        _ times: Span<Int64>, _ values: Span<Double>, _ isAsGood: (Double, Double) -> Bool
    ) -> Double {
        var best = 0
        for index in values.indices
        where isAsGood(values[index], values[best]) || values[best].isNaN {
            best = index
        }
        return seconds(times[best])
    }

    /// The population's variance, by Welford's recurrence with compensated sums.
    private static func variance(_ values: Span<Double>) -> Double {
        var mean = CompensatedSum()
        var squares = CompensatedSum()
        for index in values.indices {
            let value = values[index]
            let delta = value - mean.value
            mean.add(delta / Double(index + 1))
            squares.add(delta * (value - mean.value))
        }
        return squares.value / Double(values.count)
    }

    /// The median of the distances from the median; NaN where any value is.
    private static func medianDeviation(
        _ values: Span<Double>, _ scratch: inout [Double]
    ) -> Double {
        copy(values, to: &scratch)
        if scratch.contains(where: \.isNaN) { return .nan }
        let median = Quantile.of(&scratch, 0.5)
        for index in scratch.indices { scratch[index] = (scratch[index] - median).magnitude }
        return Quantile.of(&scratch, 0.5)
    }

    private static func copy(_ values: Span<Double>, to scratch: inout [Double]) {
        scratch.removeAll(keepingCapacity: true)
        for index in values.indices { scratch.append(values[index]) }
    }
}
