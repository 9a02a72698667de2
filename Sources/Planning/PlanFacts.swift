import PromQL
import TimeSeries

extension Plan {
    /// The origins of the aggregations that are put together from partial sums of a fragment for
    /// which `isMeant` says so.
    public func originsOfSums(_ isMeant: (Int) -> Bool) -> Set<String> {
        var result: Set<String> = []
        func visit(_ node: PlanNode) {
            switch node {
            case .merged(let fragment, .sum, let origin):
                if isMeant(fragment) { result.insert(origin) }
            case .average(let sum, let count, let origin):
                if isMeant(sum) || isMeant(count) { result.insert(origin) }
            default: break
            }
            for child in node.children { visit(child) }
        }
        switch remainder {
        case .value(let node), .points(let node, _): visit(node)
        case .samples: break
        }
        return result
    }
}

extension PlanNode {
    /// The nodes that this one is computed from.
    var children: [PlanNode] {
        switch self {
        case .number, .string, .time, .fragment, .merged, .average: []
        case .call(let call): call.arguments
        case .aggregation(let aggregation):
            [aggregation.parameter, aggregation.input].compactMap { $0 }
        case .binary(let operation): [operation.left, operation.right]
        case .negated(let inner): [inner]
        case .absent(let input, _): [input]
        case .window(let window): window.arguments.compactMap { $0 } + window.input.nodes
        }
    }
}

extension WindowNode.WindowInput {
    fileprivate var nodes: [PlanNode] {
        switch self {
        case .points(let node, _): [node]
        case .samples: []
        }
    }
}

extension Expression {
    /// The earliest and the latest time at which the query looks at data, milliseconds, where it
    /// looks at any: its grid moved by `offset` and `@`, and back by the ranges of subqueries. The
    /// windows of range selectors and the lookback are left out. The expression is resolved.
    public func reach(over grid: TimeGrid) -> ClosedRange<Int64>? {
        reach(from: grid.start, to: grid.end)
    }

    private func reach(from start: Int64, to end: Int64) -> ClosedRange<Int64>? {
        switch self {
        case .number, .string: return nil
        case .selector(let selector): return selector.time.moved(start, end)
        case .range(let range): return range.selector.time.moved(start, end)
        case .subquery(let subquery):
            let moved = subquery.time.moved(start, end)
            let range = subquery.range.literalMilliseconds
            return subquery.expression.reach(
                from: moved.lowerBound - range, to: moved.upperBound)
        case .call(let call): return Self.united(call.arguments, start, end)
        case .aggregation(let aggregation):
            return Self.united(
                [aggregation.parameter, aggregation.expression].compactMap { $0 }, start, end)
        case .binary(let operation):
            return Self.united([operation.left, operation.right], start, end)
        case .unary(let operation): return operation.expression.reach(from: start, to: end)
        case .parenthesized(let group): return group.expression.reach(from: start, to: end)
        }
    }

    private static func united(
        _ expressions: [Expression], _ start: Int64, _ end: Int64
    ) -> ClosedRange<Int64>? {
        let reaches = expressions.compactMap { $0.reach(from: start, to: end) }
        guard let first = reaches.map(\.lowerBound).min(),
            let last = reaches.map(\.upperBound).max()
        else { return nil }
        return first...last
    }
}

extension TimeModifiers {
    fileprivate func moved(_ start: Int64, _ end: Int64) -> ClosedRange<Int64> {
        let offset = offset?.literalMilliseconds ?? 0
        if case .time(let at) = at { return at - offset...at - offset }
        return start - offset...max(start, end) - offset
    }
}
