import TimeSeries

/// A native histogram of a series as an answer shows it. What is kept is what is shown: how it is
/// read depends on the other histograms of the series in the answer.
struct ShownPoint: Hashable, Sendable {
    /// The place in the column that it belongs to.
    var place: Int
    var histogram: ShownHistogram
}

extension NativeHistogram {
    /// As an answer shows it.
    var shown: ShownHistogram { ShownHistogram(count: count, sum: sum, buckets: buckets) }
}

extension [GridSeries.HistogramPoint] {
    /// Whether the histograms are those that are read from what they show: all that come from an
    /// answer should be.
    var areAsShown: Bool {
        isEmpty || NativeHistogram.histograms(of: map(\.histogram.shown)) == map(\.histogram)
    }
}
