import Planning
import PromQL
import TimeSeries

extension Evaluator {
    /// Arithmetic and comparison of two vectors whose series find each other by their labels.
    mutating func matched(
        _ node: BinaryNode, _ left: [GridSeries], _ right: [GridSeries], on grid: TimeGrid
    ) throws(EvaluationFailure) -> [GridSeries] {
        var match = VectorMatch(node, left, right, names, count: grid.count, budget)
        let result = try match.run()
        budget = match.budget
        remark(match.remarks, of: node)
        return result
    }
}

/// The join of two vectors. "Many" is the side of which several series may match one of the other;
/// for one-to-one matches it is the left one.
private struct VectorMatch {
    private let node: BinaryNode
    private let matching: VectorMatching
    private let names: NameRemoval
    private let count: Int
    private let manyIsRight: Bool
    private let many: [GridSeries]
    private let one: [GridSeries]
    private let fillMany: Double?
    private let fillOne: Double?
    /// The labels that a one-to-one match keeps, or drops.
    private let matched: LabelNames
    var budget: Budget

    private(set) var remarks: Set<HistogramArithmetic.Remark> = []

    private var result: [GridSeries] = []
    private var places: [Labels: Int] = [:]
    /// The group that each series of the result comes from.
    private var groupOf: [Int] = []

    /// The series that share a signature, by their places on either side.
    private struct Group {
        var key: Labels
        var many: [Int] = []
        var one: [Int] = []
    }

    init(
        _ node: BinaryNode, _ left: [GridSeries], _ right: [GridSeries], _ names: NameRemoval,
        count: Int, _ budget: Budget
    ) {
        self.names = names
        self.node = node
        self.count = count
        self.budget = budget
        matching = node.matching ?? VectorMatching()
        manyIsRight = matching.cardinality == .oneToMany
        many = manyIsRight ? right : left
        one = manyIsRight ? left : right
        fillMany = manyIsRight ? matching.fillRight : matching.fillLeft
        fillOne = manyIsRight ? matching.fillLeft : matching.fillRight
        matched =
            switch matching.labels {
            case .on(let labels), .ignoring(let labels): LabelNames(labels)
            }
    }

    mutating func run() throws(EvaluationFailure) -> [GridSeries] {
        let groups = groups()
        try requireUniqueOne(groups)
        for (index, group) in groups.enumerated() { try join(group, index) }
        return result
    }

    private func groups() -> [Group] {
        let signature = Signature(matching)
        var groups: [Group] = []
        var places: [Labels: Int] = [:]
        func place(_ labels: Labels) -> Int {
            let key = signature.key(labels)
            if let place = places[key] { return place }
            places[key] = groups.count
            groups.append(Group(key: key))
            return groups.count - 1
        }
        for (index, series) in many.enumerated() {
            let place = place(series.labels)
            groups[place].many.append(index)
        }
        for (index, series) in one.enumerated() {
            let place = place(series.labels)
            groups[place].one.append(index)
        }
        return groups
    }

    // MARK: The one side

    /// At each time a group may have one series on the one side.
    private func requireUniqueOne(_ groups: [Group]) throws(EvaluationFailure) {
        guard groups.contains(where: { $0.one.count > 1 }) else { return }
        // Prometheus does not look where a side has nothing at all, unless it may be filled.
        let isFilled = fillMany != nil || fillOne != nil
        var isLookedAt = [Bool](repeating: isFilled, count: count)
        if !isFilled {
            for series in many {
                for time in 0..<count where series.isPresent(at: time) { isLookedAt[time] = true }
            }
        }
        for time in 0..<count where isLookedAt[time] {
            for group in groups where group.one.count > 1 {
                var found: Int?
                for index in group.one where one[index].isPresent(at: time) {
                    guard let first = found else {
                        found = index
                        continue
                    }
                    throw .duplicateMatch(
                        group: group.key, side: manyIsRight ? .left : .right,
                        first: one[first].labels, second: one[index].labels)
                }
            }
        }
    }

