import PromQL
import TimeSeries

/// The groups of an aggregation: for each series the number of its group, found once.
struct Groups {
    /// The labels of each group, in order of first appearance.
    private(set) var labels: [Labels] = []
    /// The group of each series.
    private(set) var groupOf: [Int] = []

    init(_ series: [GridSeries], _ grouping: Grouping) {
        var places: [Labels: Int] = [:]
        groupOf.reserveCapacity(series.count)
        let kept: (Labels) -> Labels
        switch grouping {
        case .by(let names):
            let names = LabelNames(names)
            kept = { names.isEmpty ? Labels() : $0.keeping(names) }
        case .without(let names):
            let names = LabelNames(names + [Labels.metricNameLabel])
            kept = { $0.removing(names) }
        }
        for one in series {
            let key = kept(one.labels)
            if let place = places[key] {
                groupOf.append(place)
            } else {
                places[key] = labels.count
                groupOf.append(labels.count)
                labels.append(key)
            }
        }
    }

    /// The places of each group's series.
    var members: [[Int]] {
        var result = [[Int]](repeating: [], count: labels.count)
        for (index, group) in groupOf.enumerated() { result[group].append(index) }
        return result
    }
}
