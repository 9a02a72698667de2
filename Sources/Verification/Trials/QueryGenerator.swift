import PromQL
import TimeSeries

/// Makes queries of the whole grammar about a data set, right in their types; the same ones for a
/// seed. Every row of the tables of functions, aggregations and operators comes up.
struct QueryGenerator {
    let vocabulary: QueryVocabulary
    var random: SeededGenerator
    /// How many more levels the tree may get.
    var depth = 0

    init(vocabulary: QueryVocabulary, seed: UInt64) {
        self.vocabulary = vocabulary
        random = SeededGenerator(seed: seed)
    }

    mutating func query() -> GeneratedQuery {
        let times = times()
        depth = random.pick(weighted: [(3, 1), (6, 2), (8, 3), (5, 4), (2, 5)])
        let expression: Expression =
            switch Int.random(in: 0..<40, using: &random) {
            case 0: scalar()
            case 1 where times.step == 0: matrix()
            case 2: .string(StringLiteral(random.pick(["a", "b\n", ""])))
            default: vector()
            }
        return GeneratedQuery(expression: expression, times: times)
    }

    /// Instant or range, on whole steps or beside them.
    private mutating func times() -> QueryTimes {
        let interval = vocabulary.interval
        let span = vocabulary.times.upperBound - vocabulary.times.lowerBound
        let phases: [Int64] = [0, 0, 0, 1, -1, 7, 250, interval / 2]
        let count = span / interval
        var time = vocabulary.times.lowerBound + random.pick(phases)
        time += interval * Int64.random(in: 0...count + 4, using: &random)
        if random.chance(35) { return .instant(time) }
        let steps: [Int64] = [
            interval, interval, 2 * interval, 4 * interval, 60_000, 7000, 250, 1, 97_000,
            interval + 1,
        ]
        let step = random.pick(steps)
        let points = Int64.random(in: 1...12, using: &random)
        return .range(start: time, end: time + step * (points - 1), step: step)
    }

    /// Something one level deeper.
    mutating func deeper<Result>(_ make: (inout QueryGenerator) -> Result) -> Result {
        depth -= 1
        defer { depth += 1 }
        return make(&self)
    }

    // MARK: Vectors

    mutating func vector() -> Expression {
        guard depth > 0 else { return selector() }
        let form = random.pick(weighted: Self.forms)
        return deeper { generator in
            switch form {
            case .selector: generator.selector()
            case .overRange: generator.call(of: .overRange)
            case .function: generator.call(of: generator.random.pick(Self.kinds))
            case .buckets: generator.bucketCall()
            case .aggregation: generator.aggregation()
            case .join: generator.join()
            case .withScalar: generator.operationWithScalar()
            case .sign: generator.signed(generator.vector())
            case .parenthesized: .parenthesized(Parenthesized(generator.vector()))
            }
        }
    }

    private enum Form {
        case selector, overRange, function, buckets, aggregation, join, withScalar, sign
        case parenthesized
    }

    private static let forms: [(weight: Int, element: Form)] = [
        (2, .selector), (5, .overRange), (4, .function), (2, .buckets), (9, .aggregation),
        (7, .join), (4, .withScalar), (1, .sign), (1, .parenthesized),
    ]

    /// Kinds of functions that give vectors, but for those with forms of their own.
    private static let kinds: [FunctionKind] = [
        .elementwise, .elementwise, .elementwise, .calendar, .sampleTime, .labels, .labels,
        .absent, .absentOverTime, .sort, .vector, .info,
    ]

    private mutating func signed(_ expression: Expression) -> Expression {
        let sign: UnaryOperator = random.chance(80) ? .minus : .plus
        // `-1` is a number of its own, and what binds weaker than a sign needs parentheses.
        let needsBrackets =
            switch expression {
            case .binary, .number, .unary: true
            default: false
            }
        return .unary(
            UnaryOperation(
                operator: sign,
                expression: needsBrackets
                    ? .parenthesized(Parenthesized(expression)) : expression))
    }

    // MARK: Calls

    private static func functions(of kind: FunctionKind) -> [Function] {
        Function.all.filter { $0.kind == kind && $0.returns == .vector }
    }

    private mutating func call(of kind: FunctionKind) -> Expression {
        call(random.pick(Self.functions(of: kind)))
    }

    private mutating func call(_ function: Function) -> Expression {
        .call(Call(function: function, arguments: arguments(of: function)))
    }

    private mutating func arguments(of function: Function) -> [Expression] {
        var types = function.arguments
        if function.variadic > 0 {
            // What may be left out is the last argument, and it may come up to so many times.
            types.removeLast()
            if let last = function.arguments.last, random.chance(70) {
                types += [ValueType](repeating: last, count: function.name == "info" ? 1 : 1)
            }
        } else if function.variadic < 0, let last = function.arguments.last {
            types += [ValueType](repeating: last, count: Int.random(in: 0...1, using: &random))
        }
        if function.kind == .labels { return labelArguments(of: function, types.count) }
        return types.enumerated().map { place, type in
            switch type {
            case .vector:
                if function.kind == .sampleTime, random.chance(70) { return selector() }
                if function.kind == .info {
                    return place == 1 ? infoSelector() : seriesWithTarget()
                }
                return function.name.hasPrefix("histogram_") && random.chance(70)
                    ? histograms() : vector()
            case .matrix: return matrix(for: function)
            case .scalar: return parameter(of: function)
            case .string: return .string(StringLiteral(random.pick(vocabulary.labelNames)))
            }
        }
    }