    // MARK: Pairs

    private mutating func join(_ group: Group, _ index: Int) throws(EvaluationFailure) {
        // Whether there was a result already, where a one-to-one match may have one.
        var isTaken: [Bool] = []
        if matching.cardinality == .oneToOne, group.many.count > 1 {
            isTaken = [Bool](repeating: false, count: count)
        }
        for place in group.many {
            for other in group.one {
                try add(many[place], one[other], group: index, &isTaken)
            }
        }
        if let fillOne, !group.many.isEmpty {
            let filled = filling(group.key, with: fillOne, whereAbsent: group.one.map { one[$0] })
            for place in group.many { try add(many[place], filled, group: index, &isTaken) }
        }
        if let fillMany, !group.one.isEmpty {
            let filled = filling(
                group.key, with: fillMany, whereAbsent: group.many.map { many[$0] })
            for other in group.one { try add(filled, one[other], group: index, &isTaken) }
        }
    }

    /// A series with the labels of a match, there wherever none of `series` is.
    private func filling(
        _ key: Labels, with value: Double, whereAbsent series: [GridSeries]
    ) -> GridSeries {
        var result = GridSeries(labels: key, values: [Double](repeating: value, count: count))
        for time in 0..<count where series.contains(where: { $0.isPresent(at: time) }) {
            result.values[time] = Absent.value
        }
        return result
    }

    /// Computes one pair of series and adds what comes of it to the result.
    private mutating func add(
        _ manySeries: GridSeries, _ oneSeries: GridSeries, group: Int, _ isTaken: inout [Bool]
    ) throws(EvaluationFailure) {
        try budget.charge(count)
        try budget.work(onHistogramsOf: manySeries)
        try budget.work(onHistogramsOf: oneSeries)
        let left = manyIsRight ? oneSeries : manySeries
        let right = manyIsRight ? manySeries : oneSeries
        var values = Arithmetic.column(
            node.operator, left.values, right.values,
            comparison: node.returnsBool ? .truth : .left)
        let histograms = HistogramArithmetic.compute(
            node.shape, left, right, &values, &remarks)
        if node.operator.isTrim, zip(left.values, right.values).contains(where: Self.areFloats) {
            remarks.insert(.types(.float, .float))
        }
        let computed = GridSeries(labels: Labels(), values: values, histograms: histograms)
        if computed.isEmpty { return }
        if !isTaken.isEmpty {
            for time in 0..<count where computed.isPresent(at: time) {
                if isTaken[time] { throw .manyToOneNotExplicit }
                isTaken[time] = true
            }
        }
        let labels = resultLabels(manySeries.labels, oneSeries.labels)
        guard let place = places[labels] else {
            places[labels] = result.count
            groupOf.append(group)
            result.append(
                GridSeries(
                    labels: labels, values: values, histograms: histograms,
                    dropsMetricName: node.returnsBool && names == .atTheEnd))
            return
        }
        for time in 0..<count where computed.isPresent(at: time) {
            guard !result[place].isPresent(at: time) else {
                throw groupOf[place] == group ? .groupingNotUnique : .duplicateLabels
            }
            result[place].values[time] = values[time]
        }
        if !histograms.isEmpty {
            result[place].histograms = (result[place].histograms + histograms)
                .sorted { $0.index < $1.index }
        }
        groupOf[place] = group
    }

    private static func areFloats(_ left: Double, _ right: Double) -> Bool {
        !Absent.isAbsent(left) && !Absent.isAbsent(right)
    }

    private func resultLabels(_ many: Labels, _ one: Labels) -> Labels {
        var result = node.keepsName ? many : many.withoutMetric
        if matching.cardinality == .oneToOne {
            switch matching.labels {
            case .on: result = result.keeping(matched)
            case .ignoring: if !matched.isEmpty { result = result.removing(matched) }
            }
        }
        for label in matching.include {
            result = result.setting(label, to: one[label] ?? "")
        }
        return node.returnsBool ? names.labels(ofComputedFrom: result) : result
    }
}
