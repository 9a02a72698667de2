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
    /// `topk` and `bottomk`: at each time the best of each group. An instant query has them best
    /// first.
    mutating func ranked(
        _ node: AggregationNode, _ input: [GridSeries], _ end: RankingEnd, on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let wanted = try counts(of: node, on: grid)
        if input.contains(where: { !$0.histograms.isEmpty }) {
            annotations.inform(Remarks.histogramsIgnored(in: node.operator.rawValue))
        }
        var result = ChosenSeries(input, count: grid.count)
        var ranking = Ranking(end)
        for members in Groups(input, node.grouping).members {
            for (time, wanted) in wanted.enumerated() where wanted > 0 {
                try budget.work(members.count)
                ranking.removeAll()
                for member in members { ranking.add(input[member].values[time], member) }
                ranking.sort(best: wanted)
                for entry in ranking.entries {
                    if result.take(entry.member, at: time) { try budget.charge(grid.count) }
                }
            }
        }
        return result.series
    }

    /// `limitk`: of each group the series that are first by their labels.
    mutating func limited(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let wanted = try counts(of: node, on: grid)
        var result = ChosenSeries(input, count: grid.count)
        for members in Groups(input, node.grouping).members {
            var left = wanted
            for member in members.sorted(by: { input[$0].labels < input[$1].labels }) {
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

    /// `limit_ratio` where it does not depend on chance: which series are drawn in between hangs on
    /// the hash of whichever Prometheus is asked.
    mutating func drawn(
        _ node: AggregationNode, _ input: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let ratios = try parameter(of: node, on: grid)
        if ratios.allSatisfy({ $0 == 0 }) { return [] }
        if ratios.contains(where: \.isNaN) { throw .parameterIsNaN("Ratio") }
        if let greatest = ratios.max(), greatest > 1 {
            annotations.warn(Remarks.invalidRatio(greatest, cappedTo: 1))
        }
        if let least = ratios.min(), least < -1 {
            annotations.warn(Remarks.invalidRatio(least, cappedTo: -1))
        }
        guard ratios.allSatisfy({ $0 == 0 || $0.magnitude >= 1 }) else {
            throw .unsupported("limit_ratio()")
        }
        try budget.charge(input.count * grid.count)
        return input.map { series in
            var series = series
            for time in 0..<grid.count where ratios[time] == 0 {
                series.values[time] = Absent.value
            }
            series.histograms.removeAll { ratios[$0.index] == 0 }
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
            series.append(GridSeries(labels: input[member].labels, count: count))
        }
        let place = places[member]
        series[place].values[time] = input[member].values[time]
        if !input[member].histograms.isEmpty {
            series[place].histograms += input[member].histograms.filter { $0.index == time }
        }
        return isFirst
    }
}

/// Values with the places they come from, to be put in order. Keeps its room from time to time.
private struct Ranking {
    private let end: RankingEnd
    private(set) var entries: [(value: Double, member: Int)] = []

    init(_ end: RankingEnd) { self.end = end }

    mutating func add(_ value: Double, _ member: Int) {
        if !Absent.isAbsent(value) { entries.append((value, member)) }
    }

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

    /// Leaves the best values, best first, equal ones in the order of their places.
    mutating func sort(best wanted: Int) {
        if wanted < entries.count / 4 { keepBest(wanted) }
        entries.sort(by: precedes)
        if wanted < entries.count { entries.removeSubrange(wanted...) }
    }

    /// NaN loses in both directions.
    private func precedes(
        _ left: (value: Double, member: Int), _ right: (value: Double, member: Int)
    ) -> Bool {
        if left.value.isNaN || right.value.isNaN {
            if left.value.isNaN != right.value.isNaN { return right.value.isNaN }
            return left.member < right.member
        }
        if left.value == right.value { return left.member < right.member }
        switch end {
        case .greatest: return left.value > right.value
        case .least: return left.value < right.value
        }
    }

    /// Drops all but the best, by a heap with the worst of them on top: few of many need no sort.
    private mutating func keepBest(_ wanted: Int) {
        for root in (0..<wanted / 2).reversed() { sink(root, below: wanted) }
        for next in wanted..<entries.count where precedes(entries[next], entries[0]) {
            entries[0] = entries[next]
            sink(0, below: wanted)
        }
        entries.removeSubrange(wanted...)
    }

    private mutating func sink(_ root: Int, below end: Int) {
        var root = root
        while true {
            var child = 2 * root + 1
            if child >= end { return }
            if child + 1 < end, precedes(entries[child], entries[child + 1]) { child += 1 }
            if precedes(entries[child], entries[root]) { return }
            entries.swapAt(child, root)
            root = child
        }
    }
}
