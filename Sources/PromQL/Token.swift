/// One word of a query.
struct Token: Hashable {
    var kind: Kind
    /// The word as it is written.
    var text: String
    /// Bytes of the query: from the first to behind the last.
    var lower: Int
    var upper: Int

    enum Kind: Hashable {
        case end
        case identifier
        /// An identifier with a colon in it.
        case metricIdentifier
        case string
        case number
        case duration
        case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket
        case comma, colon
        /// A single `=`, and `=~`, `!~` inside braces.
        case assign, matches, notMatches
        case at
        case binary(BinaryOperator)
        case aggregation(AggregationOperator)
        case keyword(Keyword)
    }

    /// Words with a meaning; nearly all may also be names of metrics or labels.
    enum Keyword: String, Hashable, CaseIterable {
        case offset, smoothed, anchored, by, without, on, ignoring, bool, start, end, step, range
        case groupLeft = "group_left"
        case groupRight = "group_right"
        case fill
        case fillLeft = "fill_left"
        case fillRight = "fill_right"
    }

    var source: SourceRange { SourceRange(lower, upper) }

    /// The token as an error message names it.
    var words: String {
        switch kind {
        case .end: return "end of input"
        case .identifier: return "identifier " + goQuoted(text)
        case .metricIdentifier: return "metric identifier " + goQuoted(text)
        case .string: return "string " + shortened
        case .number: return "number " + shortened
        case .duration: return "duration " + shortened
        case .binary, .matches, .notMatches, .at: return "<op:\(text)>"
        case .aggregation: return "<aggr:\(text)>"
        case .keyword(.start), .keyword(.end), .keyword(.step), .keyword(.range):
            return shortened
        case .keyword: return "<\(text)>"
        case .leftParenthesis, .rightParenthesis, .leftBrace, .rightBrace, .leftBracket,
            .rightBracket, .comma, .colon, .assign:
            return goQuoted(text)
        }
    }

    private var shortened: String {
        text.unicodeScalars.count > 10
            ? goQuoted(String(text.unicodeScalars.prefix(10).map(Character.init))) + "..."
            : goQuoted(text)
    }
}

/// The text in double quotes with Go's escapes, as Prometheus's messages have it.
func goQuoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars { result += goEscaped(scalar, quote: "\"") }
    return result + "\""
}

/// One character in single quotes, as Go's `%q` has it.
func goQuoted(_ scalar: Unicode.Scalar) -> String {
    "'" + goEscaped(scalar, quote: "'") + "'"
}

private func goEscaped(_ scalar: Unicode.Scalar, quote: Unicode.Scalar) -> String {
    func hexadecimal(_ width: Int) -> String {
        let digits = String(scalar.value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    switch scalar {
    case quote, "\\": return "\\" + String(scalar)
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\u{7}": return "\\a"
    case "\u{8}": return "\\b"
    case "\u{c}": return "\\f"
    case "\u{b}": return "\\v"
    default: break
    }
    if scalar.value < 0x20 || scalar.value == 0x7f { return "\\x" + hexadecimal(2) }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
        .paragraphSeparator, .spaceSeparator:
        if scalar == " " { return " " }
        return scalar.value > 0xffff ? "\\U" + hexadecimal(8) : "\\u" + hexadecimal(4)
    default:
        return String(scalar)
    }
}
