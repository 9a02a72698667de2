import Planning
import PromQL
import TimeSeries

// Windows that hold native histograms.
extension WindowWalk {
    /// The result of a window that holds native histograms.
    mutating func addMixed(
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
    mutating func addExtended(
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
