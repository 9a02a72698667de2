import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// `quantile` from how many series of each group have which value, at a single time.
    mutating func quantiles(
        _ node: QuantileNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let ratios = try scalar(node.parameter, on: grid)
        remarkOnRatios(ratios, at: node.sources.parameter)
        let parts = inputs.fragments[node.fragment].parts
        let counted = Array(parts.joined())
        try budget.charge(counted.count * grid.count)
        let groups = Groups(counted) { $0.setting(QuantileNode.label, to: "") }
        var result: [GridSeries] = []
        for (group, labels) in groups.labels.enumerated() {
            var values: [CountedValue] = []
            for member in groups.members(of: group) {
                let count = counted[member].values[0]
                guard !Absent.isAbsent(count),
                    let text = counted[member].labels[QuantileNode.label]
                else { continue }
                // Histograms are counted by their text.
                guard let value = NumberText.read(text) else {
                    annotations.inform(
                        Remarks.histogramsIgnored(in: AggregationOperator.quantile.rawValue),
                        at: node.sources.input)
                    continue
                }
                values.append(CountedValue(value: value, count: count))
            }
            guard !values.isEmpty else { continue }
            result.append(
                GridSeries(labels: labels, values: [CountedValue.quantile(of: values, ratios[0])]))
        }
        return result
    }
}

/// A value and how many series have it.
private struct CountedValue {
    var value: Double
    var count: Double

    /// The quantile of all series' values, as `Quantile` has it.
    static func quantile(of values: [CountedValue], _ ratio: Double) -> Double {
        if ratio.isNaN { return .nan }
        if ratio < 0 { return -.infinity }
        if ratio > 1 { return .infinity }
        let sorted = values.sorted {
            $0.value < $1.value || ($0.value.isNaN && !$1.value.isNaN)
        }
        let last = sorted.reduce(0) { $0 + $1.count } - 1
        let rank = ratio * last
        let lower = max(0, rank.rounded(.down))
        let upper = min(last, lower + 1)
        let weight = rank - rank.rounded(.down)
        return value(at: lower, in: sorted) * (1 - weight) + value(at: upper, in: sorted) * weight
    }

    /// The value at a place in the order of all series.
    private static func value(at place: Double, in sorted: [CountedValue]) -> Double {
        var sum = 0.0
        for entry in sorted {
            sum += entry.count
            if place < sum { return entry.value }
        }
        return sorted[sorted.count - 1].value
    }
}
