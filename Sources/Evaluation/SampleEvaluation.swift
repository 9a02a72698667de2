import Planning
import PromQL
import TimeSeries

/// How an expression is evaluated over samples in memory.
public struct SampleOptions: Sendable {
    /// How far back an instant selector looks, milliseconds; its window is open on the left.
    public var lookback: Int64
    public var nameRemoval: NameRemoval
    /// Whether it counts when the counting of samples began: a counter that began anew is reset
    /// even if it did not fall. Prometheus does so where its feature flag `use-start-timestamps` is
    /// set, and in its own tests.
    public var usesStartTimes: Bool

    public init(
        lookback: Int64 = 300_000, nameRemoval: NameRemoval = .atOnce,
        usesStartTimes: Bool = false
    ) {
        self.lookback = lookback
        self.nameRemoval = nameRemoval
        self.usesStartTimes = usesStartTimes
    }
}

/// Computes a resolved expression over samples in memory: what one Prometheus with these samples
/// answers. The same operators work here as on the clusters' answers; only the selectors, with
/// their lookback and staleness, are read from the store.
public func evaluate(
    _ expression: Expression, over store: SampleStore, on grid: TimeGrid,
    options: SampleOptions = SampleOptions(), limits: EvaluationLimits = EvaluationLimits()
) throws(EvaluationFailure) -> EvaluationOutcome {
    var reader = SampleReader(store, options, limits)
    let remainder = try reader.remainder(of: expression, on: grid)
    let plan = Plan(fragments: [], remainder: remainder, grid: grid)
    let inputs = EvaluationInputs(fragments: reader.answers, nameRemoval: options.nameRemoval)
    return try evaluate(plan, inputs: inputs, limits: limits)
}

/// Turns an expression into nodes over what its selectors find in a store.
private struct SampleReader {
    private let store: SampleStore
    private let options: SampleOptions
    private(set) var answers: [FragmentAnswer] = []
    /// Whether selectors are read for the counts and sums of histograms alone.
    private var reading = HistogramReading()
    /// For the columns that are read; computing with them is paid for where it is done.
    private var budget: Budget

    init(_ store: SampleStore, _ options: SampleOptions, _ limits: EvaluationLimits) {
        self.store = store
        self.options = options
        budget = Budget(limits)
    }

    mutating func remainder(
        of expression: Expression, on grid: TimeGrid
    ) throws(EvaluationFailure) -> Plan.Remainder {
        switch expression.unparenthesized {
        case .range(let range):
            let window = Window(range, lookback: options.lookback)
            var found: [SampleColumns] = []
            for series in store.matching(range.selector.matchers) {
                found.append(try series.samples(in: window, at: grid.start))
            }
            return .samples(fragment: answer(FragmentAnswer(parts: [], samples: found)))
        case .subquery(let subquery):
            if subquery.hasNoPoints(on: grid) {
                return .samples(fragment: answer(FragmentAnswer(parts: [])))
            }
            let points = subquery.points(on: grid)
            return .points(input: try node(subquery.expression, on: points), grid: points)
        default:
            return .value(try node(expression, on: grid))
        }
    }

    private mutating func answer(_ answer: FragmentAnswer) -> Int {
        answers.append(answer)
        return answers.count - 1
    }

    /// What is the same at all times is computed for the first, as Prometheus does.
    private mutating func node(
        _ expression: Expression, on grid: TimeGrid
    ) throws(EvaluationFailure) -> PlanNode {
        guard grid.count > 1, expression.usesFixedTimes, expression.isStepInvariant else {
            return try nodeOfAnyTime(expression, on: grid)
        }
        let once = try nodeOfAnyTime(expression, on: TimeGrid(instant: grid.start))
        return .repeated(once, at: grid.start)
    }

    private mutating func nodeOfAnyTime(
        _ expression: Expression, on grid: TimeGrid
    ) throws(EvaluationFailure) -> PlanNode {
        switch expression {
        case .number(let literal): return .number(literal.value)
        case .string(let literal): return .string(literal.value)
        case .selector(let selector):
            return fragment(try points(of: selector, on: grid, .values))
        case .parenthesized(let group): return try node(group.expression, on: grid)
        case .unary(let operation):
            let inner = try node(operation.expression, on: grid)
            return operation.operator == .minus ? .negated(inner) : inner
        case .binary(let operation):
            let outer = reading
            defer { reading = outer }
            reading = HistogramReading()
            return .binary(
                BinaryNode(
                    operator: operation.operator, left: try node(operation.left, on: grid),
                    right: try node(operation.right, on: grid),
                    returnsBool: operation.returnsBool, matching: operation.matching,
                    source: operation.source))
        case .aggregation(let aggregation):
            var parameter: PlanNode?
            if let expression = aggregation.parameter {
                parameter = try node(expression, on: grid)
            }
            return .aggregation(
                AggregationNode(
                    aggregation, input: try node(aggregation.expression, on: grid),
                    parameter: parameter))
        case .call(let call): return try node(call, on: grid)
        case .range, .subquery:
            preconditionFailure("a window of samples is the argument of a function")
        }
    }

    private mutating func fragment(_ series: [GridSeries]) -> PlanNode {
        .fragment(answer(FragmentAnswer(parts: [series])))
    }

