import TimeSeries

/// A literal in double quotes that is read as the same again. (Go prints U+FFFD as it is, which
/// Prometheus's lexer takes for bytes that are no UTF-8.)
func literalQuoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        result += scalar == "\u{fffd}" ? "\\ufffd" : GoText.escaped(scalar, quote: "\"")
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
            // Of scalars, because a mark would go with the quote before it.
            result += String(literalQuoted(text).unicodeScalars.dropFirst().dropLast())
            rest = rest.dropFirst(length)
        } else {
            result += "\\x" + GoText.hexadecimal(UInt32(first), width: 2)
            rest = rest.dropFirst()
        }
    }
    return "\"\(result)\""
}
