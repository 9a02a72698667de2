import TimeSeries

extension ScriptLoad {
    /// Adds the samples to those that are there.
    func add(to store: inout SampleStore) throws(ScriptMistake) {
        var converted = ConvertedBuckets()
        var added: [SampleColumns] = []
        for series in series {
            let columns = columns(of: series)
            if convertsBuckets { try converted.add(columns) }
            added.append(columns)
        }
        added += try converted.series()
        for columns in added {
            store.add(columns)
            guard !columns.histograms.isEmpty else { continue }
            for all in store.series where all.labels == columns.labels {
                store.add(all.withStoredHints)
            }
        }
    }

    private func columns(of series: SeriesDescription) -> SampleColumns {
        var result = SampleColumns(labels: series.labels)
        for (place, point) in series.points.enumerated() {
            let time = Int64(place) * interval
            var start: Int64 = 0
            if !series.startOffsets.isEmpty, let offset = series.startOffsets[place] {
                start = time + offset
            }
            switch point {
            case .omitted: break
            case .float(let value): result.set(.float(value), at: time, startTime: start)
            case .histogram(let histogram, _):
                result.set(.histogram(histogram), at: time, startTime: start)
            }
        }
        return result
    }
}
