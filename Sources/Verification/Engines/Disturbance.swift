import TimeSeries

/// Small errors in samples. What an answer makes of them says how far it may be off for reasons of
/// rounding: where large terms cancel out, a lot.
struct Disturbance: Sendable {
    /// The relative error of each sample.
    static let size = 0x1p-42

    var seed: UInt64

    func applied(to store: SampleStore) -> SampleStore {
        var random = SeededGenerator(seed: seed)
        return SampleStore(
            store.series.map { series in
                SampleColumns(
                    labels: series.labels, times: series.times,
                    values: series.values.map { value in
                        guard value.isFinite else { return value }
                        return value * (1 + (random.chance(50) ? Self.size : -Self.size))
                    }, histogramTimes: series.histogramTimes, histograms: series.histograms)
            })
    }
}
