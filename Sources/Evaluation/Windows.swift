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
        try requireKnown(node.window.sampling, function, node)
        let input = try windowInput(node)
        var parameters: [[Double]] = []
        for argument in node.arguments {
            if let argument { parameters.append(try scalar(argument, on: grid)) }
        }
        try budget.charge(input.count * grid.count)
        var walk = WindowWalk(node, function, parameters, names, on: grid)
        var result: [GridSeries] = []
        result.reserveCapacity(input.count)
        for series in input {
            try budget.work(series.columns.sampleCount)
            let one = try walk.column(of: series)
            try budget.work(walk.takeSamplesSeen())
            if !one.isEmpty { result.append(one) }
        }
        annotations.add(walk.annotations)
        return try result.unified(.never)
    }

    /// Few functions know windows whose edges have values of their own.
    private func requireKnown(
        _ sampling: Selector.Sampling, _ function: WindowFunction, _ node: WindowNode
    ) throws(EvaluationFailure) {
        guard sampling != .plain, function.extended?.allows(sampling) != true else { return }
        let allowed = WindowFunction.table.filter { $0.value.extended?.allows(sampling) == true }
        throw .notExtended(
            modifier: sampling == .anchored ? "anchored" : "smoothed",
            allowed: allowed.keys.sorted().joined(separator: ", "), function: node.function.name)
    }

    /// What a subquery is over may be a scalar: `sum_over_time(1[5m:1m])`.
    private mutating func windowInput(
        _ node: WindowNode
    ) throws(EvaluationFailure) -> [WindowedSeries] {
        switch node.input {
        case .samples(let fragment):
            let samples = inputs.fragments[fragment].samples
            try budget.charge(samples.reduce(0) { $0 + $1.sampleCount })
            return samples.map { WindowedSeries(columns: $0) }
        case .points(let input, let grid):
            switch try value(of: input, on: grid) {
            case .vector(let series): return series.map { WindowedSeries($0, on: grid) }
            case .scalar(let values):
                return [WindowedSeries(GridSeries(labels: Labels(), values: values), on: grid)]
            case .string: preconditionFailure("the parser has checked the types")
            }
        }
    }
}

/// A series that windows are cut from.
private struct WindowedSeries {
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
private struct WindowWalk {
    private let node: WindowNode
    private let function: WindowFunction
    private let grid: TimeGrid
    private let parameters: [[Double]]
    private let names: NameRemoval
    private(set) var annotations = Annotations()
    /// How many samples all windows held since last asked.
    private var samplesSeen = 0

    // The floats of the series at hand, kept for their room.
    private var times: [Int64] = []
    private var values: [Double] = []
    /// When their counting began; empty where that is not known.
    private var starts: [Int64] = []
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

