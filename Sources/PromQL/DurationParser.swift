import TimeSeries

extension Parser {
    /// Where a duration stands, in the words of a message about what stands there instead.
    struct DurationPlace {
        let context: String
        let expected: String

        static let offset = DurationPlace(
            context: "offset", expected: "number, duration, step(), or range()")
        static let range = DurationPlace(
            context: "subquery or range selector",
            expected: "number, duration, step(), or range()")
        static let step = DurationPlace(
            context: "subquery selector",
            expected: "number, duration, step(), range(), or \"]\"")
    }

    /// A duration as it is read, with the place that a complaint about its value names.
    private struct Read {
        var duration: DurationExpression
        var source: SourceRange

        /// The value of a literal in seconds.
        var seconds: Double? { duration.literalSeconds }
    }

    // MARK: Brackets

    /// A range selector or a subquery, its bracket read.
    mutating func window(over expression: Expression, open: Token) throws(Mistake) -> Expression {
        let inner = height
        let range = try positiveDuration(at: .range)
        try grow(above: inner)
        if try accept(.rightBracket) != nil {
            return .range(try rangeSelector(expression, range, open))
        }
        guard try accept(.colon) != nil else {
            throw try unexpected(in: "subquery or range", expected: "\":\" or \"]\"")
        }
        var step: DurationExpression?
        if try peeked().kind != .rightBracket {
            let outer = height
            step = try positiveDuration(at: .step)
            try grow(above: outer)
            guard try peeked().kind == .rightBracket else {
                throw try unexpected(in: "subquery selector", expected: "\"]\"")
            }
        }
        _ = try next()
        return .subquery(
            Subquery(
                expression: expression, range: range, step: step,
                source: SourceRange(expression.source.lower, lastUpper)))
    }

    private func rangeSelector(
        _ expression: Expression, _ range: DurationExpression, _ open: Token
    ) throws(Mistake) -> RangeSelector {
        let place = SourceRange(open.lower, lastUpper)
        guard case .selector(let selector) = expression else {
            throw Mistake("ranges only allowed for vector selectors", at: place)
        }
        // Prometheus looks for literals only: `x @ end() [5m]` is `x[5m] @ end()`.
        if case .milliseconds = selector.time.offset {
            throw Mistake("no offset modifiers allowed before range", at: place)
        }
        if case .time = selector.time.at {
            throw Mistake("no @ modifiers allowed before range", at: place)
        }
        return RangeSelector(
            selector: selector, range: range,
            source: SourceRange(expression.source.lower, lastUpper))
    }

    /// A duration expression; a literal has to be positive.
    private mutating func positiveDuration(
        at place: DurationPlace
    ) throws(Mistake) -> DurationExpression {
        let read = try sum(at: place)
        let duration = read.duration.normalized
        // Prometheus takes a window of less than a millisecond, in which there is nothing to see.
        if let seconds = read.seconds, seconds <= 0 || duration == .milliseconds(0) {
            throw Mistake("duration must be greater than 0", at: read.source)
        }
        return duration
    }

    // MARK: Offsets

    /// What stands behind `offset`. It ends with the first literal, `step()`, `range()`, `min()` or
    /// `max()`, and with the parentheses behind a sign: `x offset 5m + 1` adds one to `x offset 5m`.
    /// Only what begins with parentheses or two signs goes on as in brackets.
    mutating func offsetDuration() throws(Mistake) -> DurationExpression {
        let place = DurationPlace.offset
        let token = try peeked()
        let sign = Self.sign(token)
        if token.kind == .leftParenthesis
            || (sign != nil && self.token(ahead: 1).flatMap(Self.sign) != nil)
        {
            let duration = try sum(at: place).duration.normalized
            // `x offset (1m) + 2m` is kept and printed as `x offset (1m + 2m)`, which is clearer and
            // can be read again whatever stands behind it.
            if case .binary = duration { return .parenthesized(duration) }
            return duration
        }
        guard let sign else { return try operand(at: place).duration.normalized }
        _ = try next()
        return try signed(sign, token, operand(at: place, sign: token)).duration.normalized
    }

    // MARK: Durations

    private mutating func sum(
        at place: DurationPlace, precedence: Int = 0
    ) throws(Mistake) -> Read {
        try nested { parser throws(Mistake) in
            var left = try parser.signedOperand(at: place)
            while case .binary(let operation) = try parser.peeked().kind,
                let arithmetic = DurationExpression.ArithmeticOperator(
                    rawValue: operation.rawValue),
                operation.precedence >= precedence
            {
                let token = try parser.next()
                let height = parser.height
                let right = try parser.sum(
                    at: place,
                    precedence: operation.isRightAssociative
                        ? operation.precedence : operation.precedence + 1)
                if right.seconds == 0, arithmetic == .divide || arithmetic == .modulo {
                    throw Mistake(
                        arithmetic == .divide ? "division by zero" : "modulo by zero",
                        at: token.source)
                }
                let source = SourceRange(left.source.lower, right.source.upper)
                left = Read(
                    duration: .binary(arithmetic, left.duration, right.duration, source),
                    source: source)
                try parser.grow(above: height)
            }
            return left
        }
    }

    private mutating func signedOperand(at place: DurationPlace) throws(Mistake) -> Read {
        let token = try peeked()
        guard let sign = Self.sign(token) else { return try operand(at: place) }
        _ = try next()
        // A sign binds as multiplication does.
        let inner = try sum(at: place, precedence: BinaryOperator.power.precedence)
        return try signed(sign, token, inner)
    }

