import TimeSeries

/// Reads the literals of templates, which are Go's.
enum TemplateNumberReader {
    /// A number; nil where the text is none.
    static func number(_ text: String) -> TemplateNumber? {
        let int = Self.int(text)
        let float = int.map(Double.init) ?? Self.float(text)
        guard int != nil || float != nil else { return nil }
        var number = TemplateNumber(text: text, int: int, float: float)
        // A fraction that is whole may stand for an integer.
        if number.int == nil, let float, float.magnitude < 0x1p63, Double(Int(float)) == float {
            number.int = Int(float)
        }
        return number
    }

    private static func int(_ text: String) -> Int? {
        var digits = text[...]
        let isNegative = digits.hasPrefix("-")
        if digits.hasPrefix("-") || digits.hasPrefix("+") { digits = digits.dropFirst() }
        var radix = 10
        let prefix = digits.prefix(2).lowercased()
        if let known = ["0x": 16, "0b": 2, "0o": 8][prefix] {
            radix = known
            digits = digits.dropFirst(2)
        } else if digits.count > 1, digits.hasPrefix("0") {
            radix = 8
            digits = digits.dropFirst()
        }
        guard let plain = withoutUnderscores(digits, allowsFirst: radix != 10) else { return nil }
        return Int((isNegative ? "-" : "") + plain, radix: radix)
    }

    /// Underscores stand between digits only.
    private static func withoutUnderscores(_ text: Substring, allowsFirst: Bool) -> String? {
        guard text.contains("_") else { return String(text) }
        let isWell =
            (allowsFirst || !text.hasPrefix("_")) && !text.hasSuffix("_") && !text.contains("__")
        return isWell ? text.filter { $0 != "_" } : nil
    }

    private static func float(_ text: String) -> Double? {
        guard let first = text.first(where: { $0 != "+" && $0 != "-" }),
            first.isNumber || first == ".",
            let plain = withoutUnderscores(text[...], allowsFirst: false)
        else { return nil }
        if plain.lowercased().contains("0x") { return Double(plain) }
        return NumberText.read(plain)
    }

    /// The value of a quoted text or character with its quotes; nil where it is none.
    static func unquoted(_ quoted: String) -> String? {
        var result: [UInt8] = []
        var rest = Array(quoted.utf8.dropFirst().dropLast())[...]
        if quoted.hasPrefix("`") {
            return String(decoding: rest.filter { $0 != 0x0d }, as: UTF8.self)
        }
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            guard let escaped = escape(&rest, quote: quoted.utf8.first) else { return nil }
            result += escaped
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let simpleEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10,
        UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11,
        UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    ]

    private static func escape(_ rest: inout ArraySlice<UInt8>, quote: UInt8?) -> [UInt8]? {
        guard let kind = rest.popFirst() else { return nil }
        if let simple = simpleEscapes[kind] { return [simple] }
        if kind == quote { return [kind] }
        let count: Int
        switch kind {
        case UInt8(ascii: "x"): count = 2
        case UInt8(ascii: "u"): count = 4
        case UInt8(ascii: "U"): count = 8
        case 0x30...0x37:
            let digits = [kind] + rest.prefix(2)
            rest = rest.dropFirst(2)
            guard digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            else { return nil }
            return [value]
        default: return nil
        }
        let digits = rest.prefix(count)
        rest = rest.dropFirst(count)
        guard digits.count == count,
            let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        if count == 2 { return [UInt8(value)] }
        guard let scalar = Unicode.Scalar(value) else { return nil }
        return Array(String(Character(scalar)).utf8)
    }

    /// A character constant as the number that it is.
    static func character(_ quoted: String) -> TemplateNumber? {
        guard let text = unquoted(quoted), text.unicodeScalars.count == 1,
            let scalar = text.unicodeScalars.first
        else { return nil }
        return TemplateNumber(text: quoted, int: Int(scalar.value), float: Double(scalar.value))
    }
}
