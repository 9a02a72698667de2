import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// `count_values`: how many series of a group have each value, the value as a label.
    mutating func valuesCounted(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        guard let parameter = node.parameter else {
            preconditionFailure("the parser has checked that the parameter is there")
        }
        let label = try text(parameter, on: grid)
        guard !label.isEmpty else { throw .invalidLabelName(label) }
        var counts = ValueCounts(label: label, node.grouping, count: grid.count)
        for series in input {
            try budget.work(grid.count)
            let group = counts.group(of: series.labels)
            for time in 0..<grid.count where !Absent.isAbsent(series.values[time]) {
                let isNew = counts.add(series.values[time], group, at: time)
                if isNew { try budget.charge(grid.count) }
            }
            for point in series.histograms {
                let text = point.histogram.intervalText
                let isNew = counts.add(text, group, at: point.index)
                if isNew { try budget.charge(grid.count) }
            }
        }
        return counts.series
    }
}

/// The counts of `count_values`, made as values turn up.
private struct ValueCounts {
    /// A value of a group.
    private struct Place: Hashable {
        var group: Int
        var bits: UInt64
    }

    private let label: String
    private let key: GroupKey
    /// Whether the result carries the value at all: `without` may name its label.
    private let keepsLabel: Bool
    private let count: Int
    private(set) var series: [GridSeries] = []
    private var groupLabels: [Labels] = []
    private var groups: [Labels: Int] = [:]
    private var known: [Place: Int] = [:]
    private var places: [Labels: Int] = [:]

    init(label: String, _ grouping: Grouping, count: Int) {
        self.label = label
        self.count = count
        key = GroupKey(grouping)
        // The label counts as set on the series before they are grouped, and `by` keeps it.
        switch grouping {
        case .by: keepsLabel = true
        case .without: keepsLabel = key.keeps(label)
        }
    }

    mutating func group(of labels: Labels) -> Int {
        let labels = key.labels(of: labels).setting(label, to: "")
        if let group = groups[labels] { return group }
        groups[labels] = groupLabels.count
        groupLabels.append(labels)
        return groupLabels.count - 1
    }

    /// Counts a value. Returns whether there is a new series for it.
    mutating func add(_ value: Double, _ group: Int, at time: Int) -> Bool {
        let before = series.count
        count(place(of: value, group), at: time)
        return series.count > before
    }

    /// Counts a histogram by its text.
    mutating func add(_ text: String, _ group: Int, at time: Int) -> Bool {
        let before = series.count
        count(place(of: text, group), at: time)
        return series.count > before
    }

    private mutating func count(_ place: Int, at time: Int) {
        let number = series[place].values[time]
        series[place].values[time] = Absent.isAbsent(number) ? 1 : number + 1
    }

    private mutating func place(of value: Double, _ group: Int) -> Int {
        let key = Place(group: group, bits: value.bitPattern)
        if let place = known[key] { return place }
        // Values of different bits may have one text, as NaNs do.
        let place = place(of: NumberText.fixed(value), group)
        known[key] = place
        return place
    }

    private mutating func place(of text: String, _ group: Int) -> Int {
        var labels = groupLabels[group]
        if keepsLabel { labels = labels.setting(label, to: text) }
        let place = places[labels] ?? series.count
        if place == series.count {
            places[labels] = place
            series.append(GridSeries(labels: labels, count: count))
        }
        return place
    }
}
