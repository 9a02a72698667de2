import Planning
import PromQL
import TimeSeries

/// A series that windows are cut from.
struct WindowedSeries {
    var columns: SampleColumns
    var dropsMetricName = false

    init(columns: SampleColumns) { self.columns = columns }

    /// The points of a series on a grid.
    init(_ series: GridSeries, on grid: TimeGrid) {
        let places = series.values.indices.filter { !Absent.isAbsent(series.values[$0]) }
        columns = SampleColumns(
            labels: series.labels, times: places.map(grid.time(at:)),
            values: places.map { series.values[$0] },
            histogramTimes: series.histograms.map { grid.time(at: $0.index) },
            histograms: series.histograms.map { point in
                // A point of a subquery is not the one after its neighbour: what was known of a
                // counter's resets does not hold between them.
                point.histogram.resetHint == .gauge
                    ? point.histogram : point.histogram.withHint(.unknown)
            })
        dropsMetricName = series.dropsMetricName
    }
}

/// Walks the windows of series after series.
struct WindowWalk {
    let node: WindowNode
    let function: WindowFunction
    private let grid: TimeGrid
    private let parameters: [[Double]]
    private let names: NameRemoval
    var annotations = Annotations()
    /// How many samples all windows held since last asked.
    private var samplesSeen = 0

    // The floats of the series at hand, kept for their room.
    private(set) var times: [Int64] = []
    private(set) var values: [Double] = []
    /// When their counting began; empty where that is not known.
    private(set) var starts: [Int64] = []
    private var scratch: [Double] = []

    init(
        _ node: WindowNode, _ function: WindowFunction, _ parameters: [[Double]],
        _ names: NameRemoval, on grid: TimeGrid
    ) {
        self.names = names
        self.node = node
        self.function = function
        self.parameters = parameters
        self.grid = grid
    }

    mutating func takeSamplesSeen() -> Int {
        defer { samplesSeen = 0 }
        return samplesSeen
    }

    mutating func column(of series: WindowedSeries) throws(EvaluationFailure) -> GridSeries {
        readSamples(of: series.columns)
        var result = GridSeries(
            labels: function.keepsMetric
                ? series.columns.labels : names.labels(ofComputedFrom: series.columns.labels),
            count: grid.count)
        result.dropsMetricName =
            names == .atTheEnd && (series.dropsMetricName || !function.keepsMetric)
        var floats = SlidingWindow()
        var histograms = SlidingWindow()
        let histogramTimes = series.columns.histogramTimes
        let isExtended = node.window.sampling != .plain
        for time in 0..<grid.count {
            let facts = facts(at: time)
            let seen = seen(facts)
            floats.move(to: seen, over: times)
            samplesSeen += floats.range.count
            if !histogramTimes.isEmpty {
                histograms.move(to: seen, over: histogramTimes)
                samplesSeen += histograms.range.count * Budget.placesOfHistogram
                if !histograms.range.isEmpty {
                    if isExtended {
                        addExtended(
                            series.columns, histograms.range, floats.range, facts, at: time,
                            to: &result)
                        continue
                    }
                    try addMixed(
                        series.columns, histograms.range, histogramTimes, floats.range, facts,
                        at: time, to: &result)
                    continue
                }
            }
            if floats.range.isEmpty { continue }
            result.values[time] =
                isExtended
                ? computeExtended(floats.range, facts) : try compute(floats.range, facts)
        }
        remarkOnName(of: series.columns, result)
        return result
    }

    /// Where a series ends there is no sample.
    private mutating func readSamples(of series: SampleColumns) {
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        let hasStarts = !series.startTimes.isEmpty
        for index in series.values.indices where !Absent.isAbsent(series.values[index]) {
            times.append(series.times[index])
            values.append(series.values[index])
            if hasStarts { starts.append(series.startTimes[index]) }
        }
    }

