import TimeSeries

extension Expression {
    /// The query on one line, as Prometheus writes it. `functionNames` replaces names of functions,
    /// for servers that know one by another.
    public func text(functionNames: [String: String] = [:]) -> String {
        Printer(functionNames: functionNames).text(self)
    }

    /// The query as `format_query` answers it: lines of at most 100 characters where that can be
    /// had, two spaces for each level.
    public var prettyPrinted: String { Printer(functionNames: [:]).pretty(self, 0) }
}

extension Selector {
    /// The selector as Prometheus writes it, without brackets.
    public var text: String {
        Printer(functionNames: [:]).selectorText(self, range: "", before: nil)
    }
}

/// Writes expressions.
struct Printer {
    let functionNames: [String: String]

    /// The expression on one line. `next` is the operator that follows it directly, if one does.
    func text(_ expression: Expression, before next: BinaryOperator? = nil) -> String {
        switch expression {
        case .number(let literal):
            // A sign binds weaker than a power: `+Inf ^ 2` would be read as `+(Inf ^ 2)`.
            return next == .power && literal.value == .infinity ? "Inf" : numberText(literal)
        case .string(let literal):
            return literal.invalidBytes.map(literalQuoted) ?? literalQuoted(literal.value)
        case .selector(let selector):
            return selectorText(selector, range: "", before: next)
        case .range(let range):
            return selectorText(
                range.selector, range: "[\(durationText(range.range))]", before: next)
        case .subquery(let subquery):
            return text(subquery.expression) + subquerySuffix(subquery, before: next)
        case .call(let call):
            return functionName(call) + "("
                + call.arguments.map { text($0) }.joined(separator: ", ") + ")"
        case .aggregation(let aggregation):
            let arguments = [aggregation.parameter, aggregation.expression].compactMap { $0 }
            return aggregationHead(aggregation) + "("
                + arguments.map { text($0) }.joined(separator: ", ") + ")"
        case .binary(let operation):
            return text(operation.left, before: operation.operator) + " "
                + operatorText(operation) + " " + text(operation.right, before: next)
        case .unary(let operation):
            return operation.operator.rawValue + text(operation.expression, before: next)
        case .parenthesized(let group): return "(\(text(group.expression)))"
        }
    }

    // MARK: Several lines

    func pretty(
        _ expression: Expression, _ level: Int, before next: BinaryOperator? = nil
    ) -> String {
        let indent = String(repeating: "  ", count: level)
        let line = text(expression, before: next)
        guard line.utf8.count > 100 else {
            // Prometheus does not indent a subquery.
            if case .subquery = expression { return line }
            return indent + line
        }
        switch expression {
        case .number, .string, .selector, .range:
            return indent + line
        case .subquery(let subquery):
            return pretty(subquery.expression, level) + subquerySuffix(subquery, before: next)
        case .call(let call):
            let arguments = call.arguments.map { pretty($0, level + 1) }
            return indent + functionName(call) + "(\n" + arguments.joined(separator: ",\n")
                + "\n" + indent + ")"
        case .aggregation(let aggregation):
            let arguments = [aggregation.parameter, aggregation.expression]
                .compactMap { $0 }.map { pretty($0, level + 1) }
            return indent + aggregationHead(aggregation) + "(\n"
                + arguments.joined(separator: ",\n") + "\n" + indent + ")"
        case .binary(let operation):
            return pretty(operation.left, level + 1, before: operation.operator) + "\n" + indent
                + operatorText(operation) + "\n"
                + pretty(operation.right, level + 1, before: next)
        case .unary(let operation):
            let inner = pretty(operation.expression, level, before: next).drop { $0 == " " }
            return indent + operation.operator.rawValue + inner
        case .parenthesized(let group):
            return indent + "(\n" + pretty(group.expression, level + 1) + "\n" + indent + ")"
        }
    }

    // MARK: Pieces

    private func functionName(_ call: Call) -> String {
        functionNames[call.function.name] ?? call.function.name
    }

    private func numberText(_ literal: NumberLiteral) -> String {
        guard literal.isDuration else { return NumberText.fixed(literal.value) }
        let milliseconds = Int64((literal.value * 1000).rounded())
        return Self.durationText(milliseconds)
    }

    private func aggregationHead(_ aggregation: Aggregation) -> String {
        let name = aggregation.operator.rawValue
        switch aggregation.grouping {
        case .without(let labels): return "\(name) without (\(labelList(labels))) "
        case .by(let labels):
            return labels.isEmpty ? name : "\(name) by (\(labelList(labels))) "
        }
    }

    private func operatorText(_ operation: BinaryOperation) -> String {
        var result = operation.operator.rawValue
        if operation.returnsBool { result += " bool" }
        guard let matching = operation.matching else { return result }
        switch matching.labels {
        case .on(let labels): result += " on (\(labelList(labels)))"
        case .ignoring(let labels):
            if !labels.isEmpty || matching.isGrouped {
                result += " ignoring (\(labelList(labels)))"
            }
        }
        switch matching.cardinality {
        case .manyToOne: result += " group_left (\(labelList(matching.include)))"
        case .oneToMany: result += " group_right (\(labelList(matching.include)))"
        case .oneToOne, .manyToMany: break
        }
        return result + fillText(matching)
    }

