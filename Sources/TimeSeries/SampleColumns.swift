/// The samples of one series in memory, in columns.
public struct SampleColumns: Hashable, Sendable {
    public var labels: Labels
    /// The times of the floats, ascending, milliseconds since the Unix epoch.
    public private(set) var times: [Int64] = []
    /// The floats; `Absent.value` marks the time at which the series ended.
    public private(set) var values: [Double] = []
    /// The times of the native histograms, ascending, none of them among `times`.
    public private(set) var histogramTimes: [Int64] = []
    public private(set) var histograms: [NativeHistogram] = []

    public init(labels: Labels) { self.labels = labels }

    /// Columns as they are: times ascend, and none is among both.
    public init(
        labels: Labels, times: [Int64], values: [Double], histogramTimes: [Int64] = [],
        histograms: [NativeHistogram] = []
    ) {
        precondition(times.count == values.count, "each float has its time")
        precondition(histogramTimes.count == histograms.count, "each histogram has its time")
        self.labels = labels
        self.times = times
        self.values = values
        self.histogramTimes = histogramTimes
        self.histograms = histograms
    }

    /// What a server answered to a range selector.
    public init(_ series: SampledSeries) {
        labels = series.labels
        for sample in series.samples { set(sample.value, at: sample.time) }
    }

    /// How many samples there are, marks of an end among them.
    public var sampleCount: Int { times.count + histogramTimes.count }

    public var isEmpty: Bool { times.isEmpty && histogramTimes.isEmpty }

    /// Sets the sample at a time; one that was there before is gone.
    public mutating func set(_ value: SampledSeries.Value, at time: Int64) {
        switch value {
        case .float(let number):
            Self.remove(time, &histogramTimes, &histograms)
            Self.set(number, at: time, &times, &values)
        case .histogram(let histogram):
            Self.remove(time, &times, &values)
            Self.set(histogram, at: time, &histogramTimes, &histograms)
        }
    }

    private static func set<Value>(
        _ value: Value, at time: Int64, _ times: inout [Int64], _ values: inout [Value]
    ) {
        // Samples come in order but for a few.
        guard let last = times.last, last >= time else {
            times.append(time)
            values.append(value)
            return
        }
        let place = Self.place(of: time, in: times)
        if times[place] == time {
            values[place] = value
        } else {
            times.insert(time, at: place)
            values.insert(value, at: place)
        }
    }

    private static func remove<Value>(
        _ time: Int64, _ times: inout [Int64], _ values: inout [Value]
    ) {
        guard let last = times.last, last >= time else { return }
        let place = Self.place(of: time, in: times)
        guard times[place] == time else { return }
        times.remove(at: place)
        values.remove(at: place)
    }

    /// The first place whose time is not before `time`.
    private static func place(of time: Int64, in times: [Int64]) -> Int {
        var low = 0
        var high = times.count
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
