import PromQL
import TimeSeries

/// The groups of an aggregation: for each series the number of its group, found once.
struct Groups {
    /// The labels of each group, in order of first appearance.
    private(set) var labels: [Labels] = []
    /// The group of each series.
    private(set) var groupOf: [Int] = []

    var count: Int { labels.count }

    init(_ series: [GridSeries], _ grouping: Grouping) {
        var places: [Labels: Int] = [:]
        groupOf.reserveCapacity(series.count)
        let key = GroupKey(grouping)
        for one in series {
            let labels = key.labels(of: one.labels)
            let group = places[labels] ?? self.labels.count
            if group == self.labels.count {
                places[labels] = group
                self.labels.append(labels)
            }
            groupOf.append(group)
        }
    }

    /// The places of each group's series.
    var members: [[Int]] {
        var result = [[Int]](repeating: [], count: count)
        for (index, group) in groupOf.enumerated() { result[group].append(index) }
        return result
    }
}

/// Which of a series' labels its group has.
struct GroupKey {
    private let names: LabelNames
    private let isWithout: Bool

    init(_ grouping: Grouping) {
        switch grouping {
        case .by(let names):
            self.names = LabelNames(names)
            isWithout = false
        case .without(let names):
            self.names = LabelNames(names + [Labels.metricNameLabel])
            isWithout = true
        }
    }

    func labels(of series: Labels) -> Labels {
        if isWithout { return series.removing(names) }
        return names.isEmpty ? Labels() : series.keeping(names)
    }

    /// Whether the group's labels keep a label of this name.
    func keeps(_ name: String) -> Bool { names.contains(name) != isWithout }
}