    // MARK: Calls

    private mutating func node(
        _ call: Call, on grid: TimeGrid
    ) throws(EvaluationFailure) -> PlanNode {
        let outer = reading
        defer { reading = outer }
        reading.enter(call.function)
        switch call.function.kind {
        case .overRange:
            return try window(call, on: grid)
        case .absentOverTime:
            guard let present = Function.named("present_over_time") else {
                preconditionFailure("present_over_time is a row of the function table")
            }
            var presence = call
            presence.function = present
            return .absent(
                input: try window(presence, on: grid), labels: call.arguments[0].labelsOfAbsence)
        case .absent:
            return .absent(
                input: try node(call.arguments[0], on: grid),
                labels: call.arguments[0].labelsOfAbsence)
        case .sampleTime:
            if case .selector(let selector) = call.arguments[0].unparenthesized {
                let isOfStart = call.function.name == "start_timestamp"
                if isOfStart, !options.usesStartTimes { return fragment([]) }
                return fragment(try points(of: selector, on: grid, isOfStart ? .starts : .times))
            }
        case .constant where call.function.name == "time":
            return .time
        case .info:
            return try info(call, on: grid)
        case .query:
            preconditionFailure("facts of the query are literals once it is resolved")
        default: break
        }
        var arguments: [PlanNode] = []
        for argument in call.arguments { arguments.append(try node(argument, on: grid)) }
        return .call(CallNode(call, arguments: arguments))
    }

    private mutating func window(
        _ call: Call, on grid: TimeGrid
    ) throws(EvaluationFailure) -> PlanNode {
        var arguments: [PlanNode?] = []
        var input: WindowNode.WindowInput?
        var window = Window(range: 0)
        for argument in call.arguments {
            switch argument.unparenthesized {
            case .range(let range):
                window = Window(range, lookback: options.lookback)
                var found = store.matching(range.selector.matchers).map(reading.read)
                if !options.usesStartTimes {
                    for index in found.indices { found[index].forgetStartTimes() }
                }
                for series in found { try budget.charge(series.sampleCount) }
                input = .samples(
                    fragment: answer(FragmentAnswer(parts: [], samples: found)))
                arguments.append(nil)
            case .subquery(let subquery):
                window = Window(subquery)
                let outer = reading
                defer { reading = outer }
                reading.enterSubquery()
                let points = subquery.points(on: grid)
                input = .points(try node(subquery.expression, on: points), grid: points)
                arguments.append(nil)
            default:
                arguments.append(try node(argument, on: grid))
            }
        }
        guard let input else { preconditionFailure("the parser has checked the types") }
        return .window(WindowNode(call, arguments: arguments, input: input, window: window))
    }

    /// Info series are looked at when the query is, but only their samples around the times of the
    /// first selector count, as in Prometheus.
    private mutating func info(
        _ call: Call, on grid: TimeGrid
    ) throws(EvaluationFailure) -> PlanNode {
        let moved = SelectorTime(call.arguments[0].firstSelectorTime)
        let end = moved.looked(at: grid.limit)
        let start = moved.looked(at: grid.start) - options.lookback
        var found: [GridSeries] = []
        for series in store.matching(call.informationMatchers) {
            let points = series.samples(after: start, through: end).latest(
                .times, on: grid, at: SelectorTime(TimeModifiers()), lookback: options.lookback)
            if !points.isEmpty { found.append(points) }
        }
        return .info(
            InfoNode(
                input: try node(call.arguments[0], on: grid), information: fragment(found),
                matchers: call.informationMatchers))
    }

    // MARK: Selectors

    private mutating func points(
        of selector: Selector, on grid: TimeGrid, _ wanted: SampleAspect
    ) throws(EvaluationFailure) -> [GridSeries] {
        let time = SelectorTime(selector.time)
        var result: [GridSeries] = []
        for series in store.matching(selector.matchers).map(reading.read) {
            var points: GridSeries
            if selector.sampling == .smoothed, wanted == .values {
                points = series.smoothed(on: grid, at: time, lookback: options.lookback)
            } else {
                points = series.latest(
                    wanted, on: grid, at: time, lookback: options.lookback)
            }
            try budget.work(grid.count)
            if points.isEmpty { continue }
            try budget.charge(grid.count)
            if wanted != .values {
                points = options.nameRemoval.computed(from: points, values: points.values)
            }
            result.append(points)
        }
        return wanted == .values ? result : try result.unified(.atOtherTimes)
    }
}

/// What the functions around a selector look at in native histograms. Where it is only counts and
/// sums, Prometheus does not keep the buckets, and says for each histogram whether its counter was
/// reset.
private struct HistogramReading {
    private var hasStatistics = false
    private var needsBuckets = false

    mutating func enter(_ function: Function) {
        switch function.name {
        case "histogram_count", "histogram_sum", "histogram_avg": hasStatistics = true
        default: if function.kind == .buckets { needsBuckets = true }
        }
    }

    mutating func enterSubquery() { needsBuckets = true }

    func read(_ series: SampleColumns) -> SampleColumns {
        guard hasStatistics, !needsBuckets, !series.histograms.isEmpty else { return series }
        return series.withDetectedHints
    }
}
