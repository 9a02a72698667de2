import PromQL
import TimeSeries

extension Plan {
    /// The origins of what is put together from partial answers of a fragment for which `isMeant`
    /// says so, and that histograms in a group would make wrong.
    public func originsOfPartials(_ isMeant: (Int) -> Bool) -> Set<String> {
        var result: Set<String> = []
        func visit(_ node: PlanNode) {
            switch node {
            case .merged(let fragment, .sum, let origin, _),
                .composed(let fragment, _, let origin, _),
                .candidates(let fragment, let origin?):
                if isMeant(fragment) { result.insert(origin) }
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
        case .number, .string, .time, .fragment, .candidates, .merged, .composed: []
        case .call(let call): call.arguments
        case .aggregation(let aggregation):
            [aggregation.parameter, aggregation.input].compactMap { $0 }
        case .binary(let operation): [operation.left, operation.right]
        case .negated(let inner), .repeated(let inner, _): [inner]
        case .absent(let input, _): [input]
        case .window(let window): window.arguments.compactMap { $0 } + window.input.nodes
        case .quantile(let quantile): [quantile.parameter]
        case .info(let info):
            [info.input, info.information, info.reach?.latest].compactMap { $0 }
        }
    }

    /// The fragment whose answers it reads itself.
    public var fragment: Int? {
        switch self {
        case .fragment(let index), .candidates(let index, _), .merged(let index, _, _, _),
            .composed(let index, _, _, _):
            index
        case .quantile(let quantile): quantile.fragment
        case .window(let window): window.input.fragment
        case .info(let info): info.samples
        default: nil
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

    fileprivate var fragment: Int? {
        switch self {
        case .points: nil
        case .samples(let fragment): fragment
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
    /// Where a selector or subquery with these looks for the times from `start` to `end`.
    func moved(_ start: Int64, _ end: Int64) -> ClosedRange<Int64> {
        let offset = offset?.literalMilliseconds ?? 0
        if case .time(let at) = at { return at - offset...at - offset }
        return start - offset...max(start, end) - offset
    }
}

extension Expression {
    /// Whether an `@` stands anywhere.
    public var usesFixedTimes: Bool {
        switch self {
        case .selector(let selector): selector.time.at != nil
        case .range(let range): range.selector.time.at != nil
        case .subquery(let subquery):
            subquery.time.at != nil || subquery.expression.usesFixedTimes
        default: children.contains(where: \.usesFixedTimes)
        }
    }

    /// Whether the value is the same at all times of the query: all data is looked at under a fixed
    /// time, and no function looks at the clock. It is then computed for the first time alone, which
    /// shows where a function looks at other data on its own (`info`).
    public var isStepInvariant: Bool {
        switch self {
        case .number, .string: true
        case .selector(let selector): selector.time.at != nil
        case .range(let range): range.selector.time.at != nil
        // What is inside is evaluated on the subquery's own times.
        case .subquery(let subquery): subquery.time.at != nil
        case .call(let call):
            !call.function.looksAtClock && call.arguments.allSatisfy(\.isStepInvariant)
        default: children.allSatisfy(\.isStepInvariant)
        }
    }

    /// Calls `body` with every selector.
    func visitSelectors(_ body: (Selector) -> Void) {
        switch self {
        case .selector(let selector): body(selector)
        case .range(let range): body(range.selector)
        default: for child in children { child.visitSelectors(body) }
        }
    }
}

extension Function {
    /// Whether the result depends on the evaluation time besides its arguments.
    fileprivate var looksAtClock: Bool {
        kind == .calendar || kind == .sampleTime || kind == .query || name == "time"
            || name == "predict_linear"
    }
}
