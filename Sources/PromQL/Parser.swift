import TimeSeries

/// What the language has switched on, and how deep a query may nest.
public struct ParseOptions: Hashable, Sendable {
    /// Functions and aggregations that Prometheus has behind a switch.
    public var experimentalFunctions: Bool
    /// `anchored` and `smoothed`, behind a switch of their own in Prometheus.
    public var extendedRangeSelectors: Bool
    /// Parentheses, calls and operators within each other.
    public var maximumDepth: Int

    public init(
        experimentalFunctions: Bool = false, extendedRangeSelectors: Bool? = nil,
        maximumDepth: Int = 200
    ) {
        self.experimentalFunctions = experimentalFunctions
        self.extendedRangeSelectors = extendedRangeSelectors ?? experimentalFunctions
        self.maximumDepth = maximumDepth
    }
}

/// Reads a query and checks its types.
public func parse(
    _ text: String, options: ParseOptions = ParseOptions()
) throws(ParseError) -> Expression {
    let bytes = Array(text.utf8)
    do {
        var parser = Parser(bytes, options)
        let expression = try parser.query()
        try TypeChecker(bytes).check(expression)
        return expression
    } catch {
        throw ParseError(error.message, at: error.source, in: bytes)
    }
}

/// Reads an instant selector, as the API's `match[]` has it.
public func parseSelector(_ text: String) throws(ParseError) -> Selector {
    let bytes = Array(text.utf8)
    do {
        var parser = Parser(bytes, ParseOptions())
        let selector = try parser.selectorAlone()
        try TypeChecker(bytes).check(.selector(selector))
        return selector
    } catch {
        throw ParseError(error.message, at: error.source, in: bytes)
    }
}

/// A recursive-descent parser with operator precedence. Prometheus's own is a table made from a
/// grammar with error productions: `contexts` names the innermost of those that are open, because
/// its messages end with it.
struct Parser {
    let options: ParseOptions
    private let tokens: [Token]
    private let lexerMistake: Mistake?
    private let length: Int
    private var index = 0
    private var depth = 0
    /// Whether the innermost open construct that has a say in error messages is an aggregation.
    var isInAggregation = false

    init(_ bytes: [UInt8], _ options: ParseOptions) {
        self.options = options
        length = bytes.count
        (tokens, lexerMistake) = Lexer.tokens(of: bytes)
    }

    // MARK: Tokens

    /// The next token; throws where the text stops being one.
    func peeked() throws(Mistake) -> Token {
        if index < tokens.count { return tokens[index] }
        if let lexerMistake { throw lexerMistake }
        return Token(kind: .end, text: "", lower: length, upper: length)
    }

    mutating func next() throws(Mistake) -> Token {
        let token = try peeked()
        index += 1
        return token
    }

    /// Takes the next token where it is of this kind.
    mutating func accept(_ kind: Token.Kind) throws(Mistake) -> Token? {
        let token = try peeked()
        guard token.kind == kind else { return nil }
        index += 1
        return token
    }

    mutating func expect(
        _ kind: Token.Kind, in context: String? = nil, expected: String? = nil
    ) throws(Mistake) -> Token {
        if let token = try accept(kind) { return token }
        throw try unexpected(in: context, expected: expected)
    }

    /// The token `distance` places behind the next one.
    func token(ahead distance: Int) -> Token? {
        index + distance < tokens.count ? tokens[index + distance] : nil
    }

    /// Where the last token ended.
    var lastUpper: Int { index > 0 && index <= tokens.count ? tokens[index - 1].upper : 0 }

    func unexpected(
        in context: String? = nil, expected: String? = nil
    ) throws(Mistake) -> Mistake {
        let token = try peeked()
        var message = "unexpected \(token.words)"
        if let context = context ?? (isInAggregation ? "aggregation" : nil) {
            message += " in \(context)"
        }
        if let expected { message += ", expected \(expected)" }
        return Mistake(message, at: token.source)
    }

    // MARK: The whole

    mutating func query() throws(Mistake) -> Expression {
        if try peeked().kind == .end {
            throw Mistake("no expression found in input", at: SourceRange(0, 0))
        }
        let expression = try expression()
        guard try peeked().kind == .end else { throw try unexpected() }
        return expression
    }

    mutating func selectorAlone() throws(Mistake) -> Selector {
        let token = try peeked()
        if token.kind == .end {
            throw Mistake("no expression found in input", at: SourceRange(0, 0))
        }
        guard token.kind == .leftBrace || isMetricName(token) else { throw try unexpected() }
        let selector = try selector()
        guard try peeked().kind == .end else { throw try unexpected() }
        return selector
    }

