import TimeSeries

/// The times of a query, which its text may speak of. Milliseconds.
public struct QueryTimes: Hashable, Sendable {
    public var start: Int64
    public var end: Int64
    /// 0 for an instant query.
    public var step: Int64
    /// The step of a subquery that names none.
    public var defaultSubqueryStep: Int64

    public init(start: Int64, end: Int64, step: Int64, defaultSubqueryStep: Int64) {
        self.start = start
        self.end = end
        self.step = step
        self.defaultSubqueryStep = defaultSubqueryStep
    }

    /// The length of the query.
    var rangeSeconds: Double { (Double(end) - Double(start)) / 1000 }
}

/// Why a query means nothing for its times.
public struct ResolutionError: Error, Hashable, Sendable, CustomStringConvertible {
    public var message: String
    public var description: String { message }
}

extension Expression {
    /// The same query with everything literal that depends on its times alone: durations, `@
    /// start()`, `@ end()`, `start()`, `end()`, `step()`, `range()` and the steps that subqueries
    /// leave out. These mean the outer query, also inside subqueries.
    public func resolved(in times: QueryTimes) throws(ResolutionError) -> Expression {
        switch self {
        case .selector(var selector):
            selector.time = try selector.time.resolved(in: times)
            return .selector(selector)
        case .range(var range):
            range.selector.time = try range.selector.time.resolved(in: times)
            range.range = try range.range.positive(in: times)
            return .range(range)
        case .subquery(var subquery):
            subquery.expression = try subquery.expression.resolved(in: times)
            subquery.range = try subquery.range.positive(in: times)
            subquery.time = try subquery.time.resolved(in: times)
            subquery.step =
                try subquery.step?.positive(in: times)
                ?? .milliseconds(times.defaultSubqueryStep)
            return .subquery(subquery)
        case .call(let call) where call.function.kind == .query:
            return .literal(call.value(in: times), source: call.source)
        case .string(let literal):
            // Texts end up in labels, which are UTF-8.
            if let bytes = literal.invalidBytes {
                throw ResolutionError(message: "invalid label name \(literalQuoted(bytes))")
            }
            return self
        default:
            return try mapChildren { child throws(ResolutionError) in
                try child.resolved(in: times)
            }.withSignInNumber
        }
    }

    /// A number takes the sign before it into its value, as it does where a query is read.
    private var withSignInNumber: Expression {
        guard case .unary(let operation) = self, case .number(var literal) = operation.expression
        else { return self }
        if operation.operator == .minus { literal.value = -literal.value }
        literal.source = operation.source
        return .number(literal)
    }

    /// A number in place of what stood here; in parentheses where its sign would otherwise bind
    /// weaker than a power behind it.
    private static func literal(_ value: Double, source: SourceRange) -> Expression {
        let number = Expression.number(NumberLiteral(value, source: source))
        return value < 0 ? .parenthesized(Parenthesized(number, source: source)) : number
    }
}

extension Call {
    /// What `start()`, `end()`, `step()` or `range()` is in a query of these times, in seconds.
    fileprivate func value(in times: QueryTimes) -> Double {
        switch function.name {
        case "start": Double(times.start) / 1000
        case "end": Double(times.end) / 1000
        case "step": Double(times.step) / 1000
        default: times.rangeSeconds
        }
    }
}

extension TimeModifiers {
    func resolved(in times: QueryTimes) throws(ResolutionError) -> TimeModifiers {
        var result = self
        if let offset {
            let value = try offset.milliseconds(in: times)
            // An offset of nothing is none.
            result.offset = value == 0 ? nil : .milliseconds(value)
        }
        switch at {
        case .start: result.at = .time(times.start)
        case .end: result.at = .time(times.end)
        case .time(let time): result.at = .time(min(max(time, -Self.farthest), Self.farthest))
        case nil: break
        }
        return result
    }

    /// How far from the epoch an `@` looks, milliseconds: from there, offsets and ranges can still be
    /// counted. No sample is that far.
    private static let farthest = Int64.max - 0x20_0000_0000_0000
}

extension DurationExpression {
    func positive(in times: QueryTimes) throws(ResolutionError) -> DurationExpression {
        let value = try milliseconds(in: times)
        guard value > 0 else { throw mistake("duration must be greater than 0") }
        return .milliseconds(value)
    }

    /// The duration for a query of these times.
    public func milliseconds(in times: QueryTimes) throws(ResolutionError) -> Int64 {
        if case .milliseconds(let value) = self { return value }
        // What is left over of a millisecond does not count, as in Go's whole numbers.
        let value = try seconds(in: times) * 1000
        guard value.magnitude < Double(Int64.max / 1_000_000) else {
            throw mistake("duration is out of range")
        }
        return Int64(value)
    }

    /// Where the duration stands; nothing is computed for a literal, which has no place.
    private var source: SourceRange {
        switch self {
        case .milliseconds, .seconds: SourceRange()
        case .step(let source), .range(let source), .unary(_, _, let source),
            .binary(_, _, _, let source), .minimum(_, _, let source), .maximum(_, _, let source):
            source
        case .parenthesized(let inner): inner.source
        }
    }

    /// Prometheus tells these places in bytes from the start, not as line and column.
    private func mistake(_ message: String) -> ResolutionError {
        ResolutionError(message: "\(source.lower):\(source.upper): \(message)")
    }

    private func seconds(in times: QueryTimes) throws(ResolutionError) -> Double {
        switch self {
        case .milliseconds(let value): return Double(value) / 1000
        case .seconds(let value): return value
        case .step: return Double(times.step) / 1000
        case .range: return times.rangeSeconds
        case .parenthesized(let inner): return try inner.seconds(in: times)
        case .unary(let sign, let inner, _):
            let value = try inner.seconds(in: times)
            return sign == .minus ? -value : value
        case .minimum(let left, let right, _):
            return min(try left.seconds(in: times), try right.seconds(in: times))
        case .maximum(let left, let right, _):
            return max(try left.seconds(in: times), try right.seconds(in: times))
        case .binary(let operation, let left, let right, _):
            let left = try left.seconds(in: times)
            let right = try right.seconds(in: times)
            switch operation {
            case .add: return left + right
            case .subtract: return left - right
            case .multiply: return left * right
            case .divide:
                guard right != 0 else { throw mistake("division by zero") }
                return left / right
            case .modulo:
                guard right != 0 else { throw mistake("modulo by zero") }
                return left.truncatingRemainder(dividingBy: right)
            case .power: return Self.power(left, right)
            }
        }
    }

    /// `base` to the power of `exponent`; the C library's would need an import of its own. Whole
    /// exponents are exact as long as the result is; the binary digits of the rest are square roots.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        guard exponent.isFinite, exponent.magnitude < 0x1p53 else { return .nan }
        var whole = UInt64(exponent.magnitude)
        var rest = exponent.magnitude - Double(whole)
        var result = 1.0
        var square = base
        while whole > 0 {
            if whole & 1 == 1 { result *= square }
            square *= square
            whole >>= 1
        }
        var root = base
        while rest > 0 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
        }
        return exponent < 0 ? 1 / result : result
    }
}