    private static func sign(_ token: Token) -> UnaryOperator? {
        switch token.kind {
        case .binary(.add): .plus
        case .binary(.subtract): .minus
        default: nil
        }
    }

    /// A literal takes the sign into its value, and a plus changes nothing.
    private func signed(
        _ sign: UnaryOperator, _ token: Token, _ inner: Read
    ) throws(Mistake) -> Read {
        let source = SourceRange(token.lower, inner.source.upper)
        guard sign == .minus else { return Read(duration: inner.duration, source: source) }
        var duration = inner.duration
        if case .parenthesized(let literal) = duration, inner.seconds != nil { duration = literal }
        switch duration {
        case .milliseconds(let value): duration = .milliseconds(-value)
        case .seconds(let value): duration = .seconds(-value)
        // Two signs in a row would take in what follows an offset.
        case .unary: duration = .unary(.minus, .parenthesized(duration), source)
        default: duration = .unary(.minus, duration, source)
        }
        return Read(duration: duration, source: source)
    }

    /// A duration without operators. Where an offset has a sign, a complaint about its size names
    /// that.
    private mutating func operand(
        at place: DurationPlace, sign: Token? = nil
    ) throws(Mistake) -> Read {
        let token = try peeked()
        height = 1
        switch token.kind {
        case .number:
            _ = try next()
            let seconds = try Literals.number(token)
            // Go counts nanoseconds in 64 bits.
            guard seconds.magnitude <= 0x1p63 / 1e9 else {
                throw Mistake("duration out of range", at: (sign ?? token).source)
            }
            return Read(duration: .seconds(seconds), source: token.source)
        case .duration:
            _ = try next()
            return Read(
                duration: .milliseconds(try Literals.milliseconds(token)), source: token.source)
        case .keyword(.step), .keyword(.range):
            _ = try next()
            _ = try expect(.leftParenthesis, in: place.context, expected: place.expected)
            _ = try expect(.rightParenthesis, in: place.context, expected: place.expected)
            let source = SourceRange(token.lower, lastUpper)
            return Read(
                duration: token.kind == .keyword(.step) ? .step(source) : .range(source),
                source: source)
        case .leftParenthesis:
            _ = try next()
            let inner = try sum(at: place)
            _ = try expect(.rightParenthesis, in: place.context, expected: place.expected)
            return parenthesized(inner)
        default:
            guard let isMinimum = Self.isMinimum(token) else {
                throw try unexpected(in: place.context, expected: place.expected)
            }
            return try extremum(isMinimum: isMinimum, at: place)
        }
    }

    /// Parentheses around a literal or around parentheses say nothing. Around a negative literal
    /// they stay: `(-2) ^ 2` is not `-2 ^ 2`.
    private func parenthesized(_ inner: Read) -> Read {
        if case .parenthesized = inner.duration { return inner }
        if let seconds = inner.seconds, seconds >= 0 { return inner }
        return Read(duration: .parenthesized(inner.duration), source: inner.source)
    }

    /// Whether the word means the smaller or the larger of two durations; nil where it means
    /// neither. Before 3.13 they were called `min` and `max`.
    private static func isMinimum(_ token: Token) -> Bool? {
        switch token.kind {
        case .aggregation(.min): true
        case .aggregation(.max): false
        case .identifier:
            switch token.text.lowercased() {
            case "min_of": true
            case "max_of": false
            default: nil
            }
        default: nil
        }
    }

    private mutating func extremum(
        isMinimum: Bool, at place: DurationPlace
    ) throws(Mistake) -> Read {
        _ = try next()
        _ = try expect(.leftParenthesis, in: place.context, expected: place.expected)
        let left = try sum(at: place)
        let height = height
        _ = try expect(.comma, in: place.context, expected: place.expected)
        let right = try sum(at: place)
        try grow(above: height)
        _ = try expect(.rightParenthesis, in: place.context, expected: place.expected)
        // Prometheus 3.14 tells the place of the arguments, without the name.
        let source = SourceRange(left.source.lower, right.source.upper)
        return Read(
            duration: isMinimum
                ? .minimum(left.duration, right.duration, source)
                : .maximum(left.duration, right.duration, source),
            source: source)
    }
}

extension DurationExpression {
    /// The value of a literal, also one in parentheses.
    fileprivate var literalSeconds: Double? {
        switch self {
        case .milliseconds(let value): Double(value) / 1000
        case .seconds(let value): value
        case .parenthesized(let inner): inner.literalSeconds
        default: nil
        }
    }

    /// A whole duration that is a literal, without parentheses and in milliseconds: a lone `300` is
    /// `5m`. (A literal has been held against the limit before.)
    fileprivate var normalized: DurationExpression {
        switch self {
        case .seconds(let value): .milliseconds(Self.milliseconds(value))
        case .parenthesized(let inner) where inner.literalSeconds != nil: inner.normalized
        default: self
        }
    }

    /// The whole milliseconds of so many seconds, by way of whole nanoseconds as Go counts them.
    private static func milliseconds(_ seconds: Double) -> Int64 {
        let nanoseconds = Int64(exactly: (seconds * 1e9).rounded()) ?? (seconds < 0 ? .min : .max)
        return nanoseconds / 1_000_000
    }
}