    /// Runs `body` one level deeper, or says that it is too deep.
    private mutating func nested<Value>(
        _ body: (inout Parser) throws(Mistake) -> Value
    ) throws(Mistake) -> Value {
        depth += 1
        defer { depth -= 1 }
        if depth > options.maximumDepth {
            let token = try peeked()
            throw Mistake(
                "the expression is nested deeper than \(options.maximumDepth) levels",
                at: token.source)
        }
        return try body(&self)
    }

    // MARK: Operators

    /// An expression whose operators bind at least as strongly as `precedence`.
    mutating func expression(precedence: Int = 0) throws(Mistake) -> Expression {
        try nested { parser throws(Mistake) in
            var left = try parser.operand()
            while case .binary(let operation) = try parser.peeked().kind,
                operation.precedence >= precedence
            {
                _ = try parser.next()
                left = try parser.binary(operation, left)
            }
            return left
        }
    }

    /// What follows a binary operator.
    private mutating func binary(
        _ operation: BinaryOperator, _ left: Expression
    ) throws(Mistake) -> Expression {
        var returnsBool = false
        if try accept(.keyword(.bool)) != nil { returnsBool = true }
        let matching = try matching()
        let right = try expression(
            precedence: operation.isRightAssociative
                ? operation.precedence : operation.precedence + 1)
        return .binary(
            BinaryOperation(
                operator: operation, left: left, right: right, returnsBool: returnsBool,
                matching: matching,
                source: SourceRange(left.source.lower, right.source.upper)))
    }

    /// `on (a) group_left (b) fill (0)`; nil where nothing of it is written.
    private mutating func matching() throws(Mistake) -> VectorMatching? {
        var matching = VectorMatching()
        var isWritten = false
        if try accept(.keyword(.on)) != nil {
            matching.labels = .on(try groupingLabels())
            isWritten = true
        } else if try accept(.keyword(.ignoring)) != nil {
            matching.labels = .ignoring(try groupingLabels())
            isWritten = true
        }
        if isWritten {
            if try accept(.keyword(.groupLeft)) != nil {
                matching.cardinality = .manyToOne
                if try peeked().kind == .leftParenthesis { matching.include = try groupingLabels() }
            } else if try accept(.keyword(.groupRight)) != nil {
                matching.cardinality = .oneToMany
                if try peeked().kind == .leftParenthesis { matching.include = try groupingLabels() }
            }
        }
        return try fills(&matching) || isWritten ? matching : nil
    }

    private mutating func fills(_ matching: inout VectorMatching) throws(Mistake) -> Bool {
        var isWritten = false
        while case .keyword(let keyword) = try peeked().kind {
            switch keyword {
            case .fill where matching.fillLeft == nil && matching.fillRight == nil:
                _ = try next()
                let value = try fillValue()
                matching.fillLeft = value
                matching.fillRight = value
            case .fillLeft where matching.fillLeft == nil:
                _ = try next()
                matching.fillLeft = try fillValue()
            case .fillRight where matching.fillRight == nil:
                _ = try next()
                matching.fillRight = try fillValue()
            default: return isWritten
            }
            isWritten = true
        }
        return isWritten
    }

    private mutating func fillValue() throws(Mistake) -> Double {
        _ = try expect(.leftParenthesis)
        let value = try signedNumber()
        _ = try expect(.rightParenthesis)
        return value
    }

    /// A number with an optional sign.
    mutating func signedNumber() throws(Mistake) -> Double {
        var sign = 1.0
        if try accept(.binary(.subtract)) != nil {
            sign = -1
        } else {
            _ = try accept(.binary(.add))
        }
        let token = try peeked()
        switch token.kind {
        case .number:
            _ = try next()
            return sign * (try Literals.number(token))
        case .duration:
            _ = try next()
            return sign * Double(try Literals.milliseconds(token)) / 1000
        default:
            throw try unexpected()
        }
    }

    // MARK: Operands

    /// An operand with its signs in front and its brackets, `offset` and `@` behind.
    private mutating func operand() throws(Mistake) -> Expression {
        let token = try peeked()
        guard case .binary(let sign) = token.kind, sign == .add || sign == .subtract else {
            var expression = try primary()
            while let extended = try modified(expression) { expression = extended }
            return expression
        }
        _ = try next()
        // A sign binds as multiplication does: weaker than a power, stronger than a sum.
        let inner = try expression(precedence: BinaryOperator.power.precedence)
        let source = SourceRange(token.lower, inner.source.upper)
        if case .number(var literal) = inner {
            if sign == .subtract { literal.value = -literal.value }
            literal.source = source
            return .number(literal)
        }
        return .unary(
            UnaryOperation(
                operator: sign == .add ? .plus : .minus, expression: inner, source: source))
    }

