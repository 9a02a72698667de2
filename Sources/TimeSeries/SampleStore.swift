/// Series of samples in memory, by their labels: what tests load, and what the gateway observes
/// itself.
public struct SampleStore: Sendable {
    /// In the order in which they were first set.
    public private(set) var series: [SampleColumns] = []
    private var places: [Labels: Int] = [:]
    private var placesOfMetric: [String: [Int]] = [:]

    public init() {}

    public init(_ series: some Sequence<SampleColumns>) {
        for one in series { add(one) }
    }

    public var isEmpty: Bool { series.isEmpty }

    /// Sets a series' sample at a time; one that was there before is gone.
    public mutating func set(_ value: SampledSeries.Value, of labels: Labels, at time: Int64) {
        series[place(of: labels)].set(value, at: time)
    }

    /// Adds the samples of a series to those that are there.
    public mutating func add(_ columns: SampleColumns) {
        let place = place(of: columns.labels)
        if series[place].isEmpty {
            series[place] = columns
            return
        }
        series[place].add(columns)
    }

    private mutating func place(of labels: Labels) -> Int {
        if let place = places[labels] { return place }
        let place = series.count
        places[labels] = place
        placesOfMetric[labels.metricName ?? "", default: []].append(place)
        series.append(SampleColumns(labels: labels))
        return place
    }

    /// The series that meet all conditions.
    public func matching(_ matchers: [Matcher]) -> [SampleColumns] {
        let name = matchers.first {
            $0.name == Labels.metricNameLabel && $0.operator == .equal
        }
        let candidates = name.map { placesOfMetric[$0.value] ?? [] } ?? Array(series.indices)
        return candidates.lazy.map { series[$0] }.filter { one in
            matchers.allSatisfy { $0.matches(one.labels) }
        }
    }
}
