import TimeSeries

/// The native histograms of one window, and what functions make of them.
struct HistogramWindow {
    /// Milliseconds.
    let times: ArraySlice<Int64>
    let histograms: ArraySlice<NativeHistogram>
    private let starts: CountingStarts
    /// What is to be said about the series.
    private(set) var remarks: Set<Remark> = []

    enum Remark: Hashable {
        /// Exponential met custom buckets, so that there is no result.
        case mixedSchemas
        case noCounter, noGauge
        case resets
        case bounds(Remarks.HistogramOperation)
    }

    init(_ series: SampleColumns, _ range: Range<Int>) {
        times = series.histogramTimes[range]
        histograms = series.histograms[range]
        starts = CountingStarts(
            times, series.histogramStartTimes.isEmpty ? [] : series.histogramStartTimes[range])
    }

    private func isReset(_ index: Int, after previous: NativeHistogram) -> Bool {
        histograms[index].isReset(after: previous) || starts.isAnew(index)
    }

    mutating func remark(_ remark: Remark) { remarks.insert(remark) }

    // MARK: Sums

    mutating func total(isMean: Bool) -> NativeHistogram? {
        var cell = HistogramCell(isMean: isMean)
        for histogram in histograms {
            guard cell.add(histogram) else {
                remarks = [.mixedSchemas]
                return nil
            }
        }
        if cell.hasReconciledBounds { remarks.insert(.bounds(.aggregation)) }
        if cell.hasConflictingResets { remarks.insert(.resets) }
        return cell.result
    }

    // MARK: Differences

    /// `rate`, `increase` and `delta`: the difference of the last and the first histogram,
    /// continued to the window's edges.
    mutating func difference(
        isCounter: Bool, isRate: Bool, _ window: WindowFacts
    ) -> NativeHistogram? {
        guard let first = histograms.first, let firstTime = times.first, let lastTime = times.last
        else { return nil }
        let begin = isCounter ? starts.begin(in: window) : nil
        guard histograms.count > 1 || begin != nil else { return nil }
        var difference = first
        if histograms.count > 1 {
            guard let result = self.difference(isCounter: isCounter) else { return nil }
            difference = result
            if begin != nil {
                // It was zero when counting began.
                do {
                    difference = try add(first, to: result)
                } catch {
                    remarks.insert(.mixedSchemas)
                    return nil
                }
            }
        }
        return difference.multiplied(
            by: Rates.extrapolation(
                of: difference.count, from: first.count, firstTime...lastTime,
                samples: histograms.count, window, isCounter: isCounter, isRate: isRate,
                begin: begin))
    }

    private mutating func difference(isCounter: Bool) -> NativeHistogram? {
        guard histograms.count > 1, let last = histograms.last,
            let start = firstHistogram(isCounter: isCounter)
        else { return nil }
        let between = histograms.dropFirst().dropLast()
        let counted = isCounter ? Array(between) : []
        guard (counted + [last]).allSatisfy(start.hasSameKindOfLayout) else {
            remarks = [.mixedSchemas]
            return nil
        }
        if isCounter {
            if between.contains(where: { $0.resetHint == .gauge }) { remarks.insert(.noCounter) }
        } else if histograms.first?.resetHint != .gauge || last.resetHint != .gauge {
            remarks.insert(.noGauge)
        }
        let schema = (counted + [start]).reduce(last.schema) { min($0, $1.schema) }
        do {
            var result = try subtract(start, from: last.coarsened(to: schema))
            if isCounter {
                var previous = start
                for index in histograms.indices.dropFirst() {
                    if isReset(index, after: previous) {
                        // What the counter had reached before it began anew.
                        result = try add(previous, to: result)
                    }
                    previous = histograms[index]
                }
            }
            return result.withHint(.gauge).compacted()
        } catch {
            remarks = [.mixedSchemas]
            return nil
        }
    }

    /// What a counter is subtracted from the last histogram; nothing where it began anew before the
    /// second, for then the layout of the first does not matter.
    private mutating func firstHistogram(isCounter: Bool) -> NativeHistogram? {
        guard let first = histograms.first, let second = histograms.dropFirst().first,
            let last = histograms.last
        else { return nil }
        guard isCounter else { return first }
        if first.resetHint == .gauge || last.resetHint == .gauge { remarks.insert(.noCounter) }
        return isReset(histograms.startIndex + 1, after: first)
            ? NativeHistogram(layout: second.layout) : first
    }

    mutating func add(
        _ other: NativeHistogram, to histogram: NativeHistogram
    ) throws(IncompatibleHistograms) -> NativeHistogram {
        let (sum, conflicts) = try histogram.adding(other)
        if conflicts.contains(.bounds) { remarks.insert(.bounds(.addition)) }
        return sum
    }

    mutating func subtract(
        _ first: NativeHistogram, from last: NativeHistogram
    ) throws(IncompatibleHistograms) -> NativeHistogram {
        let (difference, conflicts) = try last.subtracting(first)
        if conflicts.contains(.bounds) { remarks.insert(.bounds(.subtraction)) }
        return difference
    }

    /// `irate` and `idelta`: of two histograms.
    mutating func lastDifference(isRate: Bool) -> NativeHistogram? {
        guard let first = histograms.first, let last = histograms.last, let start = times.first,
            let end = times.last, end > start
        else { return nil }
        let gauges = [first, last].count { $0.resetHint == .gauge }
        if isRate, gauges > 0 { remarks.insert(.noCounter) }
        if !isRate, gauges < 2 { remarks.insert(.noGauge) }
        var result = last
        if !isRate || !isReset(histograms.endIndex - 1, after: first) {
            do {
                result = try subtract(first, from: last)
            } catch {
                remarks.insert(.mixedSchemas)
                return nil
            }
        }
        result = result.withHint(.gauge).compacted()
        return isRate ? result.divided(by: Double(end - start) / 1000) : result
    }
}

/// A sample of a window, either kind.
enum WindowSample {
    case float(Double)
    case histogram(NativeHistogram)

    /// Whether a value changed; NaN is as good as NaN.
    func isChange(from before: WindowSample) -> Bool {
        switch (before, self) {
        case (.float(let before), .float(let value)):
            before != value && !(before.isNaN && value.isNaN)
        case (.histogram(let before), .histogram(let histogram)):
            !histogram.compacted().hasSameData(as: before.compacted())
        default: true
        }
    }

    /// Whether a counter began anew.
    func isReset(after before: WindowSample) -> Bool {
        switch (before, self) {
        case (.float(let before), .float(let value)): value < before
        case (.histogram(let before), .histogram(let histogram)):
            histogram.isReset(after: before)
        default: true
        }
    }
}
