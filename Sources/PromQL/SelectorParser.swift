import TimeSeries

extension Parser {
    /// Whether the word can be a metric's name in front of braces.
    func isMetricName(_ token: Token) -> Bool {
        switch token.kind {
        case .identifier, .metricIdentifier, .aggregation, .binary(.and), .binary(.or),
            .binary(.unless):
            true
        case .keyword(let keyword):
            switch keyword {
            case .by, .offset, .without, .start, .end, .step, .range, .anchored, .smoothed, .fill,
                .fillLeft, .fillRight:
                true
            case .on, .ignoring, .bool, .groupLeft, .groupRight: false
            }
        default: false
        }
    }

    /// Whether the word can be a label's name in a grouping.
    private func isLabel(_ token: Token) -> Bool {
        switch token.kind {
        case .identifier, .metricIdentifier, .aggregation, .binary(.and), .binary(.or),
            .binary(.unless), .binary(.atan2):
            true
        case .keyword(let keyword): keyword != .without
        default: false
        }
    }

    // MARK: Groupings

    /// `(a, b)`, also empty or with a comma at the end.
    mutating func groupingLabels() throws(Mistake) -> [String] {
        _ = try expect(.leftParenthesis, in: "grouping opts", expected: "\"(\"")
        var labels: [String] = []
        while try accept(.rightParenthesis) == nil {
            labels.append(try groupingLabel())
            if try accept(.comma) == nil {
                _ = try expect(
                    .rightParenthesis, in: "grouping opts", expected: "\",\" or \")\"")
                break
            }
        }
        return labels
    }

    private mutating func groupingLabel() throws(Mistake) -> String {
        let token = try peeked()
        if token.kind == .string {
            _ = try next()
            let name = Literals.string(token)
            guard !name.isEmpty else {
                throw Mistake("invalid label name for grouping: \"\"", at: token.source)
            }
            return name
        }
        guard isLabel(token) else {
            throw try unexpected(in: "grouping opts", expected: "label")
        }
        _ = try next()
        return token.text
    }

    // MARK: Selectors

    /// `name{matchers}`; either part may be missing.
    mutating func selector() throws(Mistake) -> Selector {
        let start = try peeked()
        var name: Token?
        if start.kind != .leftBrace { name = try next() }
        var matchers: [Matcher] = []
        if try peeked().kind == .leftBrace { matchers = try matchersInBraces() }
        if let name { matchers.append(Matcher(Labels.metricNameLabel, equal: name.text)) }
        return Selector(
            name: name?.text, matchers: matchers, source: SourceRange(start.lower, lastUpper))
    }

    private mutating func matchersInBraces() throws(Mistake) -> [Matcher] {
        _ = try next()
        var matchers: [Matcher] = []
        while try accept(.rightBrace) == nil {
            let token = try peeked()
            guard token.kind == .identifier || token.kind == .string else {
                throw try unexpected(in: "label matching", expected: "identifier or \"}\"")
            }
            _ = try next()
            if token.kind == .string, try !isMatchOperator(peeked()) {
                // A name in quotes that nothing is compared with is the metric's.
                matchers.append(
                    Matcher(Labels.metricNameLabel, equal: Literals.string(token)))
            } else {
                matchers.append(try matcher(token))
            }
            if try accept(.comma) == nil, try peeked().kind != .rightBrace {
                throw try unexpected(in: "label matching", expected: "\",\" or \"}\"")
            }
        }
        return matchers
    }

    private func isMatchOperator(_ token: Token) -> Bool {
        switch token.kind {
        case .assign, .matches, .notMatches, .binary(.notEqual): true
        default: false
        }
    }

    private mutating func matcher(_ label: Token) throws(Mistake) -> Matcher {
        let operation: Matcher.Operator
        switch try peeked().kind {
        case .assign: operation = .equal
        case .binary(.notEqual): operation = .notEqual
        case .matches: operation = .matches
        case .notMatches: operation = .notMatches
        default:
            throw try unexpected(in: "label matching", expected: "label matching operator")
        }
        _ = try next()
        let value = try peeked()
        guard value.kind == .string else {
            throw try unexpected(in: "label matching", expected: "string")
        }
        _ = try next()
        let name = label.kind == .string ? Literals.string(label) : label.text
        let text = Literals.string(value)
        do {
            return try Matcher(name, operation, text)
        } catch {
            throw Mistake(
                "error parsing regexp: \(error.reason): `\(error.part)`", at: label.source)
        }
    }

