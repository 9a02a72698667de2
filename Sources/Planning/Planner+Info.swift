import Clusters
import PromQL
import TimeSeries

extension Planner {
    /// `info(v)`: the series and the info series meet here, for one cluster's may match another's.
    mutating func infoNode(
        _ call: Call, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        let input = try materialized(
            try part(of: call.arguments[0], grid: grid), grid: grid)
        let information = InfoSelector(call)
        let moved = call.arguments[0].firstSelectorTime.moved(grid.start, grid.limit)
        var node = InfoNode(
            input: input, information: .number(0), name: information.name,
            hasTimes: information.name != nil, origin: Expression.call(call).text(),
            matchers: information.matchers)
        if moved == grid.start...grid.limit {
            node.information = try series(of: information, on: grid)
            if information.name == nil, exactAggregations.contains(node.origin) {
                node.samples = try samples(of: information, from: grid.start, through: grid.end)
            }
            return .info(node)
        }
        node.reach = reach(moved)
        // Of the times after its end, the info series are as they are there.
        if moved.upperBound < grid.start {
            node.information = try series(of: information, at: moved.upperBound)
        } else {
            node.information = try series(of: information, on: grid)
            if moved.upperBound < grid.end {
                node.reach?.latest = try series(of: information, at: moved.upperBound)
            }
        }
        if information.name == nil {
            node.samples = try samples(
                of: information, from: min(grid.start, moved.upperBound),
                through: min(grid.end, moved.upperBound))
        }
        return .info(node)
    }

    /// The info series of an `info()`.
    private struct InfoSelector {
        var matchers: [Matcher]
        /// Where there can be only one.
        var name: String?

        init(_ call: Call) {
            matchers = call.informationMatchers
            let name = matchers.first {
                $0.name == Labels.metricNameLabel && $0.operator == .equal
            }
            self.name = name?.value
        }

        var expression: Expression { .selector(Selector(matchers: matchers)) }
    }

    /// Of two info series the newer counts. Servers give the times without the names; where these
    /// differ, and the times turn out to matter, the samples come here.
    private mutating func series(
        of information: InfoSelector, on grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        let part =
            information.name == nil
            ? try part(of: information.expression, grid: grid)
            : try part(ofCall: Self.times(of: information.expression), grid: grid)
        return try materialized(part, grid: grid)
    }

    /// The info series as they are at one time, at all times.
    private mutating func series(
        of information: InfoSelector, at time: Int64
    ) throws(PlanningFailure) -> PlanNode {
        .repeated(try series(of: information, on: TimeGrid(instant: time)), at: time)
    }

    /// A fragment with all samples that can be seen in a span of time.
    private mutating func samples(
        of information: InfoSelector, from start: Int64, through end: Int64
    ) throws(PlanningFailure) -> Int {
        let longest = max(Self.longestLookback, lookbacks.max() ?? 0)
        let range = RangeSelector(
            selector: Selector(matchers: information.matchers),
            range: .milliseconds(end - start + longest))
        return try fragment(
            of: Local(expression: .range(range), external: externalNames),
            grid: TimeGrid(instant: end), wantsSamples: true)
    }

    private static func times(of selector: Expression) -> Call {
        guard let timestamp = Function.named("timestamp") else {
            preconditionFailure("timestamp is a row of the function table")
        }
        return Call(function: timestamp, arguments: [selector])
    }

    // MARK: Lookback

    /// How far back the newest sample of a series can be that is there, milliseconds. Servers are
    /// seldom told to look further.
    private static let longestLookback: Int64 = 3_600_000

    /// How far back each cluster's server looks, milliseconds.
    private var lookbacks: [Int64] {
        fleet.clusters.map {
            toldLookback ?? $0.capabilities.lookback ?? Capabilities.usualLookback
        }
    }

    private func reach(_ moved: ClosedRange<Int64>) -> InfoReach {
        let all = lookbacks
        var result = InfoReach(
            first: moved.lowerBound, last: moved.upperBound,
            lookback: all.first ?? Capabilities.usualLookback)
        for (cluster, lookback) in zip(fleet.clusters, all) where lookback != result.lookback {
            result.lookbacks[cluster.externalLabels[Cluster.label] ?? cluster.id.name] = lookback
        }
        return result
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
    public var firstSelectorTime: TimeModifiers { firstSelector?.time ?? TimeModifiers() }

    /// Of an aggregation, Prometheus looks at the series before the parameter.
    private var firstSelector: Selector? {
        switch self {
        case .selector(let selector): return selector
        case .range(let range): return range.selector
        case .aggregation(let aggregation):
            return aggregation.expression.firstSelector ?? aggregation.parameter?.firstSelector
        default:
            for child in children {
                if let found = child.firstSelector { return found }
            }
            return nil
        }
    }
}
