import Evaluation
import Planning
import PromQL
import TimeSeries

/// A Prometheus in memory, for tests: samples, and PromQL over them by the gateway's own engine,
/// with the lookback that only servers have. What it answers is what one server would, so a fleet
/// of it can be held against one that has everything.
package struct MemoryServer: Sendable {
    package struct Series: Sendable {
        package var labels: Labels
        /// In time order, milliseconds; `Absent.value` is a stale marker.
        package var samples: [(time: Int64, value: Double)]

        package init(labels: Labels, samples: [(time: Int64, value: Double)]) {
            self.labels = labels
            self.samples = samples
        }
    }

    package var series: [Series]
    /// How far back an instant selector looks, milliseconds; its window is open on the left.
    package var lookback: Int64 = 300_000

    package init(series: [Series] = []) { self.series = series }

    /// What the server answers to a resolved expression.
    package func answer(
        _ expression: Expression, on grid: TimeGrid
    ) throws -> EvaluationOutcome {
        var lowering = Lowering(server: self, sampleGrid: sampleGrid)
        let remainder = try lowering.remainder(expression, grid)
        let plan = Plan(fragments: lowering.fragments, remainder: remainder, grid: grid)
        return try evaluate(plan, inputs: EvaluationInputs(fragments: lowering.answers))
    }

    /// A grid that holds all samples' times.
    private var sampleGrid: TimeGrid {
        var first = Int64.max
        var last = Int64.min
        for one in series {
            first = min(first, one.samples.first?.time ?? first)
            last = max(last, one.samples.last?.time ?? last)
        }
        guard first <= last else { return TimeGrid(instant: 0) }
        var step: Int64 = 0
        for one in series {
            for sample in one.samples {
                step = Self.greatestCommonDivisor(step, sample.time - first)
            }
        }
        return TimeGrid(start: first, end: last, step: max(step, 1))
    }

    private static func greatestCommonDivisor(_ left: Int64, _ right: Int64) -> Int64 {
        right == 0 ? left : greatestCommonDivisor(right, left % right)
    }

    /// The series that meet all conditions.
    func matching(_ matchers: [Matcher]) -> [Series] {
        series.filter { one in matchers.allSatisfy { $0.matches(one.labels) } }
    }
}

/// What the test's server cannot do.
package struct NotInMemory: Error {
    package var reason: String

    package init(reason: String) { self.reason = reason }
}

/// Turns an expression into nodes over fragments that hold the server's samples.
private struct Lowering {
    let server: MemoryServer
    let sampleGrid: TimeGrid
    var fragments: [Fragment] = []
    var answers: [FragmentAnswer] = []

    init(server: MemoryServer, sampleGrid: TimeGrid) {
        self.server = server
        self.sampleGrid = sampleGrid
    }

    mutating func remainder(
        _ expression: Expression, _ grid: TimeGrid
    ) throws -> Plan.Remainder {
        switch unwrapped(expression) {
        case .string(let literal): return .value(.string(literal.value))
        case .subquery(let subquery):
            let inner = innerGrid(subquery, grid)
            return .points(input: try node(subquery.expression, inner), grid: inner)
        case .range: throw NotInMemory(reason: "a root range selector")
        default: return .value(try node(expression, grid))
        }
    }

    private func unwrapped(_ expression: Expression) -> Expression {
        if case .parenthesized(let group) = expression { return unwrapped(group.expression) }
        return expression
    }

    private mutating func fragment(_ series: [GridSeries], _ grid: TimeGrid) -> PlanNode {
        answers.append(FragmentAnswer(parts: [series]))
        fragments.append(Fragment(text: "", grid: grid, requests: []))
        return .fragment(answers.count - 1)
    }

    private mutating func node(_ expression: Expression, _ grid: TimeGrid) throws -> PlanNode {
        switch expression {
        case .number(let literal): return .number(literal.value)
        case .string(let literal): return .string(literal.value)
        case .selector(let selector): return fragment(points(selector, grid), grid)
        case .range, .subquery: throw NotInMemory(reason: "a window without a function")
        case .parenthesized(let group): return try node(group.expression, grid)
        case .unary(let operation):
            let inner = try node(operation.expression, grid)
            return operation.operator == .minus ? .negated(inner) : inner
        case .binary(let operation):
            return .binary(
                BinaryNode(
                    operator: operation.operator, left: try node(operation.left, grid),
                    right: try node(operation.right, grid), returnsBool: operation.returnsBool,
                    matching: operation.matching, source: operation.source))
        case .aggregation(let aggregation):
            return .aggregation(
                AggregationNode(
                    operator: aggregation.operator, input: try node(aggregation.expression, grid),
                    parameter: try aggregation.parameter.map { try node($0, grid) },
                    grouping: aggregation.grouping, source: aggregation.source))
        case .call(let call): return try node(call, grid)
        }
    }

