/// Why a parameter cannot be read, in Jaeger's words.
public struct ParameterMistake: Error, Hashable, Sendable {
    public var message: String

    public init(_ message: String) { self.message = message }
}

/// A text that one of Go's functions cannot read, in that function's words.
struct GoMistake: Error {
    var words: String

    init(_ words: String) { self.words = words }

    /// What `strconv` says.
    static func number(
        _ function: String, _ text: some StringProtocol, isOutOfRange: Bool = false
    ) -> GoMistake {
        GoMistake(
            "strconv.\(function): parsing \(GoWords.quoted(String(text))): "
                + (isOutOfRange ? "value out of range" : "invalid syntax"))
    }
}

/// Texts the way Go shows them.
enum GoWords {
    /// In double quotes; what is not printable is escaped.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars { result += escaped(scalar, quote: "\"") }
        return result + "\""
    }

    /// In double quotes as the package `time` has it: what is not ASCII by its bytes, too.
    static func quotedTime(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case _ where scalar.value < 0x20 || scalar.value >= 0x80:
                for byte in String(scalar).utf8 {
                    result += "\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
                }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// One byte in single quotes, as `encoding/json` has it.
    static func quoted(byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"): #"'\''"#
        case UInt8(ascii: "\""): #"'"'"#
        default: "'" + escaped(Unicode.Scalar(byte), quote: "'") + "'"
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar, quote: Unicode.Scalar) -> String {
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
        guard scalar.value < 0x20 || scalar.value == 0x7f else { return String(scalar) }
        let digits = String(scalar.value, radix: 16)
        return "\\x" + (digits.count < 2 ? "0" : "") + digits
    }
}
