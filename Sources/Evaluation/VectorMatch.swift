import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// Arithmetic and comparison of two vectors whose series find each other by their labels.
    mutating func matched(
        _ node: BinaryNode, _ left: [GridSeries], _ right: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        for series in [left, right].joined() {
            try requireFloats(series, node.operator.rawValue)
        }
        var match = VectorMatch(node, count: grid.count)
        try match.run(left, right)
        return match.result
    }
}

/// The join of two vectors. "Many" is the side of which several series may match one of the other;
/// for one-to-one matches it is the left one.
private struct VectorMatch {
    private let node: BinaryNode
    private let matching: VectorMatching
    private let signature: Signature
    private let count: Int
    private let manyIsRight: Bool
    private var places: [Labels: Int] = [:]
    private(set) var result: [GridSeries] = []

    init(_ node: BinaryNode, count: Int) {
        self.node = node
        matching = node.matching ?? VectorMatching()
        signature = Signature(matching)
        self.count = count
        manyIsRight = matching.cardinality == .oneToMany
    }

    /// The series that share a signature.
    private struct Group {
        var many: [GridSeries] = []
        var one: [GridSeries] = []
    }

    mutating func run(
        _ left: [GridSeries], _ right: [GridSeries]
    ) throws(EvaluationFailure) {
        var order: [Labels] = []
        var groups: [Labels: Int] = [:]
        var members: [Group] = []
        func place(_ labels: Labels) -> Int {
            let key = signature.key(labels)
            if let place = groups[key] { return place }
            groups[key] = members.count
            members.append(Group())
            order.append(key)
            return members.count - 1
        }
        for series in manyIsRight ? right : left {
            let index = place(series.labels)
            members[index].many.append(series)
        }
        for series in manyIsRight ? left : right {
            let index = place(series.labels)
            members[index].one.append(series)
        }
        for (key, group) in zip(order, members) { try join(group, key) }
    }

    private mutating func join(_ group: Group, _ key: Labels) throws(EvaluationFailure) {
        let fillMany = manyIsRight ? matching.fillRight : matching.fillLeft
        let fillOne = manyIsRight ? matching.fillLeft : matching.fillRight
        for time in 0..<count {
            let one = try single(group.one, at: time, key)
            if one == nil, fillOne == nil { continue }
            let oneValue = one.map { group.one[$0].values[time] } ?? fillOne ?? .nan
            let oneLabels = one.map { group.one[$0].labels } ?? key
            var matchCount = 0
            for many in group.many where !Absent.isAbsent(many.values[time]) {
                let isKept = try add(
                    many.values[time], many.labels, oneValue, oneLabels, at: time)
                if isKept { matchCount += 1 }
                if matchCount > 1, matching.cardinality == .oneToOne {
                    throw .manyToOneNotExplicit
                }
            }
            let noneIsPresent = group.many.allSatisfy { Absent.isAbsent($0.values[time]) }
            if noneIsPresent, one != nil, let fillMany {
                _ = try add(fillMany, key, oneValue, oneLabels, at: time)
            }
        }
    }

    /// The one series of its side that has something at the time.
    private func single(
        _ series: [GridSeries], at time: Int, _ key: Labels
    ) throws(EvaluationFailure) -> Int? {
        var found: Int?
        for index in series.indices where !Absent.isAbsent(series[index].values[time]) {
            if let found {
                throw .duplicateMatch(
                    group: key, side: manyIsRight ? .left : .right,
                    first: series[found].labels, second: series[index].labels)
            }
            found = index
        }
        return found
    }

    /// Computes one pair. Returns whether there is a result.
    private mutating func add(
        _ manyValue: Double, _ manyLabels: Labels, _ oneValue: Double, _ oneLabels: Labels,
        at time: Int
    ) throws(EvaluationFailure) -> Bool {
        let left = manyIsRight ? oneValue : manyValue
        let right = manyIsRight ? manyValue : oneValue
        var value = Arithmetic.applied(node.operator, left, right)
        if node.operator.isComparison, !node.returnsBool {
            guard value == 1 else { return false }
            value = left
        }
        let labels = resultLabels(manyLabels, oneLabels)
        let place: Int
        if let known = places[labels] {
            place = known
        } else {
            place = result.count
            places[labels] = place
            result.append(GridSeries(labels: labels, count: count))
        }
        guard Absent.isAbsent(result[place].values[time]) else {
            throw matching.cardinality == .oneToOne ? .duplicateLabels : .groupingNotUnique
        }
        result[place].values[time] = value
        return true
    }

    private func resultLabels(_ many: Labels, _ one: Labels) -> Labels {
        var result = many
        if !node.operator.isComparison || node.returnsBool {
            result = result.removingMetricName()
        }
        if matching.cardinality == .oneToOne {
            switch matching.labels {
            case .on(let labels): result = result.keeping(LabelNames(labels))
            case .ignoring(let labels):
                if !labels.isEmpty { result = result.removing(LabelNames(labels)) }
            }
        }
        for label in matching.include {
            result = result.setting(label, to: one[label] ?? "")
        }
        return result
    }
}