    // MARK: What stands behind a selector

    /// The expression with the brackets, `offset`, `@`, `anchored` or `smoothed` that follow, or
    /// nil where none does.
    mutating func modified(_ expression: Expression) throws(Mistake) -> Expression? {
        let token = try peeked()
        switch token.kind {
        case .leftBracket:
            _ = try next()
            return try window(over: expression, open: token)
        case .keyword(.offset):
            _ = try next()
            let inner = height
            let offset = try offsetDuration()
            try grow(above: inner)
            return try withTime(of: expression, at: token) { time throws(Mistake) in
                if time.offset != nil {
                    throw Mistake("offset may not be set multiple times", at: expression.source)
                }
                // An offset of nothing is none.
                time.offset = offset == .milliseconds(0) ? nil : offset
            }
        case .at:
            _ = try next()
            let at = try atTime(expression)
            return try withTime(of: expression, at: token) { time throws(Mistake) in
                if time.at != nil {
                    throw Mistake(
                        "@ <timestamp> may not be set multiple times", at: expression.source)
                }
                time.at = at
            }
        case .keyword(.anchored), .keyword(.smoothed):
            _ = try next()
            return try sampled(expression, token)
        default:
            return nil
        }
    }

    private mutating func sampled(
        _ expression: Expression, _ token: Token
    ) throws(Mistake) -> Expression {
        let word = token.text.lowercased()
        guard options.extendedRangeSelectors else {
            throw Mistake(
                "\(word) modifier is experimental and not enabled", at: expression.source)
        }
        let sampling: Selector.Sampling = word == "anchored" ? .anchored : .smoothed
        func marked(_ selector: Selector) throws(Mistake) -> Selector {
            guard selector.sampling == .plain || selector.sampling == sampling else {
                throw Mistake(
                    "anchored and smoothed modifiers cannot be used together",
                    at: expression.source)
            }
            var marked = selector
            marked.sampling = sampling
            marked.source.upper = lastUpper
            return marked
        }
        switch expression {
        case .selector(let selector): return .selector(try marked(selector))
        case .range(var range):
            range.selector = try marked(range.selector)
            range.source.upper = lastUpper
            return .range(range)
        case .subquery:
            throw Mistake(
                "\(word) modifier is not supported for subqueries", at: expression.source)
        default:
            throw Mistake("\(word) modifier not implemented", at: expression.source)
        }
    }

    private func withTime(
        of expression: Expression, at token: Token,
        _ change: (inout TimeModifiers) throws(Mistake) -> Void
    ) throws(Mistake) -> Expression {
        switch expression {
        case .selector(var selector):
            try change(&selector.time)
            selector.source.upper = lastUpper
            return .selector(selector)
        case .range(var range):
            try change(&range.selector.time)
            range.source.upper = lastUpper
            return .range(range)
        case .subquery(var subquery):
            try change(&subquery.time)
            subquery.source.upper = lastUpper
            return .subquery(subquery)
        default:
            let word = token.kind == .at ? "@ modifier" : "offset modifier"
            throw Mistake(
                "\(word) must be preceded by an instant vector selector or range vector selector "
                    + "or a subquery", at: expression.source)
        }
    }

    /// What stands behind `@`.
    private mutating func atTime(_ expression: Expression) throws(Mistake) -> TimeModifiers.At {
        let token = try peeked()
        switch token.kind {
        case .keyword(.start), .keyword(.end):
            _ = try next()
            _ = try expect(.leftParenthesis, in: "@", expected: "timestamp")
            _ = try expect(.rightParenthesis, in: "@", expected: "timestamp")
            return token.kind == .keyword(.start) ? .start : .end
        case .number, .duration, .binary(.add), .binary(.subtract):
            let seconds = try signedNumber(in: "@", expected: "timestamp")
            let milliseconds = (seconds * 1000).rounded()
            guard milliseconds.magnitude < 0x1p63 else {
                throw Mistake(
                    "timestamp out of bounds for @ modifier: "
                        + NumberText.decimals(seconds, 6), at: expression.source)
            }
            return .time(Int64(milliseconds))
        default:
            throw try unexpected(in: "@", expected: "timestamp")
        }
    }
}
