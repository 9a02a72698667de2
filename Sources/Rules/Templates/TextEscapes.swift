import TimeSeries

/// Texts made safe to stand inside others, as Go's library does it.
enum TextEscapes {
    /// Inside HTML.
    static func html(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "&#34;"
            case "'": result += "&#39;"
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\0": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Inside a text of JavaScript.
    static func script(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "'", "\"": result += "\\" + String(Character(scalar))
            case "<", ">", "&", "=": result += "\\u" + hexadecimal(scalar.value)
            default:
                if scalar.value < 0x20 || !GoText.isPrintable(scalar) {
                    result += "\\u" + hexadecimal(scalar.value)
                } else {
                    result.unicodeScalars.append(scalar)
                }
            }
        }
        return result
    }

    private static func hexadecimal(_ value: UInt32) -> String {
        GoText.hexadecimal(value, width: 4).uppercased()
    }

    /// Inside the query of a URL.
    static func query(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            let isPlain =
                byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a
                || [0x2d, 0x5f, 0x2e, 0x7e].contains(byte)
            if isPlain {
                result.append(byte)
            } else if byte == 0x20 {
                result.append(UInt8(ascii: "+"))
            } else {
                result += Array("%\(byte < 16 ? "0" : "")\(hexadecimal(byte))".utf8)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        String(byte, radix: 16, uppercase: true)
    }
}

/// Links to the page of an expression, behind the address that the gateway is reached at.
public enum ExpressionLink {
    public static func table(_ expression: String) -> String { link(expression, tab: 1) }
    static func graph(_ expression: String) -> String { link(expression, tab: 0) }

    private static func link(_ expression: String, tab: Int) -> String {
        "/graph?g0.expr=\(TextEscapes.query(expression))&g0.tab=\(tab)"
    }

    /// The path of an address; empty where it has none.
    static func path(of address: String) -> String {
        var rest = address[...]
        if let start = rest.firstRange(of: "://") { rest = rest[start.upperBound...] }
        let end = rest.firstIndex { $0 == "?" || $0 == "#" } ?? rest.endIndex
        guard let slash = rest[..<end].firstIndex(of: "/") else { return "" }
        return String(rest[slash..<end])
    }
}

/// Upper and lower case, as Go's library has them.
enum TextCases {
    // Only mappings to a single character, as in Go: ß stays what it is.
    static func upper(_ text: String) -> String { mapped(text) { $0.properties.uppercaseMapping } }
    static func lower(_ text: String) -> String { mapped(text) { $0.properties.lowercaseMapping } }

    private static func mapped(
        _ text: String, _ mapping: (Unicode.Scalar) -> String
    ) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let mapped = mapping(scalar).unicodeScalars
            if mapped.count == 1 { result += mapped } else { result.append(scalar) }
        }
        return String(result)
    }

    /// The first letter of every word in upper case, all others as they are. Letters, marks, digits
    /// and underscores make words, and an apostrophe, dot or colon between letters does.
    static func title(_ text: String) -> String {
        var result = ""
        let scalars = Array(text.unicodeScalars)
        var isInside = false
        for (place, scalar) in scalars.enumerated() {
            if scalar.isWordPart {
                result +=
                    isInside || !scalar.properties.isCased
                    ? String(Character(scalar)) : scalar.properties.titlecaseMapping
                if scalar.properties.isCased || scalar == "_" { isInside = true }
            } else {
                let joins =
                    ["'", ".", ":", "\u{2019}", "\u{b7}"].contains(scalar) && place > 0
                    && place + 1 < scalars.count && scalars[place - 1].properties.isAlphabetic
                    && scalars[place + 1].properties.isAlphabetic
                if !joins { isInside = false }
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

extension Unicode.Scalar {
    fileprivate var isWordPart: Bool {
        if self == "_" { return true }
        return switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber:
            true
        default: false
        }
    }
}
