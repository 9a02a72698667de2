/// Texts the way Go quotes them, which is how Prometheus's messages and queries have them.
public enum GoText {
    /// The text in double quotes, as Go's `%q` has it.
    public static func quoted(_ text: String) -> String {
        // Almost all texts: nothing is to be escaped, which bytes alone tell.
        if text.utf8.allSatisfy(isPlain) { return "\"" + text + "\"" }
        var result = "\""
        for scalar in text.unicodeScalars { result += escaped(scalar, quote: "\"") }
        return result + "\""
    }

    /// Whether the byte is a character that stands for itself between double quotes.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7f).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// One character in single quotes, as Go's `%q` has it.
    public static func quoted(_ scalar: Unicode.Scalar) -> String {
        "'" + escaped(scalar, quote: "'") + "'"
    }

    /// One character between quotes of a kind.
    public static func escaped(_ scalar: Unicode.Scalar, quote: Unicode.Scalar) -> String {
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

    /// Whether Go prints the character as it is: letters, marks, numbers, punctuation, symbols and
    /// the plain space.
    public static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator, .spaceSeparator:
            scalar == " "
        default: true
        }
    }

    /// The number with at least so many digits.
    public static func hexadecimal(_ value: UInt32, width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