    private mutating func compute(
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

    // MARK: Windows with histograms

    /// The result of a window that holds native histograms.
    private mutating func addMixed(
        _ series: SampleColumns, _ histograms: Range<Int>, _ histogramTimes: [Int64],
        _ floats: Range<Int>, _ facts: WindowFacts, at time: Int, to result: inout GridSeries
    ) throws(EvaluationFailure) {
        let metric = series.labels.metricName ?? ""
        let place = node.sources.argument(0)
        let firstHistogram = histogramTimes[histograms.lowerBound]
        let lastHistogram = histogramTimes[histograms.upperBound - 1]
        switch function.histograms {
        case .ignored:
            guard !floats.isEmpty else { return }
            annotations.inform(Remarks.histogramsIgnored(inWindowOf: metric), at: place)
            result.values[time] = try compute(floats, facts)
        case .counted:
            result.values[time] = Double(floats.count + histograms.count)
        case .present:
            result.values[time] = 1
        case .first:
            if floats.isEmpty || firstHistogram <= times[floats.lowerBound] {
                result.add(series.histograms[histograms.lowerBound], at: time)
            } else {
                result.values[time] = values[floats.lowerBound]
            }
        case .last:
            if floats.isEmpty || lastHistogram >= times[floats.upperBound - 1] {
                result.add(series.histograms[histograms.upperBound - 1], at: time)
            } else {
                result.values[time] = values[floats.upperBound - 1]
            }
        case .firstTime:
            let first = floats.isEmpty ? firstHistogram : times[floats.lowerBound]
            result.values[time] = Double(min(first, firstHistogram)) / 1000
        case .lastTime:
            let last = floats.isEmpty ? lastHistogram : times[floats.upperBound - 1]
            result.values[time] = Double(max(last, lastHistogram)) / 1000
        case .changes, .resets, .difference, .lastDifference, .total:
            try addComputed(series, histograms, floats, facts, at: time, to: &result)
        }
    }
}

// What is computed from native histograms.
extension WindowWalk {
    private mutating func addComputed(
        _ series: SampleColumns, _ histograms: Range<Int>, _ floats: Range<Int>,
        _ facts: WindowFacts, at time: Int, to result: inout GridSeries
    ) throws(EvaluationFailure) {
        switch function.histograms {
        case .changes:
            result.values[time] = changes(series, histograms, floats)
        case .resets:
            result.values[time] = resets(series, histograms, floats)
        case .lastDifference:
            let newestFloats = times[floats].suffix(2)
            let newestHistograms = series.histogramTimes[histograms].suffix(2)
            let newest = (newestFloats + newestHistograms).sorted().suffix(2)
            guard newest.count == 2 else { return }
            if newest.elementsEqual(newestFloats) {
                result.values[time] = try compute(floats, facts)
            } else if newest.elementsEqual(newestHistograms) {
                add(series, newestHistograms.indices, facts, at: time, to: &result)
            } else {
                remarkOnMix(of: series)
            }
        default:
            if floats.isEmpty {
                add(series, histograms, facts, at: time, to: &result)
            } else {
                remarkOnMix(of: series)
            }
        }
    }

    private mutating func remarkOnMix(of series: SampleColumns) {
        annotations.warn(
            Remarks.mixedWindow(series.labels.metricName ?? ""), at: node.sources.argument(0))
    }

    /// The result for a window of native histograms alone.
    private mutating func add(
        _ series: SampleColumns, _ range: Range<Int>, _ facts: WindowFacts, at time: Int,
        to result: inout GridSeries
    ) {
        var window = HistogramWindow(series, range)
        let histogram: NativeHistogram? =
            switch function.histograms {
            case .difference(let isCounter, let isRate):
                window.difference(isCounter: isCounter, isRate: isRate, facts)
            case .lastDifference(let isRate): window.lastDifference(isRate: isRate)
            case .total(let isMean): window.total(isMean: isMean)
            default: nil
            }
        if let histogram { result.add(histogram, at: time) }
        note(window.remarks, of: series)
    }

    private mutating func note(_ remarks: Set<HistogramWindow.Remark>, of series: SampleColumns) {
        let place = node.sources.argument(0)
        let metric = series.labels.metricName ?? ""
        for remark in remarks {
            switch remark {
            case .mixedSchemas: annotations.warn(Remarks.mixedSchemas(metric), at: place)
            case .noCounter: annotations.warn(Remarks.histogramIsNoCounter(metric), at: place)
            case .noGauge: annotations.warn(Remarks.histogramIsNoGauge(metric), at: place)
            case .resets:
                annotations.warn(Remarks.resetsConflict(in: .aggregation), at: place)
            case .bounds(let operation):
                annotations.inform(Remarks.boundsReconciled(in: operation), at: place)
            }
        }
    }

    private func changes(
        _ series: SampleColumns, _ histograms: Range<Int>, _ floats: Range<Int>
    ) -> Double {
        count(series, histograms, floats) { $1.value.isChange(from: $0.value) }
    }

