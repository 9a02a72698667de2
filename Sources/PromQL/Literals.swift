import TimeSeries

/// The values of literal tokens.
enum Literals {
    /// A number in any of the language's forms: decimal, hexadecimal, octal with a leading zero,
    /// binary, with underscores, `Inf`, `NaN`.
    static func number(_ token: Token) throws(Mistake) -> Double {
        let text = token.text
        if let integer = integer(text) { return integer }
        let plain = text.filter { $0 != "_" }
        if let value = NumberText.read(plain), !text.hasPrefix("_"), !text.hasSuffix("_") {
            return value
        }
        throw Mistake(
            "error parsing number: strconv.ParseFloat: parsing \(goQuoted(text)): invalid syntax",
            at: token.source)
    }

    /// An integer as Go reads it with the base in its prefix.
    private static func integer(_ text: String) -> Double? {
        let lowercase = text.lowercased()
        let digits: Substring
        let radix: Int
        if lowercase.hasPrefix("0x") {
            (digits, radix) = (lowercase.dropFirst(2), 16)
        } else if lowercase.hasPrefix("0b") {
            (digits, radix) = (lowercase.dropFirst(2), 2)
        } else if lowercase.hasPrefix("0o") {
            (digits, radix) = (lowercase.dropFirst(2), 8)
        } else if lowercase.hasPrefix("0"), lowercase.count > 1 {
            (digits, radix) = (lowercase.dropFirst(1), 8)
        } else {
            return nil
        }
        return Int64(digits.filter { $0 != "_" }, radix: radix).map(Double.init)
    }

    /// The milliseconds of a duration: units from years to milliseconds, each once, in order.
    static func milliseconds(_ token: Token) throws(Mistake) -> Int64 {
        let units: [(name: String, milliseconds: Int64)] = [
            ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000),
            ("m", 60_000), ("s", 1000), ("ms", 1),
        ]
        func invalid() -> Mistake {
            Mistake("not a valid duration string: \(goQuoted(token.text))", at: token.source)
        }
        var rest = token.text[...]
        var total: Int64 = 0
        var lastUnit = -1
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber }
            let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
            rest = rest.dropFirst(digits.count + unit.count)
            guard let index = units.firstIndex(where: { $0.name == unit }), index > lastUnit,
                let count = Int64(digits)
            else { throw invalid() }
            lastUnit = index
            let (part, overflows) = count.multipliedReportingOverflow(
                by: units[index].milliseconds)
            let (sum, sumOverflows) = total.addingReportingOverflow(part)
            // Go counts nanoseconds in 64 bits.
            guard !overflows, !sumOverflows, sum <= Int64.max / 1_000_000 else {
                throw Mistake("duration out of range", at: token.source)
            }
            total = sum
        }
        return total
    }

    /// The value of a quoted string.
    static func string(_ token: Token) throws(Mistake) -> String {
        let inner = Array(token.text.utf8.dropFirst().dropLast())
        if token.text.hasPrefix("`") { return String(decoding: inner, as: UTF8.self) }
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
                guard let scalar = Unicode.Scalar(digits(count, 16)) else {
                    throw Mistake(
                        "escape sequence is an invalid Unicode code point", at: token.source)
                }
                bytes += Array(String(scalar).utf8)
                index += count
            default: bytes.append(kind)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
