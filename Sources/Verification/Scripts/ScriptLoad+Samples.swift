import TimeSeries

extension ScriptLoad {
    /// Adds the samples to those that are there.
    func add(to store: inout SampleStore) throws(ScriptMistake) {
        for series in series { store.add(try columns(of: series)) }
    }

    private func columns(of series: SeriesDescription) throws(ScriptMistake) -> SampleColumns {
        var result = SampleColumns(labels: series.labels)
        for (place, point) in try series.points().enumerated() {
            let time = Int64(place) * interval
            switch point {
            case .omitted: break
            case .float(let value): result.set(.float(value), at: time)
            case .histogram(let histogram, _): result.set(.histogram(histogram), at: time)
            }
        }
        return result.withStoredHints
    }
}
