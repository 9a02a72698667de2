import TimeSeries

extension Parser {
    private static let expectedDuration = "number, duration, step(), or range()"

    /// Whether the token `distance` places on is a number or a duration.
    func index(isBeforeNumber distance: Int) -> Bool {
        guard let token = token(ahead: distance) else { return false }
        return token.kind == .number || token.kind == .duration
    }

    // MARK: Brackets

    /// A range selector or a subquery, its bracket read.
    mutating func window(over expression: Expression, open: Token) throws(Mistake) -> Expression {
        let context = "subquery or range selector"
        let range = try duration(in: context)
        if try accept(.rightBracket) != nil {
            return .range(try rangeSelector(expression, range, open))
        }
        guard try accept(.colon) != nil else {
            throw try unexpected(in: "subquery or range", expected: "\":\" or \"]\"")
        }
        var step: DurationExpression?
        if try peeked().kind != .rightBracket {
            step = try duration(
                in: "subquery selector",
                expected: "number, duration, step(), range(), or \"]\"")
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
        if selector.time.offset != nil {
            throw Mistake("no offset modifiers allowed before range", at: place)
        }
        if selector.time.at != nil {
            throw Mistake("no @ modifiers allowed before range", at: place)
        }
        return RangeSelector(
            selector: selector, range: range,
            source: SourceRange(expression.source.lower, lastUpper))
    }

    // MARK: Durations

    /// The duration behind `offset`: a literal with a sign, `step()`, `range()`, or any in
    /// parentheses.
    mutating func offsetDuration() throws(Mistake) -> DurationExpression {
        try signedDuration(in: "offset", expected: Self.expectedDuration)
    }

    /// A duration expression, positive where it is a plain literal.
    private mutating func duration(
        in context: String, expected: String = expectedDuration
    ) throws(Mistake) -> DurationExpression {
        let start = try peeked()
        let duration = try sum(in: context, expected: expected)
        switch duration {
        case .milliseconds(let value) where value <= 0:
            throw Mistake("duration must be greater than 0", at: start.source)
        default: return duration
        }
    }

    private mutating func sum(
        in context: String, expected: String, precedence: Int = 0
    ) throws(Mistake) -> DurationExpression {
        var left = try signedDuration(in: context, expected: expected)
        while case .binary(let operation) = try peeked().kind,
            let arithmetic = DurationExpression.ArithmeticOperator(rawValue: operation.rawValue),
            operation.precedence >= precedence
        {
            _ = try next()
            let right = try sum(
                in: context, expected: expected,
                precedence: operation.isRightAssociative
                    ? operation.precedence : operation.precedence + 1)
            left = .binary(arithmetic, left, right)
        }
        return left
    }

    private mutating func signedDuration(
        in context: String, expected: String
    ) throws(Mistake) -> DurationExpression {
        let token = try peeked()
        guard case .binary(let sign) = token.kind, sign == .add || sign == .subtract else {
            return try plainDuration(in: context, expected: expected)
        }
        _ = try next()
        let inner = try plainDuration(in: context, expected: expected)
        switch (sign, inner) {
        case (.subtract, .milliseconds(let value)): return .milliseconds(-value)
        case (.add, .milliseconds): return inner
        default: return .unary(sign == .add ? .plus : .minus, inner)
        }
    }

    private mutating func plainDuration(
        in context: String, expected: String
    ) throws(Mistake) -> DurationExpression {
        let token = try peeked()
        switch token.kind {
        case .number:
            _ = try next()
            let seconds = try Literals.number(token)
            guard seconds.magnitude < 9.2e15 else {
                throw Mistake("duration out of range", at: token.source)
            }
            return .milliseconds(Int64((seconds * 1000).rounded()))
        case .duration:
            _ = try next()
            return .milliseconds(try Literals.milliseconds(token))
        case .keyword(.step), .keyword(.range):
            _ = try next()
            _ = try expect(.leftParenthesis, in: context)
            _ = try expect(.rightParenthesis, in: context)
            return token.kind == .keyword(.step) ? .step : .range
        case .identifier:
            return try extremum(token, in: context, expected: expected)
        case .leftParenthesis:
            _ = try next()
            let inner = try sum(in: context, expected: expected)
            _ = try expect(.rightParenthesis, in: context, expected: expected)
            return .parenthesized(inner)
        default:
            throw try unexpected(in: context, expected: expected)
        }
    }

    /// `min(a, b)` or `max(a, b)`.
    private mutating func extremum(
        _ token: Token, in context: String, expected: String
    ) throws(Mistake) -> DurationExpression {
        let isMinimum = token.text.lowercased().hasPrefix("min")
        guard ["min", "max", "min_of", "max_of"].contains(token.text.lowercased()) else {
            throw try unexpected(in: context, expected: expected)
        }
        _ = try next()
        _ = try expect(.leftParenthesis, in: context)
        let left = try sum(in: context, expected: expected)
        _ = try expect(.comma, in: context)
        let right = try sum(in: context, expected: expected)
        _ = try expect(.rightParenthesis, in: context)
        return isMinimum ? .minimum(left, right) : .maximum(left, right)
    }
}