    private func resets(
        _ series: SampleColumns, _ histograms: Range<Int>, _ floats: Range<Int>
    ) -> Double {
        count(series, histograms, floats) { before, sample in
            sample.value.isReset(after: before.value)
                || CountingStarts.isAnew(
                    start: sample.start, time: sample.time, after: (before.start, before.time))
        }
    }

    /// A sample of either kind, its time and when its counting began.
    private struct TimedSample {
        var value: WindowSample
        var time: Int64
        var start: Int64
    }

    /// How many neighbours of a window are so, whatever kind they are.
    private func count(
        _ series: SampleColumns, _ histograms: Range<Int>, _ floats: Range<Int>,
        _ isCounted: (TimedSample, TimedSample) -> Bool
    ) -> Double {
        var count = 0.0
        var previous: TimedSample?
        var float = floats.lowerBound
        var histogram = histograms.lowerBound
        while float < floats.upperBound || histogram < histograms.upperBound {
            let sample: TimedSample
            if histogram == histograms.upperBound
                || (float < floats.upperBound
                    && times[float] < series.histogramTimes[histogram])
            {
                sample = TimedSample(
                    value: .float(values[float]), time: times[float],
                    start: starts.isEmpty ? 0 : starts[float])
                float += 1
            } else {
                let starts = series.histogramStartTimes
                sample = TimedSample(
                    value: .histogram(series.histograms[histogram]),
                    time: series.histogramTimes[histogram],
                    start: starts.isEmpty ? 0 : starts[histogram])
                histogram += 1
            }
            if let previous, isCounted(previous, sample) { count += 1 }
            previous = sample
        }
        return count
    }
}

// Native histograms in windows whose edges have values of their own.
extension WindowWalk {
    private mutating func addExtended(
        _ series: SampleColumns, _ histograms: Range<Int>, _ floats: Range<Int>,
        _ facts: WindowFacts, at time: Int, to result: inout GridSeries
    ) {
        switch function.extended {
        case .difference(let isCounter, let isRate):
            guard floats.isEmpty else {
                remarkOnMix(of: series)
                return
            }
            var window = HistogramWindow(series, histograms)
            let histogram = window.extendedDifference(
                isCounter: isCounter, isSmoothed: node.window.sampling == .smoothed, facts)
            note(window.remarks, of: series)
            guard let histogram else { return }
            result.add(
                isRate ? histogram.divided(by: Double(node.window.range) / 1000) : histogram,
                at: time)
        case .fromBefore, nil:
            guard let (histograms, floats) = anchored(series, histograms, floats, facts) else {
                return
            }
            let isChanges = if case .changes = function.histograms { true } else { false }
            result.values[time] =
                isChanges
                ? changes(series, histograms, floats) : resets(series, histograms, floats)
        }
    }

    /// The samples of an anchored window: its own and the newest one before it, of whichever kind.
    /// Nil where none is its own.
    private func anchored(
        _ series: SampleColumns, _ histograms: Range<Int>, _ floats: Range<Int>,
        _ facts: WindowFacts
    ) -> (histograms: Range<Int>, floats: Range<Int>)? {
        func first(_ range: Range<Int>, _ times: [Int64]) -> Int {
            range.first { times[$0] > facts.start } ?? range.upperBound
        }
        var float = first(floats, times)
        var histogram = first(histograms, series.histogramTimes)
        if float == floats.upperBound, histogram == histograms.upperBound { return nil }
        let floatBefore = float > floats.lowerBound ? times[float - 1] : .min
        let histogramBefore =
            histogram > histograms.lowerBound ? series.histogramTimes[histogram - 1] : .min
        if floatBefore > .min, floatBefore >= histogramBefore {
            float -= 1
        } else if histogramBefore > .min {
            histogram -= 1
        }
        return (histogram..<histograms.upperBound, float..<floats.upperBound)
    }
}

extension GridSeries {
    fileprivate mutating func add(_ histogram: NativeHistogram, at time: Int) {
        histograms.append(HistogramPoint(index: time, histogram: histogram))
    }
}