    private mutating func node(_ call: Call, _ grid: TimeGrid) throws -> PlanNode {
        switch call.function.kind {
        case .overRange: return try window(call, grid)
        case .absentOverTime:
            guard let present = Function.named("present_over_time") else { return .time }
            let inner = try window(Call(function: present, arguments: call.arguments), grid)
            return .absent(input: inner, labels: absentLabels(call.arguments[0]))
        case .absent:
            return .absent(
                input: try node(call.arguments[0], grid),
                labels: absentLabels(call.arguments[0]))
        case .sampleTime:
            if case .selector(let selector) = call.arguments[0] {
                return fragment(points(selector, grid, givesTime: true), grid)
            }
        case .constant where call.function.name == "time": return .time
        case .info: throw NotInMemory(reason: "info()")
        case .query: throw NotInMemory(reason: "an unresolved fact of the query")
        default: break
        }
        return .call(
            CallNode(
                function: call.function,
                arguments: try call.arguments.map { try node($0, grid) }, source: call.source))
    }

    private mutating func window(_ call: Call, _ grid: TimeGrid) throws -> PlanNode {
        var arguments: [PlanNode?] = []
        var input: (node: PlanNode, grid: TimeGrid, range: Int64, time: TimeModifiers)?
        for argument in call.arguments {
            switch unwrapped(argument) {
            case .range(let range):
                let found = server.matching(range.selector.matchers)
                input = (
                    fragment(found.map(onSampleGrid), sampleGrid), sampleGrid,
                    milliseconds(range.range), range.selector.time
                )
                arguments.append(nil)
            case .subquery(let subquery):
                let inner = innerGrid(subquery, grid)
                input = (
                    try node(subquery.expression, inner), inner, milliseconds(subquery.range),
                    subquery.time
                )
                arguments.append(nil)
            default: arguments.append(try node(argument, grid))
            }
        }
        guard let input else { throw NotInMemory(reason: "no window") }
        var at: Int64?
        if case .time(let time)? = input.time.at { at = time }
        return .window(
            WindowNode(
                function: call.function, arguments: arguments, input: input.node,
                grid: input.grid, range: input.range,
                offset: input.time.offset.map(milliseconds) ?? 0, at: at, source: call.source))
    }

    // MARK: Samples

    private func onSampleGrid(_ series: MemoryServer.Series) -> GridSeries {
        var result = GridSeries(labels: series.labels, count: sampleGrid.count)
        for sample in series.samples {
            if let index = sampleGrid.index(of: sample.time) {
                result.values[index] = sample.value
            }
        }
        return result
    }

    /// The newest sample at each time, or its time in seconds.
    private func points(
        _ selector: Selector, _ grid: TimeGrid, givesTime: Bool = false
    ) -> [GridSeries] {
        server.matching(selector.matchers).map { series in
            let labels = givesTime ? series.labels.removingMetricName() : series.labels
            var result = GridSeries(labels: labels, count: grid.count)
            for index in 0..<grid.count {
                var time = grid.time(at: index)
                if case .time(let at)? = selector.time.at { time = at }
                time -= selector.time.offset.map(milliseconds) ?? 0
                guard let sample = series.samples.last(where: { $0.time <= time }),
                    sample.time > time - server.lookback, !Absent.isAbsent(sample.value)
                else { continue }
                result.values[index] = givesTime ? Double(sample.time) / 1000 : sample.value
            }
            return result
        }.filter { !$0.isEmpty }
    }

    private func innerGrid(_ subquery: Subquery, _ grid: TimeGrid) -> TimeGrid {
        let step = max(1, subquery.step.map(milliseconds) ?? 60_000)
        let offset = subquery.time.offset.map(milliseconds) ?? 0
        var (first, last) = (grid.start, grid.end)
        if case .time(let at)? = subquery.time.at { (first, last) = (at, at) }
        func floored(_ time: Int64) -> Int64 {
            time - ((time % step) + step) % step
        }
        let start = floored(first - offset - milliseconds(subquery.range)) + step
        return TimeGrid(start: start, end: max(start, floored(last - offset)), step: step)
    }

    private func milliseconds(_ duration: DurationExpression) -> Int64 {
        if case .milliseconds(let value) = duration { return value }
        preconditionFailure("the expression is resolved")
    }

    private func absentLabels(_ expression: Expression) -> Labels {
        let matchers: [Matcher]
        switch unwrapped(expression) {
        case .selector(let selector): matchers = selector.matchers
        case .range(let range): matchers = range.selector.matchers
        default: return Labels()
        }
        let named = matchers.filter { $0.name != Labels.metricNameLabel }
        let usable = named.filter { matcher in
            matcher.operator == .equal && named.filter { $0.name == matcher.name }.count == 1
        }
        return Labels(usable.map { ($0.name, $0.value) })
    }
}
