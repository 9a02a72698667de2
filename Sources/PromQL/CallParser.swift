import TimeSeries

extension Parser {
    // MARK: Aggregations

    /// The aggregation that begins here, or nil where the word is a metric's name.
    mutating func aggregation(
        _ operation: AggregationOperator
    ) throws(Mistake) -> Expression? {
        let start = try peeked()
        switch token(ahead: 1)?.kind {
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
        guard let last = arguments.last else {
            throw Mistake("no arguments for aggregate expression provided", at: source)
        }
        if operation.isExperimental, !options.experimentalFunctions {
            throw Mistake(
                "\(operation.rawValue)() is experimental and must be enabled with "
                    + "--enable-feature=promql-experimental-functions", at: source)
        }
        let expected = operation.takesParameter ? 2 : 1
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

    // MARK: Calls

    /// A call, which the next two tokens begin.
    mutating func call() throws(Mistake) -> Expression {
        let name = try next()
        let arguments = try arguments()
        guard let function = Function.named(name.text) else {
            throw Mistake(
                "unknown function with name \(GoText.quoted(name.text))", at: name.source)
        }
        if function.isExperimental, !options.experimentalFunctions {
            throw Mistake("function \(GoText.quoted(name.text)) is not enabled", at: name.source)
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
        var tallest = 0
        while true {
            arguments.append(try expression())
            tallest = max(tallest, height)
            guard let comma = try accept(.comma) else { break }
            // Whatever cannot begin an argument ends the list after the comma.
            guard beginsExpression(try peeked()) else {
                throw Mistake(
                    "trailing commas not allowed in function call args", at: comma.source)
            }
        }
        _ = try expect(.rightParenthesis)
        try grow(above: tallest)
        return arguments
    }

    /// Whether an expression can begin with the token.
    func beginsExpression(_ token: Token) -> Bool {
        switch token.kind {
        case .number, .duration, .string, .leftParenthesis, .leftBrace, .binary(.add),
            .binary(.subtract):
            true
        default: isMetricName(token)
        }
    }
}
