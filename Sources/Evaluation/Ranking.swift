import Planning
import PromQL
import TimeSeries

/// Which end of the values a ranking wants.
enum RankingEnd {
    /// `topk`.
    case greatest
    /// `bottomk`.
    case least
}

extension Evaluator {
    /// `topk` and `bottomk`: at each time the best of each group. Which of equal ones stay is
    /// decided as in Prometheus, by the order in which the series come and by its heap. An instant
    /// query has them best first.
    mutating func ranked(
        _ node: AggregationNode, _ unordered: [GridSeries], _ end: RankingEnd, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let wanted = try counts(of: node, on: grid)
        let input = inOrderOfUnion(unordered, from: node.input)
        if input.contains(where: { !$0.histograms.isEmpty }) {
            annotations.inform(
                Remarks.histogramsIgnored(in: node.operator.rawValue), at: node.sources.whole)
        }
        var result = ChosenSeries(input, count: grid.count)
        var heaps = wanted.map { RankingHeap(end, wanted: $0) }
        let groups = Groups(input, node.grouping)
        // Not by first appearance, which depends on what is known of the series left out.
        for group in (0..<groups.count).sorted(by: { groups.labels[$0] < groups.labels[$1] }) {
            for time in heaps.indices { heaps[time].removeAll() }
            for member in groups.members(of: group) {
                try budget.work(grid.count)
                let values = input[member].values
                for time in values.indices where !Absent.isAbsent(values[time]) {
                    heaps[time].add(values[time], member)
                }
            }
            for time in heaps.indices {
                heaps[time].sort()
                for entry in heaps[time].entries {
                    if result.take(entry.member, at: time) { try budget.charge(grid.count) }
                }
            }
        }
        return result.series
    }

    /// `limitk`: of each group the series that come first.
    mutating func limited(
        _ node: AggregationNode, _ unordered: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let wanted = try counts(of: node, on: grid)
        let input = inOrderOfUnion(unordered, from: node.input)
        var result = ChosenSeries(input, count: grid.count)
        let groups = Groups(input, node.grouping)
        for group in 0..<groups.count {
            var left = wanted
            for member in groups.members(of: group) {
                guard left.contains(where: { $0 > 0 }) else { break }
                try budget.work(grid.count)
                for time in 0..<grid.count
                where left[time] > 0 && input[member].isPresent(at: time) {
                    left[time] -= 1
                    if result.take(member, at: time) { try budget.charge(grid.count) }
                }
            }
        }
        return result.series
    }

    /// Series in the order in which one Prometheus that held all of them would look at them. Its
    /// blocks hold series by their labels, so what several clusters answered side by side is put in
    /// that order; what was computed here has the order in which Prometheus computes it, as far as
    /// the series below are known.
    private func inOrderOfUnion(_ series: [GridSeries], from node: PlanNode) -> [GridSeries] {
        switch node {
        case .fragment(let index), .candidates(let index, _):
            inputs.fragments[index].parts.count > 1 ? series.arranged(byLabels: \.labels) : series
        default: series
        }
    }

    /// `limit_ratio`: the series whose hash is in the first part of all hashes, or in the last one
    /// for a ratio below zero, so that `r` and `r - 1` are each other's complement.
    mutating func drawn(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let ratios = try parameter(of: node, on: grid)
        if ratios.allSatisfy({ $0 == 0 }) { return [] }
        if ratios.contains(where: \.isNaN) { throw .parameterIsNaN("Ratio") }
        if let greatest = ratios.max(), greatest > 1 {
            annotations.warn(
                Remarks.invalidRatio(greatest, cappedTo: 1), at: node.sources.parameter)
        }
        if let least = ratios.min(), least < -1 {
            annotations.warn(
                Remarks.invalidRatio(least, cappedTo: -1), at: node.sources.parameter)
        }
        try budget.charge(input.count * grid.count)
        return input.map { series in
            var series = series
            let share = SeriesHash.share(of: series.labels)
            func isDrawn(_ ratio: Double) -> Bool {
                ratio >= 0 ? share < ratio : share >= 1 + ratio
            }
            for time in 0..<grid.count where !isDrawn(ratios[time]) {
                series.values[time] = Absent.value
            }
            series.histograms.removeAll { !isDrawn(ratios[$0.index]) }
            return series
        }
    }

    /// The number of series wanted at each time.
    private mutating func counts(
        of node: AggregationNode, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [Int] {
        let counts = try parameter(of: node, on: grid)
        if counts.contains(where: \.isNaN) { throw .parameterIsNaN("Parameter") }
        if let least = counts.min(), least <= -0x1p63 { throw .parameterOverflows(least) }
        if let greatest = counts.max(), greatest >= 0x1p63 { throw .parameterOverflows(greatest) }
        return counts.map { Int($0) }
    }
}

/// Series of a vector at the times at which they were chosen.
private struct ChosenSeries {
    private let input: [GridSeries]
    private let count: Int
    /// Where each series of the input is among those chosen; below zero where it was not yet.
    private var places: [Int]
    /// In the order in which they were first chosen.
    private(set) var series: [GridSeries] = []

    init(_ input: [GridSeries], count: Int) {
        self.input = input
        self.count = count
        places = [Int](repeating: -1, count: input.count)
    }

    /// Takes what a series has at a time. Returns whether it is the first of the series.
    mutating func take(_ member: Int, at time: Int) -> Bool {
        let isFirst = places[member] < 0
        if isFirst {
            places[member] = series.count
            var chosen = GridSeries(labels: input[member].labels, count: count)
            chosen.dropsMetricName = input[member].dropsMetricName
            series.append(chosen)
        }
        let place = places[member]
        series[place].values[time] = input[member].values[time]
        if let histogram = input[member].histogram(at: time) {
            series[place].histograms.append(.init(index: time, histogram: histogram))
        }
        return isFirst
    }
}
