import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// A function over windows of a vector that is computed here.
    mutating func windowed(
        _ node: WindowNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard let function = WindowFunction.table[node.function.name] else {
            throw .unsupported(node.function.name + "()")
        }
        let input = try windowInput(node)
        var parameters: [[Double]] = []
        for argument in node.arguments {
            if let argument { parameters.append(try scalar(argument, on: grid)) }
        }
        try budget.charge(input.count * grid.count)
        var walk = WindowWalk(node, function, parameters, on: grid)
        var result: [GridSeries] = []
        result.reserveCapacity(input.count)
        for series in input {
            try budget.work(series.values.count)
            let one = try walk.column(of: series)
            try budget.work(walk.takeSamplesSeen())
            if !one.isEmpty { result.append(one) }
        }
        annotations.add(walk.annotations)
        return try result.unified(.never)
    }

    /// What a subquery is over may be a scalar: `sum_over_time(1[5m:1m])`.
    private mutating func windowInput(
        _ node: WindowNode
    ) throws(EvaluationFailure) -> [GridSeries] {
        switch try value(of: node.input, on: node.grid) {
        case .vector(let series): return series
        case .scalar(let values): return [GridSeries(labels: Labels(), values: values)]
        case .string: preconditionFailure("the parser has checked the types")
        }
    }
}

/// Walks the windows of series after series.
private struct WindowWalk {
    private let node: WindowNode
    private let function: WindowFunction
    private let grid: TimeGrid
    private let parameters: [[Double]]
    private(set) var annotations = Annotations()
    /// How many samples all windows held since last asked.
    private var samplesSeen = 0

    // The floats of the series at hand, kept for their room.
    private var times: [Int64] = []
    private var values: [Double] = []
    private var scratch: [Double] = []

    init(
        _ node: WindowNode, _ function: WindowFunction, _ parameters: [[Double]],
        on grid: TimeGrid
    ) {
        self.node = node
        self.function = function
        self.parameters = parameters
        self.grid = grid
    }

    mutating func takeSamplesSeen() -> Int {
        defer { samplesSeen = 0 }
        return samplesSeen
    }

    mutating func column(of series: GridSeries) throws(EvaluationFailure) -> GridSeries {
        readSamples(of: series)
        var result = GridSeries(
            labels: function.keepsMetric ? series.labels : series.labels.withoutMetric,
            count: grid.count)
        var floats = SlidingWindow()
        var histograms = SlidingWindow()
        let histogramTimes = series.histograms.map { node.grid.time(at: $0.index) }
        for time in 0..<grid.count {
            let facts = facts(at: time)
            floats.move(to: facts, over: times)
            samplesSeen += floats.range.count
            if !histogramTimes.isEmpty {
                histograms.move(to: facts, over: histogramTimes)
                if !histograms.range.isEmpty {
                    try addMixed(
                        series, histograms.range, histogramTimes, floats.range, facts,
                        at: time, to: &result)
                    continue
                }
            }
            if floats.range.isEmpty { continue }
            result.values[time] = try compute(floats.range, facts)
        }
        remarkOnName(of: series, result)
        return result
    }

    private mutating func readSamples(of series: GridSeries) {
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        for index in series.values.indices where !Absent.isAbsent(series.values[index]) {
            times.append(node.grid.time(at: index))
            values.append(series.values[index])
        }
    }

    private func facts(at time: Int) -> WindowFacts {
        let now = grid.time(at: time)
        let end = (node.at ?? now) - node.offset
        let first = parameters.isEmpty ? 0 : parameters[0][time]
        let second = parameters.count < 2 ? 0 : parameters[1][time]
        return WindowFacts(
            start: end - node.range, end: end, now: now, parameters: (first, second))
    }

    private mutating func compute(
        _ range: Range<Int>, _ facts: WindowFacts
    ) throws(EvaluationFailure) -> Double {
        if let check = function.check { try self.check(check, facts.parameters) }
        // Taken out meanwhile: the spans hold on to the rest.
        var scratch: [Double] = []
        swap(&scratch, &self.scratch)
        let result = function.kernel(
            times.span.extracting(range), values.span.extracting(range), facts, &scratch)
        swap(&scratch, &self.scratch)
        return result
    }

