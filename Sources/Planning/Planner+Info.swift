import PromQL
import TimeSeries

extension Planner {
    /// `info(v)`: the series and the info series meet here, for one cluster's may match another's.
    mutating func infoNode(
        _ call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        if call.arguments[0].hasMovedSelector {
            // Prometheus looks at info series at the query's times, but reads them only around the
            // moved ones.
            throw .notDistributable(
                part: Expression.call(call).text(),
                reason: "info() of a selector with offset or @ is not supported")
        }
        let matchers = call.informationMatchers
        let input = try materialized(
            try part(of: call.arguments[0], grid: grid), grid: grid)
        let selector = Expression.selector(Selector(matchers: matchers))
        let name = matchers.first {
            $0.name == Labels.metricNameLabel && $0.operator == .equal
        }
        let origin = Expression.call(call).text()
        // Of two info series the newer counts. Servers give the times without the names; where
        // these differ, and the times turn out to matter, the samples come here.
        let information =
            name == nil
            ? try part(of: selector, grid: grid)
            : try part(ofCall: Self.times(of: selector), grid: grid)
        var samples: Int?
        if name == nil, exactAggregations.contains(origin) {
            let whole = RangeSelector(
                selector: Selector(matchers: matchers),
                range: .milliseconds(grid.end - grid.start + Self.lookback))
            samples = try fragment(
                of: Local(expression: .range(whole), external: externalNames),
                grid: TimeGrid(instant: grid.end), wantsSamples: true)
        }
        return .info(
            InfoNode(
                input: input, information: try materialized(information, grid: grid),
                name: name?.value, hasTimes: name != nil, samples: samples, origin: origin,
                matchers: matchers))
    }

    /// How far back the newest sample of a series can be that is there, milliseconds. Servers are
    /// seldom told to look further.
    private static let lookback: Int64 = 3_600_000

    private static func times(of selector: Expression) -> Call {
        guard let timestamp = Function.named("timestamp") else {
            preconditionFailure("timestamp is a row of the function table")
        }
        return Call(function: timestamp, arguments: [selector])
    }
}

extension Call {
    /// Which series an `info()` takes labels from.
    public var informationMatchers: [Matcher] {
        var matchers: [Matcher] = []
        if arguments.count > 1, case .selector(let selector) = arguments[1].unparenthesized {
            matchers = selector.matchers
        }
        if !matchers.contains(where: { $0.name == Labels.metricNameLabel }) {
            matchers.append(Matcher(Labels.metricNameLabel, equal: InfoNode.defaultName))
        }
        return matchers
    }
}

extension Expression {
    /// The `offset` and `@` of the first selector: info series are looked for around its times.
    public var firstSelectorTime: TimeModifiers {
        var first: TimeModifiers?
        visitSelectors { first = first ?? $0.time }
        return first ?? TimeModifiers()
    }

    /// Whether its first selector, whose time counts for info series too, has `offset` or `@`.
    fileprivate var hasMovedSelector: Bool {
        let time = firstSelectorTime
        return time.at != nil || (time.offset ?? .milliseconds(0)) != .milliseconds(0)
    }
}