    /// Conditions on the labels that `info` adds.
    private mutating func infoSelector() -> Expression {
        var matchers: [Matcher] = []
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2: matchers.append(Matcher(Labels.metricNameLabel, equal: "target_info"))
        case 3...5: matchers.append(.known(Labels.metricNameLabel, .matches, ".+_info"))
        case 6: matchers.append(Matcher(Labels.metricNameLabel, equal: "build_info"))
        default: break
        }
        if random.chance(70) {
            let name = random.pick(["version", "commit"] + vocabulary.ownNames)
            matchers.append(.known(name, .matches, random.pick([".+", ".+", ".*", "v1"])))
        }
        return .selector(Selector(matchers: matchers))
    }

    /// Series that info series belong to, mostly looked for elsewhere.
    private mutating func seriesWithTarget() -> Expression {
        let known = vocabulary.metrics.filter { $0.labels.contains("instance") }
        guard random.chance(60), !known.isEmpty else { return vector() }
        var selector = selector(of: random.pick(known))
        if random.chance(50), selector.time == TimeModifiers() {
            let interval = vocabulary.interval
            let offsets: [Int64] = [
                interval, 3 * interval, 60_000, 300_000, -interval, -120_000, -400_000, 1, -1,
            ]
            selector.time.offset = .milliseconds(random.pick(offsets))
        }
        return .selector(selector)
    }

    /// A vector of native histograms, or of something made from them.
    private mutating func histograms() -> Expression {
        let metrics = vocabulary.metrics.filter { $0.kind == .nativeHistogram }
        guard let metric = metrics.isEmpty ? nil : random.pick(metrics) else { return vector() }
        let selector = selector(of: metric)
        guard random.chance(60), let rate = Function.named("rate") else {
            return .selector(selector)
        }
        return .call(
            Call(
                function: rate,
                arguments: [.range(RangeSelector(selector: selector, range: duration()))]))
    }

    /// A scalar that means something to the function.
    private mutating func parameter(of function: Function) -> Expression {
        switch function.name {
        case "histogram_quantile", "quantile_over_time", "histogram_quantiles":
            return number(random.pick([0.5, 0.9, 0.99, 0, 1, 0.25, -1, 2, .nan]))
        case "double_exponential_smoothing": return number(random.pick([0.1, 0.5, 0.9]))
        default: return random.chance(70) ? number() : scalar()
        }
    }

    private mutating func labelArguments(of function: Function, _ count: Int) -> [Expression] {
        func text(_ value: String) -> Expression { .string(StringLiteral(value)) }
        let names = vocabulary.labelNames
        let target = random.pick(names + ["fresh", "fresh", Labels.metricNameLabel])
        if function.name == "label_join" {
            let sources = (0..<max(1, count - 3)).map { _ in text(random.pick(names)) }
            return [vector(), text(target), text(random.pick(["-", "", "/"]))] + sources
        }
        let replacement = random.pick(["$1", "x-$1", "", "fixed", "${1}y"])
        let pattern = random.pick(["(.*)", "(.+)", "([a-z]).*", "eu.*", "", "(.*)1"])
        return [
            vector(), text(target), text(replacement),
            text(random.pick(names + [Labels.metricNameLabel])), text(pattern),
        ]
    }

    // MARK: Buckets

    private mutating func bucketCall() -> Expression {
        let function = random.pick(Self.functions(of: .buckets))
        var arguments = function.arguments.map { type -> Expression in
            switch type {
            case .vector: return buckets()
            case .string: return .string(StringLiteral(random.pick(["q", "quantile", "cluster"])))
            case .scalar, .matrix: return parameter(of: function)
            }
        }
        // Of the quantiles of `histogram_quantiles` one is enough.
        if function.variadic > 0, random.chance(50) { arguments.removeLast() }
        return .call(Call(function: function, arguments: arguments))
    }

    /// Classic buckets, as they are, as rates or summed up; or native histograms.
    private mutating func buckets() -> Expression {
        if vocabulary.hasHistograms, random.chance(40) { return histograms() }
        let metrics = vocabulary.metrics.filter { $0.kind == .classicBuckets }
        guard !metrics.isEmpty, let rate = Function.named("rate") else { return vector() }
        let selector = selector(of: random.pick(metrics))
        let inner: Expression =
            random.chance(40)
            ? .selector(selector)
            : .call(
                Call(
                    function: rate,
                    arguments: [.range(RangeSelector(selector: selector, range: duration()))]))
        if random.chance(30) { return inner }
        let kept = ["le"] + random.some(of: vocabulary.labelNames.filter { $0 != "le" }, atMost: 2)
        return .aggregation(
            Aggregation(
                operator: random.pick([.sum, .sum, .sum, .max, .avg]), expression: inner,
                grouping: .by(kept)))
    }
}

extension Matcher {
    /// A matcher whose pattern is known to be one.
    static func known(_ name: String, _ operation: Operator, _ value: String) -> Matcher {
        do {
            return try Matcher(name, operation, value)
        } catch {
            preconditionFailure("the pattern \(value) is one")
        }
    }
}
