import Planning
import TimeSeries

/// Finds the samples of info series that count where a selector looks elsewhere than the query.
struct CountingInfo {
    private let reach: InfoReach
    private let grid: TimeGrid
    /// The times of samples of each series; nil where the values are these, in seconds.
    private let sampleTimes: [Labels: [Int64]]?

    init(reach: InfoReach, grid: TimeGrid, samples: [SampleColumns]?) {
        self.reach = reach
        self.grid = grid
        sampleTimes = samples.map { samples in
            Dictionary(samples.map { ($0.labels, $0.times) }) { first, _ in first }
        }
    }

    /// The times of the samples that count, seconds, where the query sees one.
    func series(from given: [GridSeries]) -> [GridSeries] {
        given.compactMap { counted($0, at: 0..<grid.count) }
    }

    /// The same, of `later` for times after the end of what counts.
    func series(from given: [GridSeries], later: [GridSeries]) -> [GridSeries] {
        let border = (0..<grid.count).first { grid.time(at: $0) > reach.last } ?? grid.count
        var result = given.compactMap { counted($0, at: 0..<border) }
        var places: [Labels: Int] = [:]
        for (place, series) in result.enumerated() { places[series.labels] = place }
        for series in later {
            guard let counted = counted(series, at: border..<grid.count) else { continue }
            guard let place = places[series.labels] else {
                result.append(counted)
                continue
            }
            result[place].values[border...] = counted.values[border...]
            result[place].histograms += counted.histograms
        }
        return result
    }

    private func counted(_ series: GridSeries, at places: Range<Int>) -> GridSeries? {
        let lookback = reach.lookback(of: series.labels)
        var result = GridSeries(labels: series.labels, count: grid.count)
        for place in places where !Absent.isAbsent(series.values[place]) {
            let now = grid.time(at: place)
            guard let time = sampleTime(of: series, at: place), time <= reach.last,
                time > max(reach.first, now) - lookback
            else { continue }
            result.values[place] = Double(time) / 1000
        }
        result.histograms = series.histograms.filter { places.contains($0.index) }
        return result.isEmpty ? nil : result
    }

    /// The time of the sample that is seen at a time of the grid, milliseconds.
    private func sampleTime(of series: GridSeries, at place: Int) -> Int64? {
        // A server may give anything for a time.
        guard let sampleTimes else {
            return Int64(exactly: (series.values[place] * 1000).rounded())
        }
        let now = min(grid.time(at: place), reach.last)
        return sampleTimes[series.labels]?.last { $0 <= now }
    }
}
