import PromQL
import TimeSeries

extension Expression {
    /// The same query made smaller in one place, in every way there is, the boldest first.
    var reductions: [Expression] {
        let sameType = descendants.filter { $0.type == type }
        var result = sameType
        result += ownReductions
        for (place, child) in children.enumerated() {
            for smaller in child.reductions {
                result.append(replacingChild(place, with: smaller))
            }
        }
        return result
    }

    /// Everything below, nearest last.
    var descendants: [Expression] {
        children.flatMap { $0.descendants + [$0] }
    }

    private func replacingChild(_ place: Int, with replacement: Expression) -> Expression {
        var index = -1
        return mapChildren { child in
            index += 1
            return index == place ? QueryGenerator.operand(replacement) : child
        }
    }

    /// What can be left out of the node itself.
    private var ownReductions: [Expression] {
        switch self {
        case .number(let literal):
            return literal.value == 1 ? [] : [.number(NumberLiteral(1))]
        case .string, .parenthesized: return []
        case .unary(let operation): return [operation.expression]
        case .selector(let selector): return selector.reductions.map { .selector($0) }
        case .range(let range):
            return range.selector.reductions.map { smaller in
                var result = range
                result.selector = smaller
                return .range(result)
            }
        case .subquery(let subquery):
            return subquery.time.reductions.map { time in
                var result = subquery
                result.time = time
                return .subquery(result)
            }
        case .call(let call):
            guard call.function.variadic != 0, !call.arguments.isEmpty else { return [] }
            var result = call
            result.arguments.removeLast()
            return [.call(result)]
        case .aggregation(let aggregation):
            return aggregation.grouping.reductions.map { grouping in
                var result = aggregation
                result.grouping = grouping
                return .aggregation(result)
            }
        case .binary(let operation): return operation.reductions.map { .binary($0) }
        }
    }
}

extension Selector {
    fileprivate var reductions: [Selector] {
        var result: [Selector] = []
        for place in matchers.indices where matchers[place].name != Labels.metricNameLabel {
            var smaller = self
            smaller.matchers.remove(at: place)
            result.append(smaller)
        }
        for time in time.reductions {
            var smaller = self
            smaller.time = time
            result.append(smaller)
        }
        if sampling != .plain {
            var smaller = self
            smaller.sampling = .plain
            result.append(smaller)
        }
        return result
    }
}

extension TimeModifiers {
    fileprivate var reductions: [TimeModifiers] {
        var result: [TimeModifiers] = []
        if offset != nil { result.append(TimeModifiers(at: at)) }
        if at != nil { result.append(TimeModifiers(offset: offset)) }
        return result
    }
}

extension Grouping {
    fileprivate var reductions: [Grouping] {
        switch self {
        case .by(let labels): return labels.withoutEach.map { .by($0) }
        case .without(let labels):
            return [.by([])] + labels.withoutEach.map { .without($0) }
        }
    }
}

extension BinaryOperation {
    fileprivate var reductions: [BinaryOperation] {
        var result: [BinaryOperation] = []
        func add(_ change: (inout BinaryOperation) -> Void) {
            var smaller = self
            change(&smaller)
            result.append(smaller)
        }
        if returnsBool { add { $0.returnsBool = false } }
        if `operator` != .add, `operator`.isArithmetic { add { $0.operator = .add } }
        guard let matching else { return result }
        if matching.fillLeft != nil { add { $0.matching?.fillLeft = nil } }
        if matching.fillRight != nil { add { $0.matching?.fillRight = nil } }
        for labels in matching.include.withoutEach { add { $0.matching?.include = labels } }
        switch matching.labels {
        case .on(let labels):
            for fewer in labels.withoutEach { add { $0.matching?.labels = .on(fewer) } }
        case .ignoring(let labels):
            for fewer in labels.withoutEach { add { $0.matching?.labels = .ignoring(fewer) } }
        }
        if matching.cardinality == .manyToOne || matching.cardinality == .oneToMany {
            add {
                $0.matching?.cardinality = .oneToOne
                $0.matching?.include = []
            }
        }
        return result
    }
}

extension Array {
    /// The array without its first element, without its second, and so on.
    fileprivate var withoutEach: [[Element]] {
        indices.map { place in
            var fewer = self
            fewer.remove(at: place)
            return fewer
        }
    }
}
