import TimeSeries

/// When the metric's name (and its type and unit) is dropped from what is computed from a series.
public enum NameRemoval: Hashable, Sendable {
    /// By each operation, as Prometheus does by default.
    case atOnce
    /// At the end of the query: what is in between still knows the name. Prometheus does so where
    /// its feature flag `promql-delayed-name-removal` is set, and in its own tests.
    case atTheEnd

    /// A series with values that are computed from those of `series`.
    func computed(
        from series: GridSeries, values: [Double], histograms: [GridSeries.HistogramPoint] = []
    ) -> GridSeries {
        GridSeries(
            labels: labels(ofComputedFrom: series.labels), values: values, histograms: histograms,
            dropsMetricName: self == .atTheEnd)
    }

    /// The labels of something that is computed from a series with `labels`.
    func labels(ofComputedFrom labels: Labels) -> Labels {
        self == .atOnce ? labels.withoutMetric : labels
    }
}

extension [GridSeries] {
    /// The series with their metric names dropped where that was put off, each label set once.
    func withNamesDropped() throws(EvaluationFailure) -> [GridSeries] {
        guard contains(where: \.dropsMetricName) else { return self }
        return try map { series in
            guard series.dropsMetricName else { return series }
            return GridSeries(
                labels: series.labels.withoutMetric, values: series.values,
                histograms: series.histograms)
        }.unified(.atOtherTimes)
    }
}
