/// The samples of one series in memory, in columns.
public struct SampleColumns: Hashable, Sendable {
    public var labels: Labels
    /// The floats; `Absent.value` marks the time at which the series ended.
    private var floatColumn = SampleColumn<Double>()
    private var histogramColumn = SampleColumn<NativeHistogram>()

    public init(labels: Labels) { self.labels = labels }

    /// Columns as they are: times ascend, and none is among both.
    public init(
        labels: Labels, times: [Int64], values: [Double], histogramTimes: [Int64] = [],
        histograms: [NativeHistogram] = []
    ) {
        self.labels = labels
        floatColumn = SampleColumn(times: times, values: values)
        histogramColumn = SampleColumn(times: histogramTimes, values: histograms)
    }

    /// What a server answered to a range selector.
    public init(_ series: SampledSeries) {
        labels = series.labels
        for sample in series.samples { set(sample.value, at: sample.time) }
    }

    /// The times of the floats, ascending, milliseconds since the Unix epoch.
    public var times: [Int64] { floatColumn.times }

    /// The floats; `Absent.value` marks the time at which the series ended.
    public var values: [Double] { floatColumn.values }

    /// When the counting of each float began; 0 where that is not known. Empty where it is known of
    /// none.
    public var startTimes: [Int64] { floatColumn.startTimes }

    /// The times of the native histograms, ascending, none of them among `times`.
    public var histogramTimes: [Int64] { histogramColumn.times }

    public var histograms: [NativeHistogram] { histogramColumn.values }

    /// As `startTimes`, of the histograms.
    public var histogramStartTimes: [Int64] { histogramColumn.startTimes }

    /// With the hints that Prometheus's storage gives back for these samples: of counters it says
    /// that one was not reset where the histogram continues the one before in the same layout, and
    /// nothing otherwise.
    public var withStoredHints: SampleColumns {
        withHints { histogram, previous in
            guard let previous, previous.resetHint != .gauge, histogram.resetHint != .reset,
                histogram.layout == previous.layout,
                histogram.zeroThreshold == previous.zeroThreshold,
                !histogram.withHint(.unknown).isReset(after: previous)
            else { return .unknown }
            return .notReset
        }
    }

    /// With hints for all counters but the first histogram of a run, by what the histograms hold.
    /// This is what Prometheus does where buckets are not looked at (`histogram_count`).
    public var withDetectedHints: SampleColumns {
        withHints { histogram, previous in
            guard histogram.resetHint == .unknown, let previous else { return histogram.resetHint }
            return histogram.isReset(after: previous) ? .reset : .notReset
        }
    }

    /// Changes the hints of all histograms but gauges, by the histogram before if no float is
    /// between.
    private func withHints(
        _ hint: (_ histogram: NativeHistogram, _ previous: NativeHistogram?)
            -> NativeHistogram.ResetHint
    ) -> SampleColumns {
        var result = self
        var float = 0
        for place in histograms.indices {
            var isNeighbour = place > 0
            while float < times.count, times[float] < histogramTimes[place] {
                float += 1
                if place > 0, times[float - 1] > histogramTimes[place - 1] { isNeighbour = false }
            }
            guard histograms[place].resetHint != .gauge else { continue }
            result.histogramColumn.values[place].resetHint = hint(
                histograms[place], isNeighbour ? histograms[place - 1] : nil)
        }
        return result
    }

    /// How many samples there are, marks of an end among them.
    public var sampleCount: Int { times.count + histogramTimes.count }

    public var isEmpty: Bool { times.isEmpty && histogramTimes.isEmpty }

    /// Sets the sample at a time; one that was there before is gone. `startTime` is when its
    /// counting began, where that is known.
    public mutating func set(
        _ value: SampledSeries.Value, at time: Int64, startTime: Int64 = 0
    ) {
        switch value {
        case .float(let number):
            histogramColumn.remove(at: time)
            floatColumn.set(number, at: time, startTime: startTime)
        case .histogram(let histogram):
            floatColumn.remove(at: time)
            histogramColumn.set(histogram, at: time, startTime: startTime)
        }
    }

    /// Makes it unknown when the counting of samples began.
    public mutating func forgetStartTimes() {
        floatColumn.forgetStartTimes()
        histogramColumn.forgetStartTimes()
    }

    /// The earliest time, whether of a float or a histogram; nil where there is nothing.
    public var firstTime: Int64? {
        guard let time = times.first else { return histogramTimes.first }
        return histogramTimes.first.map { min($0, time) } ?? time
    }

    /// The latest time, as `firstTime`.
    public var lastTime: Int64? {
        guard let time = times.last else { return histogramTimes.last }
        return histogramTimes.last.map { max($0, time) } ?? time
    }

    /// Forgets the samples before a time.
    public mutating func removeSamples(before start: Int64) {
        floatColumn.removeSamples(before: start)
        histogramColumn.removeSamples(before: start)
    }

    /// Adds the samples of another series.
    public mutating func add(_ other: SampleColumns) {
        for (place, time) in other.times.enumerated() {
            set(
                .float(other.values[place]), at: time,
                startTime: other.startTimes.isEmpty ? 0 : other.startTimes[place])
        }
        for (place, time) in other.histogramTimes.enumerated() {
            set(
                .histogram(other.histograms[place]), at: time,
                startTime: other.histogramStartTimes.isEmpty
                    ? 0 : other.histogramStartTimes[place])
        }
    }
}

/// Values by their times.
private struct SampleColumn<Value: Hashable & Sendable>: Hashable, Sendable {
    private(set) var times: [Int64] = []
    fileprivate(set) var values: [Value] = []
    private(set) var startTimes: [Int64] = []

    init() {}

    init(times: [Int64], values: [Value]) {
        precondition(times.count == values.count, "each sample has its time")
        self.times = times
        self.values = values
    }

    mutating func set(_ value: Value, at time: Int64, startTime: Int64) {
        if startTime != 0, startTimes.isEmpty {
            startTimes = [Int64](repeating: 0, count: times.count)
        }
        // Samples come in order but for a few.
        let place = times.last.map { $0 < time } ?? true ? times.count : times.place(of: time)
        let isThere = place < times.count && times[place] == time
        if isThere {
            values[place] = value
        } else {
            times.insert(time, at: place)
            values.insert(value, at: place)
        }
        guard startTime != 0 || !startTimes.isEmpty else { return }
        if isThere {
            startTimes[place] = startTime
        } else {
            startTimes.insert(startTime, at: place)
        }
    }

    mutating func forgetStartTimes() { if !startTimes.isEmpty { startTimes = [] } }

    mutating func removeSamples(before start: Int64) {
        guard let first = times.first, first < start else { return }
        let place = times.place(of: start)
        // New columns rather than shorter ones: old readers keep the old, and room is given back.
        times = Array(times[place...])
        values = Array(values[place...])
        if !startTimes.isEmpty { startTimes = Array(startTimes[place...]) }
    }

    mutating func remove(at time: Int64) {
        guard let last = times.last, last >= time else { return }
        let place = times.place(of: time)
        guard times[place] == time else { return }
        times.remove(at: place)
        values.remove(at: place)
        if !startTimes.isEmpty { startTimes.remove(at: place) }
    }
}
