import TimeSeries

/// What Prometheus's storage remembers of a counter's resets: not what it was told with a histogram,
/// but what it saw itself, while histograms go on in one chunk (`tsdb/chunkenc`).
struct StoredHints {
    /// The chunk that the next sample may go on in.
    private var chunk = Chunk.none

    private enum Chunk {
        /// There is none, or it holds floats.
        case none
        case counter(NativeHistogram)
        case gauge
        /// Its last sample says that the series ended.
        case ended
    }

    /// The samples of a series as they are read again.
    static func applied(to series: SampleColumns) -> SampleColumns {
        if series.histograms.isEmpty { return series }
        var hints = StoredHints()
        var float = 0
        let histograms = zip(series.histogramTimes, series.histograms).map { time, histogram in
            while float < series.times.count, series.times[float] < time {
                hints.pass(series.values[float])
                float += 1
            }
            return hints.stored(histogram)
        }
        return SampleColumns(
            labels: series.labels, times: series.times, values: series.values,
            histogramTimes: series.histogramTimes, histograms: histograms)
    }

    private mutating func pass(_ value: Double) {
        // The end of a series of histograms is stored as a histogram.
        if case .none = chunk { return }
        chunk = Absent.isAbsent(value) ? .ended : .none
    }

    private mutating func stored(_ histogram: NativeHistogram) -> NativeHistogram {
        guard histogram.resetHint != .gauge else {
            chunk = .gauge
            return histogram
        }
        defer { chunk = .counter(histogram) }
        if histogram.resetHint == .reset { return histogram }
        guard case .counter(let previous) = chunk else { return histogram.withHint(.unknown) }
        return histogram.withHint(Self.hint(of: histogram, after: previous))
    }

    private static func hint(
        of histogram: NativeHistogram, after previous: NativeHistogram
    ) -> NativeHistogram.ResetHint {
        if histogram.count < previous.count { return .reset }
        if histogram.schema != previous.schema
            || histogram.zeroThreshold != previous.zeroThreshold
        {
            return .unknown
        }
        if histogram.layout != previous.layout || histogram.zeroCount < previous.zeroCount {
            return .reset
        }
        let isLess =
            isLess(histogram.positive, than: previous.positive)
            || isLess(histogram.negative, than: previous.negative)
        return isLess ? .reset : .notReset
    }

    private static func isLess(
        _ buckets: HistogramBuckets, than previous: HistogramBuckets
    ) -> Bool {
        var counts: [Int: Double] = [:]
        for (index, count) in zip(buckets.indices, buckets.counts) { counts[index] = count }
        return zip(previous.indices, previous.counts).contains { index, count in
            (counts[index] ?? 0) < count
        }
    }
}