    private mutating func check(
        _ check: WindowFunction.ParameterCheck, _ parameters: (Double, Double)
    ) throws(EvaluationFailure) {
        switch check {
        case .quantile:
            if !Quantile.isValid(parameters.0) {
                annotations.warn(Remarks.invalidQuantile(parameters.0))
            }
        case .factors:
            // NaN goes through, as it does in Prometheus.
            if parameters.0 <= 0 || parameters.0 >= 1 {
                throw .invalidFactor(kind: "smoothing", letters: "sf", value: parameters.0)
            }
            if parameters.1 <= 0 || parameters.1 >= 1 {
                throw .invalidFactor(kind: "trend", letters: "tf", value: parameters.1)
            }
        }
    }

    /// Suffixes of names that counters have.
    private static let counterSuffixes = ["_total", "_sum", "_count", "_bucket"]

    private mutating func remarkOnName(of series: GridSeries, _ result: GridSeries) {
        guard function.wantsCounter, let name = series.labels.metricName,
            !Self.counterSuffixes.contains(where: name.hasSuffix),
            !result.values.allSatisfy(Absent.isAbsent)
        else { return }
        annotations.inform(Remarks.possiblyNoCounter(name))
    }

    // MARK: Windows with histograms

    /// The result of a window that holds native histograms.
    private mutating func addMixed(
        _ series: GridSeries, _ histograms: Range<Int>, _ histogramTimes: [Int64],
        _ floats: Range<Int>, _ facts: WindowFacts, at time: Int, to result: inout GridSeries
    ) throws(EvaluationFailure) {
        let metric = series.labels.metricName ?? ""
        let name = node.function.name
        let firstHistogram = histogramTimes[histograms.lowerBound]
        let lastHistogram = histogramTimes[histograms.upperBound - 1]
        switch function.histograms {
        case .ignored:
            guard !floats.isEmpty else { return }
            annotations.inform(Remarks.histogramsIgnored(inWindowOf: metric))
            result.values[time] = try compute(floats, facts)
        case .counted:
            result.values[time] = Double(floats.count + histograms.count)
        case .present:
            result.values[time] = 1
        case .first:
            if floats.isEmpty || firstHistogram <= times[floats.lowerBound] {
                result.add(series.histograms[histograms.lowerBound].histogram, at: time)
            } else {
                result.values[time] = values[floats.lowerBound]
            }
        case .last:
            if floats.isEmpty || lastHistogram >= times[floats.upperBound - 1] {
                result.add(series.histograms[histograms.upperBound - 1].histogram, at: time)
            } else {
                result.values[time] = values[floats.upperBound - 1]
            }
        case .firstTime:
            let first = floats.isEmpty ? firstHistogram : times[floats.lowerBound]
            result.values[time] = Double(min(first, firstHistogram)) / 1000
        case .lastTime:
            let last = floats.isEmpty ? lastHistogram : times[floats.upperBound - 1]
            result.values[time] = Double(max(last, lastHistogram)) / 1000
        case .transitions:
            throw .nativeHistograms(operation: name)
        case .refused(let least):
            if !floats.isEmpty {
                annotations.warn(Remarks.mixedWindow(metric))
            } else if histograms.count >= least {
                throw .nativeHistograms(operation: name)
            }
        }
    }
}

extension GridSeries {
    fileprivate mutating func add(_ histogram: NativeHistogram, at time: Int) {
        histograms.append(HistogramPoint(index: time, histogram: histogram))
    }
}

/// Which samples of a series a window holds, as it moves forward (or stays).
private struct SlidingWindow {
    private(set) var range = 0..<0

    mutating func move(to window: WindowFacts, over times: [Int64]) {
        var lower = range.lowerBound
        while lower < times.count, times[lower] <= window.start { lower += 1 }
        var upper = max(lower, range.upperBound)
        while upper < times.count, times[upper] <= window.end { upper += 1 }
        range = lower..<upper
    }
}
