import PromQL
import TimeSeries

extension QueryGenerator {
    // MARK: Selectors

    mutating func selector() -> Expression {
        var selector = selector(of: random.pick(vocabulary.metrics))
        // What stands at the edges of a window means something for a few functions only.
        if random.chance(1) { selector.sampling = .smoothed }
        return .selector(selector)
    }

    mutating func selector(of metric: QueryVocabulary.Metric) -> Selector {
        var matchers: [Matcher] = []
        if random.chance(35) {
            let names = metric.labels + vocabulary.externalNames
            for name in random.some(of: names, atMost: 2) { matchers.append(matcher(on: name)) }
        }
        let time = modifiers()
        switch Int.random(in: 0..<20, using: &random) {
        case 0:
            // Several metrics at once.
            let other = random.pick(vocabulary.metrics)
            let pattern = Matcher.known(
                Labels.metricNameLabel, .matches, "\(metric.name)|\(other.name)")
            return Selector(matchers: matchers + [pattern], time: time)
        case 1:
            let name = Matcher(Labels.metricNameLabel, equal: metric.name)
            return Selector(matchers: matchers + [name], time: time)
        default:
            let name = Matcher(Labels.metricNameLabel, equal: metric.name)
            return Selector(name: metric.name, matchers: matchers + [name], time: time)
        }
    }

    private mutating func matcher(on name: String) -> Matcher {
        let values = vocabulary.values[name] ?? []
        let value = values.isEmpty ? "" : random.pick(values)
        switch Int.random(in: 0..<12, using: &random) {
        case 0...3: return Matcher(name, equal: value)
        case 4, 5: return .known(name, .notEqual, value)
        case 6, 7:
            let other = values.isEmpty ? "x" : random.pick(values)
            let pattern = "\(Pattern.escaped(value))|\(Pattern.escaped(other))"
            return .known(name, .matches, pattern)
        case 8: return .known(name, .notMatches, Pattern.escaped(value))
        case 9: return .known(name, .matches, random.pick([".*", ".+", "", "c.*|e.*"]))
        case 10: return Matcher(name, equal: random.pick(["", "nowhere"]))
        default: return .known(name, .notEqual, "")
        }
    }

    /// `offset` and `@`, mostly none.
    mutating func modifiers() -> TimeModifiers {
        var result = TimeModifiers()
        if random.chance(18) {
            let interval = vocabulary.interval
            let lengths: [Int64] = [
                interval, 60_000, -interval, -60_000, 7 * 60_000, 1, 15_500, -1, interval / 2, 0,
            ]
            result.offset =
                random.chance(8) ? arithmetic() : .milliseconds(random.pick(lengths))
        }
        if random.chance(10) {
            let moment = Int64.random(in: vocabulary.times, using: &random)
            result.at = random.pick([.start, .end, .time(moment), .time(moment / 1000 * 1000)])
        }
        return result
    }

    // MARK: Windows

    /// The windows of any function.
    mutating func matrix() -> Expression { matrix(edges: [.plain]) }

    /// The windows of a function: of samples, or of the points of an expression.
    mutating func matrix(for function: Function) -> Expression {
        switch function.name {
        case "rate", "increase", "delta": matrix(edges: [.plain, .anchored, .smoothed])
        case "changes", "resets": matrix(edges: [.plain, .anchored])
        default: matrix()
        }
    }

    private mutating func matrix(edges: [Selector.Sampling]) -> Expression {
        if depth > 0, random.chance(30) { return subquery() }
        let counters = vocabulary.metrics.filter { $0.kind == .counter }
        let metric = random.pick(random.chance(40) ? counters : vocabulary.metrics)
        var selector = selector(of: metric)
        selector.sampling = random.chance(85) ? .plain : random.pick(edges)
        return .range(RangeSelector(selector: selector, range: duration()))
    }

    private mutating func subquery() -> Expression {
        let inner = deeper { $0.vector() }
        let interval = vocabulary.interval
        var step: DurationExpression?
        if random.chance(85) {
            let steps: [Int64] = [interval, 60_000, 7000, 2 * interval, 25_500]
            step = .milliseconds(random.pick(steps))
        }
        let ranges: [Int64] = [60_000, 120_000, 300_000, 90_500, 4 * interval]
        return .subquery(
            Subquery(
                expression: Self.operand(inner), range: .milliseconds(random.pick(ranges)),
                step: step,
                time: modifiers()))
    }

    /// How far back windows look.
    mutating func duration() -> DurationExpression {
        let interval = vocabulary.interval
        if random.chance(4) { return arithmetic() }
        let lengths: [Int64] = [
            interval, 2 * interval, 60_000, 120_000, 300_000, 300_000, 4 * interval + 1, 90_500,
            600_000, 1,
        ]
        return .milliseconds(random.pick(lengths))
    }

    /// A duration that is computed from the query's own times.
    private mutating func arithmetic() -> DurationExpression {
        let minute = DurationExpression.milliseconds(60_000)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return .binary(.add, .step(), minute)
        case 1: return .binary(.multiply, minute, .seconds(2))
        case 2: return .maximum(.step(), minute)
        default: return .binary(.add, .range(), .milliseconds(30_000))
        }
    }

    /// What may stand beside an operator or before a bracket.
    static func operand(_ expression: Expression) -> Expression {
        switch expression {
        case .binary, .unary: .parenthesized(Parenthesized(expression))
        case .number(let literal) where literal.value.sign == .minus:
            .parenthesized(Parenthesized(expression))
        default: expression
        }
    }
}
