/// The text in double quotes with Go's escapes, as Prometheus's messages have it.
func goQuoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars { result += goEscaped(scalar, quote: "\"") }
    return result + "\""
}

/// A literal in double quotes that is read as the same again. (Go prints U+FFFD as it is, which
/// Prometheus's lexer takes for bytes that are no UTF-8.)
func literalQuoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        result += scalar == "\u{fffd}" ? "\\ufffd" : goEscaped(scalar, quote: "\"")
    }
    return result + "\""
}

/// The same for bytes, of which those that are no UTF-8 become `\xff`.
func literalQuoted(_ bytes: [UInt8]) -> String {
    var result = ""
    var rest = bytes[...]
    while let first = rest.first {
        let length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
        if let text = String(validating: rest.prefix(length), as: UTF8.self) {
            result += literalQuoted(text).dropFirst().dropLast()
            rest = rest.dropFirst(length)
        } else {
            result += "\\x" + hexadecimal(UInt32(first), width: 2)
            rest = rest.dropFirst()
        }
    }
    return "\"\(result)\""
}

/// One character in single quotes, as Go's `%q` has it.
func goQuoted(_ scalar: Unicode.Scalar) -> String {
    "'" + goEscaped(scalar, quote: "'") + "'"
}

private func goEscaped(_ scalar: Unicode.Scalar, quote: Unicode.Scalar) -> String {
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
    if scalar.value < 0x20 || scalar.value == 0x7f {
        return "\\x" + hexadecimal(scalar.value, width: 2)
    }
    if isPrintable(scalar) { return String(scalar) }
    return scalar.value > 0xffff
        ? "\\U" + hexadecimal(scalar.value, width: 8)
        : "\\u" + hexadecimal(scalar.value, width: 4)
}

/// Whether Go prints the character as it is.
func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
        .paragraphSeparator, .spaceSeparator:
        scalar == " "
    default: true
    }
}

private func hexadecimal(_ value: UInt32, width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
