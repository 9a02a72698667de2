import TimeSeries

/// The values of literal tokens.
enum Literals {
    /// A number in any of the language's forms: decimal, hexadecimal, octal with a leading zero,
    /// with underscores between digits, `Inf`, `NaN`.
    static func number(_ token: Token) throws(Mistake) -> Double {
        let text = token.text
        func mistake(_ reason: String) -> Mistake {
            Mistake(
                "error parsing number: strconv.ParseFloat: parsing \(GoText.quoted(text)): \(reason)",
                at: token.source)
        }
        guard underscoresSeparateDigits(text) else { throw mistake("invalid syntax") }
        let plain = text.filter { $0 != "_" }.lowercased()
        if let integer = integer(plain) { return integer }
        guard !plain.hasPrefix("0x"), let value = NumberText.read(plain) else {
            throw mistake("invalid syntax")
        }
        if value.isInfinite, !plain.hasPrefix("inf") { throw mistake("value out of range") }
        return value
    }

    /// Go's rule: an underscore stands between two digits, or behind `0x`.
    private static func underscoresSeparateDigits(_ text: String) -> Bool {
        let isHexadecimal = text.lowercased().hasPrefix("0x")
        var follows = isHexadecimal
        var isPending = false
        for character in text.dropFirst(isHexadecimal ? 2 : 0) {
            if isHexadecimal ? character.isHexDigit : character.isWholeNumber {
                follows = true
                isPending = false
            } else if character == "_" {
                if !follows { return false }
                follows = false
                isPending = true
            } else {
                if isPending { return false }
                follows = false
            }
        }
        return !isPending
    }

    /// An integer as Go reads it with the base in its prefix.
    private static func integer(_ text: String) -> Double? {
        if text.hasPrefix("0x") { return Int64(text.dropFirst(2), radix: 16).map(Double.init) }
        if text.hasPrefix("0"), text.count > 1 {
            return Int64(text.dropFirst(), radix: 8).map(Double.init)
        }
        return nil
    }

    /// The milliseconds of a duration: units from years to milliseconds, each once, in order.
    static func milliseconds(_ token: Token) throws(Mistake) -> Int64 {
        let units: [(name: String, milliseconds: Int64)] = [
            ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000),
            ("m", 60_000), ("s", 1000), ("ms", 1),
        ]
        func invalid() -> Mistake {
            Mistake("not a valid duration string: \(GoText.quoted(token.text))", at: token.source)
        }
        var rest = token.text[...]
        var total: Int64 = 0
        var lastUnit = -1
        var isTooLong = false
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isWholeNumber }
            let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
            rest = rest.dropFirst(digits.count + unit.count)
            guard let index = units.firstIndex(where: { $0.name == unit }), index > lastUnit,
                !digits.isEmpty
            else { throw invalid() }
            lastUnit = index
            let (part, overflows) = (Int64(digits) ?? .max).multipliedReportingOverflow(
                by: units[index].milliseconds)
            let (sum, sumOverflows) = total.addingReportingOverflow(part)
            isTooLong = isTooLong || overflows || sumOverflows || sum > Int64.max / 1_000_000
            total = sum
        }
        // Go counts nanoseconds in 64 bits.
        if isTooLong { throw Mistake("duration out of range", at: token.source) }
        return total
    }

    /// The value of a quoted string, with U+FFFD for what is no UTF-8.
    static func string(_ token: Token) -> String {
        String(decoding: bytes(token), as: UTF8.self)
    }

    /// The bytes of a quoted string, whose escape sequences the lexer has checked.
    static func bytes(_ token: Token) -> [UInt8] {
        let inner = Array(token.text.utf8.dropFirst().dropLast())
        if token.text.hasPrefix("`") { return inner }
        var bytes: [UInt8] = []
        var index = 0
        while index < inner.count {
            guard inner[index] == UInt8(ascii: "\\") else {
                bytes.append(inner[index])
                index += 1
                continue
            }
            let kind = inner[index + 1]
            index += 2
            func digits(_ count: Int, _ radix: Int) -> UInt32 {
                let text = String(decoding: inner[index..<index + count], as: UTF8.self)
                return UInt32(text, radix: radix) ?? 0
            }
            switch kind {
            case UInt8(ascii: "a"): bytes.append(7)
            case UInt8(ascii: "b"): bytes.append(8)
            case UInt8(ascii: "f"): bytes.append(12)
            case UInt8(ascii: "n"): bytes.append(10)
            case UInt8(ascii: "r"): bytes.append(13)
            case UInt8(ascii: "t"): bytes.append(9)
            case UInt8(ascii: "v"): bytes.append(11)
            case UInt8(ascii: "0")...UInt8(ascii: "7"):
                index -= 1
                bytes.append(UInt8(truncatingIfNeeded: digits(3, 8)))
                index += 3
            case UInt8(ascii: "x"):
                bytes.append(UInt8(truncatingIfNeeded: digits(2, 16)))
                index += 2
            case UInt8(ascii: "u"), UInt8(ascii: "U"):
                let count = kind == UInt8(ascii: "u") ? 4 : 8
                // The lexer lets no other numbers through.
                bytes += Array(String(Unicode.Scalar(digits(count, 16)) ?? "\u{fffd}").utf8)
                index += count
            default: bytes.append(kind)
            }
        }
        return bytes
    }
}
