import TimeSeries

/// An answer to an instant query.
func vector(_ samples: [(Labels, Double)]) -> QueryValue {
    .vector(
        samples.map { GridSeries(labels: $0.0, values: [$0.1]) }, grid: TimeGrid(instant: 0))
}
