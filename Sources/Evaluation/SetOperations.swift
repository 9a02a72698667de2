import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// `and`, `or` and `unless`: series of the operands, each at the times at which the other side
    /// has, or has not, anything with its signature.
    mutating func combined(
        _ node: BinaryNode, _ left: [GridSeries], _ right: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        let signature = Signature(node.matching ?? VectorMatching(cardinality: .manyToMany))
        try budget.charge((left.count + right.count) * grid.count)
        switch node.operator {
        case .and:
            return Presence(of: right, signature, grid).filter(left) { $0 }
        case .unless:
            return Presence(of: right, signature, grid).filter(left) { !$0 }
        default:
            let added = Presence(of: left, signature, grid).filter(right) { !$0 }
            // The same series may come from either side, at different times.
            return try (left + added).unified(.atOtherTimes)
        }
    }
}

/// At which times any series of a vector with a certain signature has something.
private struct Presence {
    private let signature: Signature
    private let count: Int
    private var places: [Labels: Int] = [:]
    /// The times of each signature, one after the other.
    private var times: [Bool] = []

    init(of series: [GridSeries], _ signature: Signature, _ grid: TimeGrid) {
        self.signature = signature
        count = grid.count
        for one in series {
            let key = signature.key(one.labels)
            let place = places[key] ?? places.count
            if place == places.count {
                places[key] = place
                times.append(contentsOf: repeatElement(false, count: count))
            }
            let first = place * count
            for time in 0..<count where !Absent.isAbsent(one.values[time]) {
                times[first + time] = true
            }
            for point in one.histograms { times[first + point.index] = true }
        }
    }

    /// The series at the times at which `keeps` says so of the presence of their signature.
    func filter(_ series: [GridSeries], _ keeps: (Bool) -> Bool) -> [GridSeries] {
        var result: [GridSeries] = []
        for one in series {
            guard let place = places[signature.key(one.labels)] else {
                if keeps(false) { result.append(one) }
                continue
            }
            let first = place * count
            var filtered = one
            for time in 0..<count where !keeps(times[first + time]) {
                filtered.values[time] = Absent.value
            }
            filtered.histograms.removeAll { !keeps(times[first + $0.index]) }
            if !filtered.isEmpty { result.append(filtered) }
        }
        return result
    }
}
