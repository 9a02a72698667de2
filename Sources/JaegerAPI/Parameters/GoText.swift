// Numbers, durations and truth values as Go's functions read them.

enum GoText {
    /// `strconv.ParseInt`, or `ParseUint` where `isUnsigned`, of so many bits.
    static func integer(
        _ text: String, bits: Int = 64, isUnsigned: Bool = false
    ) throws(GoMistake) -> Int64 {
        let function = isUnsigned ? "ParseUint" : "ParseInt"
        var digits = text.utf8[...]
        if !isUnsigned, let first = digits.first,
            first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
        {
            digits = digits.dropFirst()
        }
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else {
            throw .number(function, text)
        }
        let largest = bits == 64 ? Int64.max : 1 << (isUnsigned ? bits : bits - 1) - 1
        guard let value = Int64(text), value <= largest, isUnsigned || value >= -largest - 1 else {
            throw .number(function, text, isOutOfRange: true)
        }
        return value
    }

    /// `strconv.ParseBool`.
    static func flag(_ text: String) throws(GoMistake) -> Bool {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw .number("ParseBool", text)
        }
    }

    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("ns", 1), ("us", 1000), ("\u{b5}s", 1000), ("\u{3bc}s", 1000), ("ms", 1_000_000),
        ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// `time.ParseDuration`: nanoseconds.
    static func duration(_ text: String) throws(GoMistake) -> Int64 {
        let invalid = GoMistake("time: invalid duration \(GoWords.quotedTime(text))")
        var rest = Substring(text)
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
        if rest == "0" { return 0 }
        if rest.isEmpty { throw invalid }
        var sum: UInt64 = 0
        while !rest.isEmpty {
            guard let part = Part(&rest) else { throw invalid }
            if part.unit.isEmpty {
                throw GoMistake("time: missing unit in duration \(GoWords.quotedTime(text))")
            }
            guard let unit = units.first(where: { $0.name == part.unit }) else {
                throw GoMistake(
                    "time: unknown unit \(GoWords.quotedTime(String(part.unit))) in duration "
                        + GoWords.quotedTime(text))
            }
            guard let value = part.value(of: unit.nanoseconds) else { throw invalid }
            // Both are at most 2^63.
            sum += value
            guard sum <= 1 << 63 else { throw invalid }
        }
        if isNegative { return Int64(truncatingIfNeeded: ~sum &+ 1) }
        guard let nanoseconds = Int64(exactly: sum) else { throw invalid }
        return nanoseconds
    }

    /// A number and its unit.
    private struct Part {
        var whole: Substring
        var fraction: Substring
        var unit: Substring

        /// Takes it from the beginning; nil where no number is there.
        init?(_ rest: inout Substring) {
            whole = Self.digits(rest)
            rest = rest.dropFirst(whole.count)
            fraction = ""
            if rest.hasPrefix(".") {
                rest = rest.dropFirst()
                fraction = Self.digits(rest)
                rest = rest.dropFirst(fraction.count)
            }
            if whole.isEmpty, fraction.isEmpty { return nil }
            unit = rest.prefix { $0 != "." && !Self.isDigit($0) }
            rest = rest.dropFirst(unit.count)
        }

        private static func isDigit(_ character: Character) -> Bool {
            character.isASCII && character.isNumber
        }

        private static func digits(_ text: Substring) -> Substring { text.prefix(while: isDigit) }

        /// At most 2^63; nil where it is more.
        func value(of unit: UInt64) -> UInt64? {
            guard let number = whole.isEmpty ? 0 : UInt64(whole) else { return nil }
            let (product, isOver) = number.multipliedReportingOverflow(by: unit)
            // More digits than these are no nanosecond.
            let part = Double("0." + fraction.prefix(18) + "0").map { $0 * Double(unit) } ?? 0
            let (sum, isOverToo) = product.addingReportingOverflow(UInt64(part))
            return isOver || isOverToo || sum > 1 << 63 ? nil : sum
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