    private func facts(at time: Int) -> WindowFacts {
        let now = grid.time(at: time)
        let end = (node.window.at ?? now) - node.window.offset
        let first = parameters.isEmpty ? 0 : parameters[0][time]
        let second = parameters.count < 2 ? 0 : parameters[1][time]
        return WindowFacts(
            start: end - node.window.range, end: end, now: now, parameters: (first, second))
    }

    /// The times that a window's samples may have: its own, and those that `anchored` and
    /// `smoothed` look at beyond its edges.
    private func seen(_ facts: WindowFacts) -> Range<Int64> {
        let window = node.window
        let start = facts.start - (window.sampling == .plain ? 0 : window.lookback)
        let end = facts.end + (window.sampling == .smoothed ? window.lookback : 0)
        return start..<end
    }

    /// The result for a window whose edges have values of their own.
    private mutating func computeExtended(_ range: Range<Int>, _ facts: WindowFacts) -> Double {
        switch function.extended {
        case .difference(let isCounter, let isRate):
            let window = ExtendedWindow(
                times: Array(times[range]), values: Array(values[range]), start: facts.start,
                end: facts.end, isSmoothed: node.window.sampling == .smoothed,
                isCounter: isCounter)
            guard let window else { return Absent.value }
            let difference = window.difference(isCounter: isCounter)
            return isRate ? difference / (Double(node.window.range) / 1000) : difference
        case .fromBefore, nil:
            guard times[range.upperBound - 1] > facts.start else { return Absent.value }
            let inside = times[range].firstIndex { $0 > facts.start } ?? range.lowerBound
            let first = max(range.lowerBound, inside - 1)
            return kernel(first..<range.upperBound, facts)
        }
    }

    mutating func compute(
        _ range: Range<Int>, _ facts: WindowFacts
    ) throws(EvaluationFailure) -> Double {
        if let check = function.check { try self.check(check, facts.parameters) }
        return kernel(range, facts)
    }

    private mutating func kernel(_ range: Range<Int>, _ facts: WindowFacts) -> Double {
        if !starts.isEmpty, let result = computeFromStarts(range, facts) { return result }
        // Taken out meanwhile: the spans hold on to the rest.
        var scratch: [Double] = []
        swap(&scratch, &self.scratch)
        let result = function.kernel(
            times.span.extracting(range), values.span.extracting(range), facts, &scratch)
        swap(&scratch, &self.scratch)
        return result
    }

    /// The result of functions to which it matters when counting began; nil for all others.
    private func computeFromStarts(_ range: Range<Int>, _ facts: WindowFacts) -> Double? {
        let starts = CountingStarts(times[range], self.starts[range])
        switch function.histograms {
        case .difference(isCounter: true, let isRate):
            return Rates.extrapolated(times[range], values[range], starts, facts, isRate: isRate)
        case .lastDifference(isRate: true):
            let last = range.upperBound - 1
            guard range.count > 1, starts.isAnew(last) else { return nil }
            return values[last] / (Double(times[last] - times[last - 1]) / 1000)
        case .resets:
            let count = range.dropFirst().count {
                values[$0] < values[$0 - 1] || starts.isAnew($0)
            }
            return Double(count)
        default: return nil
        }
    }

    private mutating func check(
        _ check: WindowFunction.ParameterCheck, _ parameters: (Double, Double)
    ) throws(EvaluationFailure) {
        switch check {
        case .quantile:
            if !Quantile.isValid(parameters.0) {
                annotations.warn(
                    Remarks.invalidQuantile(parameters.0), at: node.sources.argument(0))
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

    private mutating func remarkOnName(of series: SampleColumns, _ result: GridSeries) {
        guard function.wantsCounter, let name = series.labels.metricName,
            !Self.counterSuffixes.contains(where: name.hasSuffix),
            !result.values.allSatisfy(Absent.isAbsent)
        else { return }
        annotations.inform(Remarks.possiblyNoCounter(name), at: node.sources.argument(0))
    }
}
