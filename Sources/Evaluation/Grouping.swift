import PromQL
import TimeSeries

/// Series by their groups; labels are looked at once for each series.
struct Groups {
    /// The labels of each group, in order of first appearance.
    private(set) var labels: [Labels] = []
    /// The places of the series group by group, inside a group in their own order.
    private var places: [Int] = []
    /// Where each group's places begin, and behind the last where they end.
    private var starts: [Int] = [0]

    var count: Int { labels.count }

    /// Groups series by what `key` makes of their labels.
    init(_ series: [GridSeries], by key: (Labels) -> Labels) {
        var known: [Labels: Int] = [:]
        var groupOf: [Int] = []
        var sizes: [Int] = []
        groupOf.reserveCapacity(series.count)
        for one in series {
            let labels = key(one.labels)
            let group = known[labels] ?? self.labels.count
            if group == self.labels.count {
                known[labels] = group
                self.labels.append(labels)
                sizes.append(0)
            }
            sizes[group] += 1
            groupOf.append(group)
        }
        for size in sizes { starts.append(starts[starts.count - 1] + size) }
        var next = starts
        places = [Int](repeating: 0, count: series.count)
        for (place, group) in groupOf.enumerated() {
            places[next[group]] = place
            next[group] += 1
        }
    }

    init(_ series: [GridSeries], _ grouping: Grouping) {
        let key = GroupKey(grouping)
        self.init(series) { key.labels(of: $0) }
    }

    /// The places of a group's series.
    func members(of group: Int) -> ArraySlice<Int> { places[starts[group]..<starts[group + 1]] }
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
