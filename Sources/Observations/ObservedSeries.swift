import TimeSeries

/// The series of an `ObservationStore`, by metric, within its limits. Columns are values: whoever has
/// taken some keeps them as they are, and only these are copied when they grow on.
struct ObservedSeries {
    private let settings: ObservationSettings
    private let retention: Int64
    private var metrics: [String: Metric] = [:]
    /// By who declared them.
    private var declarations: [String: Set<String>] = [:]
    private var declared: Set<String> = []
    /// The metrics that are there or were declared.
    private(set) var names: Set<String> = []
    private var newest = Int64.min
    private var sweptAt = Int64.min
    /// Samples before it are gone, milliseconds since the Unix epoch.
    private(set) var horizon = Int64.min
    private(set) var statistics = ObservationStatistics()

    /// The series of one metric, in the order in which they came.
    fileprivate struct Metric {
        var series: [SampleColumns] = []
        var places: [Labels: Int] = [:]

        mutating func place(of labels: Labels) -> Int {
            if let place = places[labels] { return place }
            places[labels] = series.count
            series.append(SampleColumns(labels: labels))
            return series.count - 1
        }
    }

    /// Where a series is.
    struct Place {
        fileprivate var metric: String
        fileprivate var index: Int
    }

    init(_ settings: ObservationSettings) {
        self.settings = settings
        let (seconds, attoseconds) = settings.retention.components
        retention = seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    // MARK: Writing

    mutating func declare(_ names: Set<String>, by owner: String) {
        declarations[owner] = names
        declared = declarations.values.reduce(into: []) { $0.formUnion($1) }
        self.names = declared.union(metrics.keys)
    }

    mutating func append(_ samples: [ObservationStore.Sample]) {
        for sample in samples { append(sample) }
        horizon = max(horizon, newest.subtracting(retention))
        // Ended series are looked for now and then.
        if newest.subtracting(sweptAt) > retention / 32 {
            sweptAt = newest
            removeEndedSeries()
        }
        while statistics.samples > settings.maximumSamples, evictOldest() {}
    }

    private mutating func append(_ sample: ObservationStore.Sample) {
        guard sample.time >= horizon else {
            statistics.lateSamples += 1
            return
        }
        let name = sample.labels.metricName ?? ""
        if metrics[name]?.places[sample.labels] == nil {
            guard statistics.series < settings.maximumSeries else {
                statistics.refusedSamples += 1
                return
            }
            statistics.series += 1
            names.insert(name)
        }
        newest = max(newest, sample.time)
        statistics.samples += metrics[name, default: Metric()].append(
            sample, forgettingBefore: horizon, slack: retention / 8)
    }

    // MARK: Limits

    /// Removes the series whose last sample is over.
    private mutating func removeEndedSeries() {
        for name in Array(metrics.keys) {
            let removed = metrics[name]?.removeSeries { ($0.lastTime ?? .min) < horizon } ?? []
            note(removed, of: name)
        }
    }

    /// Makes the samples of all series begin later. Returns false where nothing more can go.
    private mutating func evictOldest() -> Bool {
        guard let oldest = metrics.values.lazy.flatMap(\.series).compactMap(\.firstTime).min(),
            oldest < newest
        else { return false }
        horizon = max(horizon, oldest + max(1, (newest - oldest) / 8))
        for name in Array(metrics.keys) {
            let count = metrics[name]?.forgetSamples(before: horizon) ?? 0
            statistics.samples -= count
            statistics.evictedSamples += count
            let removed = metrics[name]?.removeSeries { $0.isEmpty } ?? []
            note(removed, of: name)
        }
        return true
    }

    private mutating func note(_ removed: [SampleColumns], of name: String) {
        statistics.series -= removed.count
        statistics.samples -= removed.reduce(0) { $0 + $1.sampleCount }
        guard metrics[name]?.series.isEmpty ?? true else { return }
        metrics[name] = nil
        if !declared.contains(name) { names.remove(name) }
    }

    // MARK: Reading

    subscript(place: Place) -> SampleColumns {
        guard let metric = metrics[place.metric] else {
            preconditionFailure("a place is used under the lock under which it was found")
        }
        return metric.series[place.index]
    }

    /// The series that meet all of any one list of conditions, each once.
    func places(matching alternatives: [[Matcher]]) -> [Place] {
        let named = alternatives.map { matchers in
            matchers.first { $0.name == Labels.metricNameLabel && $0.operator == .equal }?.value
        }
        let candidates =
            named.contains(nil) ? Set(metrics.keys) : Set(named.compactMap { $0 })
        var result: [Place] = []
        for name in candidates.sorted() {
            guard let metric = metrics[name] else { continue }
            for (index, series) in metric.series.enumerated()
            where alternatives.contains(where: { $0.allSatisfy { $0.matches(series.labels) } }) {
                result.append(Place(metric: name, index: index))
            }
        }
        return result
    }

    /// The series with their samples from `start` on.
    func series(matching alternatives: [[Matcher]], from start: Int64) -> [SampleColumns] {
        let start = max(start, horizon)
        return places(matching: alternatives).compactMap { place in
            var series = self[place]
            series.removeSamples(before: start)
            return series.isEmpty ? nil : series
        }
    }
}

extension ObservedSeries.Metric {
    /// Returns how many more samples there are.
    fileprivate mutating func append(
        _ sample: ObservationStore.Sample, forgettingBefore horizon: Int64, slack: Int64
    ) -> Int {
        let place = place(of: sample.labels)
        let count = series[place].sampleCount
        series[place].set(sample.value, at: sample.time)
        // Not with each sample: columns are written anew when they are shortened.
        if let first = series[place].firstTime, first < horizon.subtracting(slack) {
            series[place].removeSamples(before: horizon)
        }
        return series[place].sampleCount - count
    }

    /// Returns how many samples went.
    fileprivate mutating func forgetSamples(before horizon: Int64) -> Int {
        var result = 0
        for place in series.indices {
            let count = series[place].sampleCount
            series[place].removeSamples(before: horizon)
            result += count - series[place].sampleCount
        }
        return result
    }

    /// Returns the series that went.
    fileprivate mutating func removeSeries(
        where isOver: (SampleColumns) -> Bool
    ) -> [SampleColumns] {
        let removed = series.filter(isOver)
        if removed.isEmpty { return [] }
        series.removeAll(where: isOver)
        places = [:]
        for (place, one) in series.enumerated() { places[one.labels] = place }
        return removed
    }
}

extension SampleColumns {
    func hasSamples(from start: Int64, through end: Int64) -> Bool {
        func isMeant(_ time: Int64) -> Bool { time >= start && time <= end }
        return times.contains(where: isMeant) || histogramTimes.contains(where: isMeant)
    }
}

extension Int64 {
    /// The difference, or the smallest number where there is none.
    fileprivate func subtracting(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (self < other ? .min : .max) : difference
    }
}
