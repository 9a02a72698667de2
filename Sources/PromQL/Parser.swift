import TimeSeries

/// What the language has switched on, and how deep a query may nest.
public struct ParseOptions: Hashable, Sendable {
    /// Functions and aggregations that Prometheus has behind a switch.
    public var experimentalFunctions: Bool
    /// `anchored` and `smoothed`, behind a switch of their own in Prometheus.
    public var extendedRangeSelectors: Bool
    /// `fill`, `fill_left` and `fill_right`, behind a switch of their own in Prometheus.
    public var fillModifiers: Bool
    /// Parentheses, calls, signs and operators of growing strength within each other.
    public var maximumDepth: Int
    /// The levels of the whole tree. It also grows with every operator or bracket in a row, as in
    /// `a or b or c`, which is nothing to the parser and something to whoever walks the tree.
    public var maximumHeight: Int

    public init(
        experimentalFunctions: Bool = false, extendedRangeSelectors: Bool? = nil,
        fillModifiers: Bool? = nil, maximumDepth: Int = 200, maximumHeight: Int = 1000
    ) {
        self.experimentalFunctions = experimentalFunctions
        self.extendedRangeSelectors = extendedRangeSelectors ?? experimentalFunctions
        self.fillModifiers = fillModifiers ?? experimentalFunctions
        self.maximumDepth = maximumDepth
        self.maximumHeight = maximumHeight
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
        throw ParseError(error, in: bytes)
    }
}

/// Reads an instant selector, as the API's `match[]` has it: without `offset` and `@`, and unless
/// every series may be meant, with a condition that not every series meets.
public func parseSelector(
    _ text: String, meaningEverySeries: Bool = false
) throws(ParseError) -> Selector {
    let bytes = Array(text.utf8)
    let selector: Selector
    do {
        var parser = Parser(bytes, ParseOptions())
        selector = try parser.selectorAlone()
    } catch {
        throw ParseError(error, in: bytes)
    }
    guard meaningEverySeries || !selector.matchers.allSatisfy(\.matchesEmpty) else {
        throw ParseError(
            "match[] must contain at least one non-empty matcher", kind: .types, of: bytes)
    }
    return selector
}

/// A recursive-descent parser with operator precedence. Prometheus's own is a table made from a
/// grammar with error productions, and its messages end with the innermost of those that are open:
/// `in aggregation`, `in offset, expected …`. Every `expect` and `unexpected` here names its own.
///
/// Mistakes are told in the order in which that table meets them: a stray character counts only
/// once it is looked at, types only once the whole text is read.
struct Parser {
    let options: ParseOptions
    private let tokens: [Token]
    private let lexerMistake: Mistake?
    private let length: Int
    private var index = 0
    private var depth = 0
    /// The levels of the tree that was read last.
    var height = 0
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
        guard token.kind == .leftBrace || isMetricName(token) else { throw try unexpected() }
        let selector = try selector()
        guard try peeked().kind == .end else { throw try unexpected() }
        return selector
    }

    /// Runs `body` one level deeper, or says that it is too deep.
    mutating func nested<Value>(
        _ body: (inout Parser) throws(Mistake) -> Value
    ) throws(Mistake) -> Value {
        depth += 1
        defer { depth -= 1 }
        if depth > options.maximumDepth {
            let token = try peeked()
            throw Mistake(
                "the expression is nested deeper than \(options.maximumDepth) levels",
                at: token.source, kind: .depth)
        }
        return try body(&self)
    }

    /// Counts one level on top of the trees that were read last.
    mutating func grow(above heights: Int...) throws(Mistake) {
        height = 1 + heights.reduce(height, max)
        if height > options.maximumHeight {
            throw Mistake(
                "the expression has more than \(options.maximumHeight) levels",
                at: try peeked().source, kind: .depth)
        }
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
                let height = parser.height
                left = try parser.binary(operation, left)
                try parser.grow(above: height)
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
        let written = try matching()
        let right = try expression(
            precedence: operation.isRightAssociative
                ? operation.precedence : operation.precedence + 1)
        let source = SourceRange(left.source.lower, right.source.upper)
        if let written, written.hasFill, !options.fillModifiers {
            throw Mistake("binop fill modifiers are experimental and not enabled", at: source)
        }
        // Between scalars the words are allowed and say nothing, unless they name labels or values:
        // that is for the type checker to refuse.
        let areVectors = left.type == .vector && right.type == .vector
        let matching = written.flatMap { words in
            areVectors || words.hasFill || !words.labels.names.isEmpty ? words : nil
        }
        return .binary(
            BinaryOperation(
                operator: operation, left: left, right: right, returnsBool: returnsBool,
                matching: matching, source: source))
    }

    /// A number with an optional sign.
    mutating func signedNumber(
        in context: String? = nil, expected: String? = nil
    ) throws(Mistake) -> Double {
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
            throw try unexpected(in: context, expected: expected)
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
        try grow()
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
        height = 1
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
            return .string(StringLiteral(Literals.bytes(token), source: token.source))
        case .leftParenthesis:
            _ = try next()
            let inner = try expression()
            let close = try expect(.rightParenthesis)
            try grow()
            return .parenthesized(
                Parenthesized(inner, source: SourceRange(token.lower, close.upper)))
        case .leftBrace:
            return .selector(try selector())
        case .aggregation(let operation):
            if let aggregation = try aggregation(operation) { return aggregation }
            return .selector(try selector())
        case .identifier, .keyword(.start), .keyword(.end), .keyword(.step), .keyword(.range):
            if self.token(ahead: 1)?.kind == .leftParenthesis {
                return try call()
            }
            return .selector(try selector())
        default:
            guard isMetricName(token) else { throw try unexpected() }
            return .selector(try selector())
        }
    }
}
