import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// A function over windows of a vector that is computed here.
    mutating func windowed(
        _ node: WindowNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard let kernel = WindowFunctions.kernels[node.function.name] else {
            throw .unsupported("\(node.function.name)() cannot be computed here")
        }
        let input = try vector(node.input, on: node.grid)
        var parameters: [[Double]] = []
        for argument in node.arguments {
            if let argument { parameters.append(try scalar(argument, on: grid)) }
        }
        try check(parameters, of: node.function)
        let keepsName = WindowFunctions.keepingName.contains(node.function.name)
        var result: [GridSeries] = []
        for series in input {
            if limits.shouldStop() { throw .stopped }
            try requireFloats(series, node.function.name)
            let samples = Samples(series, on: node.grid)
            var one = GridSeries(
                labels: keepsName ? series.labels : series.labels.removingMetricName(),
                count: grid.count)
            for time in 0..<grid.count {
                let now = grid.time(at: time)
                let end = (node.at ?? now) - node.offset
                let window = samples.window(after: end - node.range, upTo: end, evaluatedAt: now)
                if window.values.isEmpty { continue }
                one.values[time] = kernel(window, parameters.map { $0[time] }) ?? Absent.value
            }
            if !one.isEmpty { result.append(one) }
        }
        return result
    }

    private mutating func check(
        _ parameters: [[Double]], of function: Function
    ) throws(EvaluationFailure) {
        switch function.name {
        case "double_exponential_smoothing":
            for (values, name) in zip(parameters, ["smoothing", "trend"]) {
                for value in values where !(value > 0 && value < 1) {
                    let letter = name == "smoothing" ? "sf" : "tf"
                    throw .invalidParameter(
                        "invalid \(name) factor. Expected: 0 < \(letter) < 1, got: "
                            + NumberText.decimals(value, 6))
                }
            }
        case "quantile_over_time":
            for ratio in parameters[0] where !(ratio >= 0 && ratio <= 1) {
                annotations.warn(Remarks.invalidQuantile(ratio))
            }
        default: break
        }
    }
}

/// The points of one series with their times.
private struct Samples {
    private var times: [Int64] = []
    private var values: [Double] = []

    init(_ series: GridSeries, on grid: TimeGrid) {
        for (index, value) in series.values.enumerated() where !Absent.isAbsent(value) {
            times.append(grid.time(at: index))
            values.append(value)
        }
    }

    func window(after start: Int64, upTo end: Int64, evaluatedAt now: Int64) -> Window {
        let first = partition { $0 > start }
        let last = partition { $0 > end }
        return Window(
            times: times[first..<max(first, last)], values: values[first..<max(first, last)],
            start: start, end: end, now: now)
    }

    /// The first place whose time meets a condition that all later ones meet.
    private func partition(_ condition: (Int64) -> Bool) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if condition(times[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// What a window function looks at: the samples in `(start, end]`. Milliseconds.
struct Window {
    var times: ArraySlice<Int64>
    var values: ArraySlice<Double>
    var start: Int64
    var end: Int64
    /// The evaluation time, which `@` and `offset` do not move.
    var now: Int64

    var array: [Double] { Array(values) }
    var lengthSeconds: Double { Double(end - start) / 1000 }
}

/// Functions of a window, by their names.
enum WindowFunctions {
    /// The result, or nil where there is none.
    typealias Kernel = @Sendable (_ window: Window, _ parameters: [Double]) -> Double?

    /// The functions that give one of the series' own values.
    static let keepingName: Set<String> = ["last_over_time", "first_over_time"]

    static let kernels: [String: Kernel] = [
        "avg_over_time": { window, _ in Kernels.mean(window.array) },
        "changes": { window, _ in
            pairs(window).reduce(0) { count, pair in
                pair.0 == pair.1 || (pair.0.isNaN && pair.1.isNaN) ? count : count + 1
            }
        },
        "count_over_time": { window, _ in Double(window.values.count) },
        "delta": { window, _ in Rates.extrapolated(window, isCounter: false, isRate: false) },
        "deriv": { window, _ in
            guard window.values.count > 1, let origin = window.times.first else { return nil }
            return Rates.regression(window, origin: origin).slope
        },
        "double_exponential_smoothing": { window, factors in
            Rates.smoothed(window.array, factors[0], factors[1])
        },
        "first_over_time": { window, _ in window.values.first },
        "idelta": { window, _ in Rates.instant(window, isRate: false) },
        "increase": { window, _ in Rates.extrapolated(window, isCounter: true, isRate: false) },
        "irate": { window, _ in Rates.instant(window, isRate: true) },
        "last_over_time": { window, _ in window.values.last },
        "mad_over_time": { window, _ in
            let median = Quantile.of(window.array, 0.5)
            return Quantile.of(window.values.map { ($0 - median).magnitude }, 0.5)
        },
        "max_over_time": { window, _ in Kernels.greatest(window.array) },
        "min_over_time": { window, _ in Kernels.least(window.array) },
        "predict_linear": { window, ahead in
            guard window.values.count > 1 else { return nil }
            let line = Rates.regression(window, origin: window.now)
            return line.slope * ahead[0] + line.intercept
        },
        "present_over_time": { _, _ in 1 },
        "quantile_over_time": { window, ratio in Quantile.of(window.array, ratio[0]) },
        "rate": { window, _ in Rates.extrapolated(window, isCounter: true, isRate: true) },
        "resets": { window, _ in
            pairs(window).reduce(0) { $1.1 < $1.0 ? $0 + 1 : $0 }
        },
        "stddev_over_time": { window, _ in Kernels.variance(window.array).squareRoot() },
        "stdvar_over_time": { window, _ in Kernels.variance(window.array) },
        "sum_over_time": { window, _ in Kernels.sum(window.array) },
        "ts_of_first_over_time": { window, _ in window.times.first.map(seconds) },
        "ts_of_last_over_time": { window, _ in window.times.last.map(seconds) },
        "ts_of_max_over_time": { window, _ in
            time(window, of: Kernels.greatest(window.array))
        },
        "ts_of_min_over_time": { window, _ in time(window, of: Kernels.least(window.array)) },
    ]

    private static func pairs(_ window: Window) -> Zip2Sequence<[Double], ArraySlice<Double>> {
        zip(window.array, window.values.dropFirst())
    }

    private static func seconds(_ milliseconds: Int64) -> Double { Double(milliseconds) / 1000 }

    /// The latest time of a value.
    private static func time(_ window: Window, of value: Double) -> Double? {
        zip(window.times, window.values).reversed()
            .first { $0.1 == value || ($0.1.isNaN && value.isNaN) }.map { seconds($0.0) }
    }
}