    private func fillText(_ matching: VectorMatching) -> String {
        if let left = matching.fillLeft, let right = matching.fillRight, left == right {
            return " fill (\(NumberText.literal(left)))"
        }
        var result = ""
        if let left = matching.fillLeft {
            result += " fill_left (\(NumberText.literal(left)))"
        }
        if let right = matching.fillRight {
            result += " fill_right (\(NumberText.literal(right)))"
        }
        return result
    }

    private func labelList(_ labels: [String]) -> String {
        labels.map { Labels.isClassicName($0) ? $0 : literalQuoted($0) }.joined(separator: ", ")
    }

    /// A selector with what stands in its brackets, if anything does.
    func selectorText(
        _ selector: Selector, range: String, before next: BinaryOperator?
    ) -> String {
        // A name that the grammar does not hold in front of the braces stays among the conditions.
        let name = selector.name.flatMap { isClassicMetricName($0) ? $0 : nil }
        let matchers = selector.matchers.filter { matcher in
            name == nil || matcher.name != Labels.metricNameLabel
                || matcher.operator != .equal || matcher.value != name
        }
        let texts = matchers.map(matcherText)
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var result = name ?? ""
        // Prometheus prints nothing for a selector without name and conditions, which is no query.
        if !texts.isEmpty || name == nil { result += "{" + texts.joined(separator: ",") + "}" }
        let sampling =
            switch selector.sampling {
            case .plain: ""
            case .anchored: " anchored"
            case .smoothed: " smoothed"
            }
        // The words stand in another order behind brackets.
        return range.isEmpty
            ? result + atText(selector.time) + sampling + offsetText(selector.time, before: next)
            : result + range + sampling + timeText(selector.time, before: next)
    }

    private func matcherText(_ matcher: Matcher) -> String {
        let name = Labels.isClassicName(matcher.name) ? matcher.name : literalQuoted(matcher.name)
        return name + matcher.operator.rawValue + literalQuoted(matcher.value)
    }

    private func subquerySuffix(_ subquery: Subquery, before next: BinaryOperator?) -> String {
        let step = subquery.step.map(durationText) ?? ""
        return "[\(durationText(subquery.range)):\(step)]" + timeText(subquery.time, before: next)
    }

    private func timeText(_ time: TimeModifiers, before next: BinaryOperator?) -> String {
        atText(time) + offsetText(time, before: next)
    }

    private func atText(_ time: TimeModifiers) -> String {
        switch time.at {
        case .time(let milliseconds):
            " @ " + NumberText.decimals(Double(milliseconds) / 1000, 3)
        case .start: " @ start()"
        case .end: " @ end()"
        case nil: ""
        }
    }

    private func offsetText(_ time: TimeModifiers, before next: BinaryOperator?) -> String {
        // A plus ends the offset with its parentheses. Without it an operator of durations behind
        // them would be part of it: `x offset (1m + step()) * 2`.
        let goesOn = next.flatMap {
            DurationExpression.ArithmeticOperator(rawValue: $0.rawValue)
        }
        let sign = goesOn == nil ? "" : "+"
        switch time.offset {
        // An offset of nothing is none.
        case .milliseconds(0), nil: return ""
        case .some(.parenthesized(let inner)): return " offset \(sign)(\(durationText(inner)))"
        case .some(let offset):
            guard case .binary = offset else { return " offset " + durationText(offset) }
            return " offset \(sign)(\(durationText(offset)))"
        }
    }

    // MARK: Durations

    func durationText(_ duration: DurationExpression) -> String {
        switch duration {
        case .milliseconds(let value): Self.durationText(value)
        case .seconds(let value): NumberText.fixed(value)
        case .step: "step()"
        case .range: "range()"
        case .unary(let sign, let inner, _): sign.rawValue + durationText(inner)
        case .binary(let operation, let left, let right, _):
            "\(durationText(left)) \(operation.rawValue) \(durationText(right))"
        case .minimum(let left, let right, _):
            "min_of(\(durationText(left)), \(durationText(right)))"
        case .maximum(let left, let right, _):
            "max_of(\(durationText(left)), \(durationText(right)))"
        case .parenthesized(let inner): "(\(durationText(inner)))"
        }
    }

    /// Milliseconds in the largest units that they are whole in, each unit once: `1h40m`. Weeks and
    /// years only where nothing is left over.
    static func durationText(_ milliseconds: Int64) -> String {
        if milliseconds == 0 { return "0s" }
        if milliseconds < 0 { return "-" + durationText(-milliseconds) }
        let units: [(name: String, milliseconds: Int64, onlyExact: Bool)] = [
            ("y", 31_536_000_000, true), ("w", 604_800_000, true), ("d", 86_400_000, false),
            ("h", 3_600_000, false), ("m", 60_000, false), ("s", 1000, false), ("ms", 1, false),
        ]
        var rest = milliseconds
        var result = ""
        for unit in units {
            if unit.onlyExact, rest % unit.milliseconds != 0 { continue }
            let count = rest / unit.milliseconds
            if count > 0 { result += "\(count)\(unit.name)" }
            rest -= count * unit.milliseconds
        }
        return result
    }
}

/// Whether the name needs no quotes as a metric's: colons are allowed.
func isClassicMetricName(_ name: String) -> Bool {
    Labels.isClassicName(String(name.map { $0 == ":" ? "_" : $0 }))
}