    private mutating func primary() throws(Mistake) -> Expression {
        let token = try peeked()
        switch token.kind {
        case .number:
            _ = try next()
            return .number(NumberLiteral(try Literals.number(token), source: token.source))
        case .duration:
            _ = try next()
            return .number(
                NumberLiteral(
                    Double(try Literals.milliseconds(token)) / 1000, isDuration: true,
                    source: token.source))
        case .string:
            _ = try next()
            return .string(StringLiteral(try Literals.string(token), source: token.source))
        case .leftParenthesis:
            _ = try next()
            let inner = try expression()
            let close = try expect(.rightParenthesis)
            return .parenthesized(
                Parenthesized(inner, source: SourceRange(token.lower, close.upper)))
        case .leftBrace:
            return .selector(try selector())
        case .aggregation(let operation):
            if let aggregation = try aggregation(operation) { return aggregation }
            return .selector(try selector())
        case .identifier, .keyword(.start), .keyword(.end), .keyword(.step), .keyword(.range):
            if index + 1 < tokens.count, tokens[index + 1].kind == .leftParenthesis {
                return try call()
            }
            return .selector(try selector())
        default:
            guard isMetricName(token) else { throw try unexpected() }
            return .selector(try selector())
        }
    }

    /// The aggregation that begins here, or nil where the word is a metric's name.
    private mutating func aggregation(
        _ operation: AggregationOperator
    ) throws(Mistake) -> Expression? {
        let start = try peeked()
        guard index + 1 < tokens.count else { return nil }
        switch tokens[index + 1].kind {
        case .leftParenthesis, .keyword(.by), .keyword(.without): break
        default: return nil
        }
        _ = try next()
        let outer = isInAggregation
        isInAggregation = true
        defer { isInAggregation = outer }

        var grouping = try grouping()
        let arguments = try arguments()
        // An aggregation is done with its parentheses: what follows is not inside it.
        isInAggregation = outer
        if grouping == nil { grouping = try self.grouping() }
        let source = SourceRange(start.lower, lastUpper)
        if operation.isExperimental, !options.experimentalFunctions {
            throw Mistake(
                "\(start.text)() is experimental and must be enabled with "
                    + "--enable-feature=promql-experimental-functions", at: source)
        }
        guard let last = arguments.last else {
            throw Mistake("no arguments for aggregate expression provided", at: source)
        }
        let expected = operation.parameterType == nil ? 1 : 2
        guard arguments.count == expected else {
            throw Mistake(
                "wrong number of arguments for aggregate expression provided, expected "
                    + "\(expected), got \(arguments.count)", at: source)
        }
        return .aggregation(
            Aggregation(
                operator: operation, expression: last,
                parameter: expected == 2 ? arguments[0] : nil, grouping: grouping ?? .by([]),
                source: source))
    }

    /// `by (a)` or `without (a)`, or nil.
    private mutating func grouping() throws(Mistake) -> Grouping? {
        if try accept(.keyword(.by)) != nil { return .by(try groupingLabels()) }
        if try accept(.keyword(.without)) != nil { return .without(try groupingLabels()) }
        return nil
    }

    private mutating func call() throws(Mistake) -> Expression {
        let name = try next()
        let arguments = try arguments()
        guard let function = Function.named(name.text) else {
            throw Mistake(
                "unknown function with name \(goQuoted(name.text))", at: name.source)
        }
        if function.isExperimental, !options.experimentalFunctions {
            throw Mistake("function \(goQuoted(name.text)) is not enabled", at: name.source)
        }
        return .call(
            Call(
                function: function, arguments: arguments,
                source: SourceRange(name.lower, lastUpper)))
    }

    /// The arguments of a call or an aggregation with their parentheses.
    private mutating func arguments() throws(Mistake) -> [Expression] {
        _ = try expect(.leftParenthesis)
        var arguments: [Expression] = []
        if try accept(.rightParenthesis) != nil { return arguments }
        while true {
            arguments.append(try expression())
            guard let comma = try accept(.comma) else { break }
            // Whatever cannot begin an argument ends the list after the comma.
            guard beginsExpression(try peeked()) else {
                throw Mistake(
                    "trailing commas not allowed in function call args", at: comma.source)
            }
        }
        _ = try expect(.rightParenthesis)
        return arguments
    }

    private func beginsExpression(_ token: Token) -> Bool {
        switch token.kind {
        case .number, .duration, .string, .leftParenthesis, .leftBrace, .binary(.add),
            .binary(.subtract):
            true
        default: isMetricName(token)
        }
    }
}
