import TimeSeries

extension Expression {
    /// The tree as `parse_query` answers it: JSON with its keys in order.
    public var treeJSON: String {
        switch self {
        case .number(let literal):
            return object([
                ("type", quoted("numberLiteral")),
                ("val", quoted(NumberText.fixed(literal.value))),
            ])
        case .string(let literal):
            return object([("type", quoted("stringLiteral")), ("val", quoted(literal.value))])
        case .selector(let selector):
            return object(Self.members(of: selector) + [("type", quoted("vectorSelector"))])
        case .range(let range):
            return object(
                Self.members(of: range.selector) + [
                    ("range", Self.literal(range.range)),
                    ("rangeExpr", Self.tree(range.range)),
                    ("type", quoted("matrixSelector")),
                ])
        case .subquery(let subquery):
            return object(
                Self.members(of: subquery.time) + [
                    ("expr", subquery.expression.treeJSON),
                    ("range", Self.literal(subquery.range)),
                    ("rangeExpr", Self.tree(subquery.range)),
                    ("step", subquery.step.map(Self.literal) ?? "0"),
                    ("stepExpr", subquery.step.map(Self.tree) ?? "null"),
                    ("type", quoted("subquery")),
                ])
        case .call(let call):
            let function = object([
                ("argTypes", list(call.function.arguments.map { quoted($0.rawValue) })),
                ("name", quoted(call.function.name)),
                ("returnType", quoted(call.function.returns.rawValue)),
                ("variadic", String(call.function.variadic)),
            ])
            return object([
                ("args", list(call.arguments.map(\.treeJSON))), ("func", function),
                ("type", quoted("call")),
            ])
        case .aggregation(let aggregation):
            var isWithout = false
            if case .without = aggregation.grouping { isWithout = true }
            return object([
                ("expr", aggregation.expression.treeJSON),
                ("grouping", list(aggregation.grouping.labels.map(quoted))),
                ("op", quoted(aggregation.operator.rawValue)),
                ("param", aggregation.parameter?.treeJSON ?? "null"),
                ("type", quoted("aggregation")), ("without", String(isWithout)),
            ])
        case .binary(let operation):
            return object([
                ("bool", String(operation.returnsBool)), ("lhs", operation.left.treeJSON),
                ("matching", Self.tree(of: operation)),
                ("op", quoted(operation.operator.rawValue)),
                ("rhs", operation.right.treeJSON), ("type", quoted("binaryExpr")),
            ])
        case .unary(let operation):
            return object([
                ("expr", operation.expression.treeJSON),
                ("op", quoted(operation.operator.rawValue)), ("type", quoted("unaryExpr")),
            ])
        case .parenthesized(let group):
            return object([("expr", group.expression.treeJSON), ("type", quoted("parenExpr"))])
        }
    }

    // MARK: Pieces

    private static func members(of selector: Selector) -> [(String, String)] {
        let matchers = selector.matchers.map { matcher in
            object([
                ("name", quoted(matcher.name)), ("type", quoted(matcher.operator.rawValue)),
                ("value", quoted(matcher.value)),
            ])
        }
        return members(of: selector.time) + [
            ("anchored", String(selector.sampling == .anchored)),
            ("matchers", list(matchers)), ("name", quoted(selector.name ?? "")),
            ("smoothed", String(selector.sampling == .smoothed)),
        ]
    }

    private static func members(of time: TimeModifiers) -> [(String, String)] {
        var timestamp = "null"
        var startOrEnd = "null"
        switch time.at {
        case .time(let milliseconds): timestamp = String(milliseconds)
        case .start: startOrEnd = quoted("start")
        case .end: startOrEnd = quoted("end")
        case nil: break
        }
        return [
            ("offset", time.offset.map(literal) ?? "0"),
            ("offsetExpr", time.offset.map(tree) ?? "null"),
            ("startOrEnd", startOrEnd), ("timestamp", timestamp),
        ]
    }

    private static func tree(of operation: BinaryOperation) -> String {
        let bothVectors = operation.left.type == .vector && operation.right.type == .vector
        guard bothVectors else { return "null" }
        let matching = operation.matching ?? VectorMatching()
        let cardinality =
            switch matching.cardinality {
            case .oneToOne: operation.operator.isSet ? "many-to-many" : "one-to-one"
            case .manyToOne: "many-to-one"
            case .oneToMany: "one-to-many"
            case .manyToMany: "many-to-many"
            }
        // JSON has no word for what is not finite; Prometheus cannot answer at all then.
        func number(_ value: Double?) -> String {
            guard let value else { return "null" }
            return value.isFinite ? NumberText.literal(value) : quoted(NumberText.literal(value))
        }
        return object([
            ("card", quoted(cardinality)),
            (
                "fillValues",
                object([("lhs", number(matching.fillLeft)), ("rhs", number(matching.fillRight))])
            ),
            ("include", list(matching.include.map(quoted))),
            ("labels", list(matching.labels.names.map(quoted))),
            ("on", String(matching.isOn)),
        ])
    }

    /// The milliseconds of a literal; 0 where the duration is an expression.
    private static func literal(_ duration: DurationExpression) -> String {
        switch duration {
        case .milliseconds(let value): String(value)
        default: "0"
        }
    }

    /// The tree of a duration expression; null for a literal.
    private static func tree(_ duration: DurationExpression) -> String {
        switch duration {
        case .milliseconds: "null"
        default: operand(duration)
        }
    }

    private static func operand(
        _ duration: DurationExpression, isWrapped: Bool = false
    ) -> String {
        func node(
            _ operation: String, _ left: DurationExpression?, _ right: DurationExpression?
        ) -> String {
            object([
                ("lhs", left.map { operand($0) } ?? "null"), ("op", quoted(operation)),
                ("rhs", right.map { operand($0) } ?? "null"), ("type", quoted("durationExpr")),
                ("wrapped", String(isWrapped)),
            ])
        }
        func number(_ value: Double, isDuration: Bool) -> String {
            object([
                ("duration", String(isDuration)), ("type", quoted("numberLiteral")),
                ("val", quoted(NumberText.fixed(value))),
            ])
        }
        switch duration {
        case .milliseconds(let value):
            return number(Double(value) / 1000, isDuration: true)
        case .seconds(let value): return number(value, isDuration: false)
        case .step: return node("step", nil, nil)
        case .range: return node("range", nil, nil)
        case .unary(let sign, let inner, _): return node(sign.rawValue, nil, inner)
        case .binary(let operation, let left, let right, _):
            return node(operation.rawValue, left, right)
        case .minimum(let left, let right, _): return node("min_of", left, right)
        case .maximum(let left, let right, _): return node("max_of", left, right)
        case .parenthesized(let inner): return operand(inner, isWrapped: true)
        }
    }
}

/// A JSON object with its members ordered by name, as Go writes maps.
private func object(_ members: [(String, String)]) -> String {
    "{"
        + members.sorted { $0.0 < $1.0 }.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
        + "}"
}

private func list(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

/// A JSON string as Go writes it.
private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\u{8}": result += "\\b"
        case "\u{c}": result += "\\f"
        case "<", ">", "&", "\u{2028}", "\u{2029}":
            result += escaped(scalar)
        default:
            if scalar.value < 0x20 {
                result += escaped(scalar)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
    }
    return result + "\""
}

private func escaped(_ scalar: Unicode.Scalar) -> String {
    "\\u" + GoText.hexadecimal(scalar.value, width: 4)
}
