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
    public var text: String { Printer(functionNames: [:]).selectorText(self, range: "") }
}

/// Writes expressions.
struct Printer {
    let functionNames: [String: String]

    func text(_ expression: Expression) -> String {
        switch expression {
        case .number(let literal): return numberText(literal)
        case .string(let literal): return goQuoted(literal.value)
        case .selector(let selector): return selectorText(selector, range: "")
        case .range(let range):
            return selectorText(range.selector, range: "[\(durationText(range.range))]")
        case .subquery(let subquery):
            return text(subquery.expression) + subquerySuffix(subquery)
        case .call(let call):
            return functionName(call) + "("
                + call.arguments.map(text).joined(separator: ", ") + ")"
        case .aggregation(let aggregation):
            let arguments = [aggregation.parameter, aggregation.expression].compactMap { $0 }
            return aggregationHead(aggregation) + "("
                + arguments.map(text).joined(separator: ", ") + ")"
        case .binary(let operation):
            return "\(text(operation.left)) \(operatorText(operation)) \(text(operation.right))"
        case .unary(let operation):
            return operation.operator.rawValue + text(operation.expression)
        case .parenthesized(let group): return "(\(text(group.expression)))"
        }
    }

    // MARK: Several lines

    func pretty(_ expression: Expression, _ level: Int) -> String {
        let indent = String(repeating: "  ", count: level)
        let line = text(expression)
        guard line.utf8.count > 100 else {
            // Prometheus does not indent a subquery.
            if case .subquery = expression { return line }
            return indent + line
        }
        switch expression {
        case .number, .string, .selector, .range:
            return indent + line
        case .subquery(let subquery):
            return pretty(subquery.expression, level) + subquerySuffix(subquery)
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
            return pretty(operation.left, level + 1) + "\n" + indent + operatorText(operation)
                + "\n" + pretty(operation.right, level + 1)
        case .unary(let operation):
            let inner = pretty(operation.expression, level).drop { $0 == " " }
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
            if !labels.isEmpty { result += " ignoring (\(labelList(labels)))" }
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
        labels.map { isClassicName($0) ? $0 : goQuoted($0) }.joined(separator: ", ")
    }

    /// A selector with what stands in its brackets, if anything does.
    func selectorText(_ selector: Selector, range: String) -> String {
        let matchers = selector.matchers.filter { matcher in
            selector.name == nil || matcher.name != Labels.metricNameLabel
                || matcher.operator != .equal || matcher.value != selector.name
        }
        var texts = matchers.map(matcherText).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var result = ""
        if let name = selector.name {
            // What the grammar of names does not hold stands in quotes, first in the braces.
            if isClassicMetricName(name) {
                result = name
            } else {
                texts.insert(goQuoted(name), at: 0)
            }
        }
        if !texts.isEmpty { result += "{" + texts.joined(separator: ",") + "}" }
        result += range
        switch selector.sampling {
        case .plain: break
        case .anchored: result += " anchored"
        case .smoothed: result += " smoothed"
        }
        return result + timeText(selector.time)
    }

    private func matcherText(_ matcher: Matcher) -> String {
        let name = isClassicName(matcher.name) ? matcher.name : goQuoted(matcher.name)
        return name + matcher.operator.rawValue + goQuoted(matcher.value)
    }

    private func subquerySuffix(_ subquery: Subquery) -> String {
        let step = subquery.step.map(durationText) ?? ""
        return "[\(durationText(subquery.range)):\(step)]" + timeText(subquery.time)
    }

    private func timeText(_ time: TimeModifiers) -> String {
        var result = ""
        switch time.at {
        case .time(let milliseconds):
            result += " @ " + NumberText.decimals(Double(milliseconds) / 1000, 3)
        case .start: result += " @ start()"
        case .end: result += " @ end()"
        case nil: break
        }
        if let offset = time.offset { result += " offset " + offsetText(offset) }
        return result
    }

    // MARK: Durations

    /// An offset: what is not a literal stands in parentheses of its own.
    private func offsetText(_ offset: DurationExpression) -> String {
        if case .binary = offset { return "(\(durationText(offset)))" }
        return durationText(offset)
    }

    func durationText(_ duration: DurationExpression) -> String {
        switch duration {
        case .milliseconds(let value): Self.durationText(value)
        case .step: "step()"
        case .range: "range()"
        case .unary(let sign, let inner): sign.rawValue + durationText(inner)
        case .binary(let operation, let left, let right):
            "\(durationText(left)) \(operation.rawValue) \(durationText(right))"
        case .minimum(let left, let right):
            "min_of(\(durationText(left)), \(durationText(right)))"
        case .maximum(let left, let right):
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
    isClassicName(String(name.map { $0 == ":" ? "_" : $0 }))
}

/// Whether the name needs no quotes as a label's.
func isClassicName(_ name: String) -> Bool {
    guard let first = name.utf8.first, first < UInt8(ascii: "0") || first > UInt8(ascii: "9")
    else { return false }
    return name.utf8.allSatisfy { byte in
        byte == UInt8(ascii: "_") || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
            || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
    }
}
