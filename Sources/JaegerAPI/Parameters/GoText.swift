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

    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("\u{b5}s", 1e3), ("\u{3bc}s", 1e3), ("ms", 1e6), ("s", 1e9),
        ("m", 60e9), ("h", 3600e9),
    ]

    /// `time.ParseDuration`: nanoseconds.
    static func duration(_ text: String) throws(GoMistake) -> Int64 {
        let invalid = GoMistake("time: invalid duration \(GoWords.quoted(text))")
        var rest = Substring(text)
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
        if rest == "0" { return 0 }
        if rest.isEmpty { throw invalid }
        var sum = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0 == "." || $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(number.count)
            let parts = number.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }),
                let value = Double("0" + number + (number.hasSuffix(".") ? "0" : ""))
            else { throw invalid }
            let name = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
            rest = rest.dropFirst(name.count)
            if name.isEmpty {
                throw GoMistake("time: missing unit in duration \(GoWords.quoted(text))")
            }
            guard let unit = units.first(where: { $0.name == name }) else {
                throw GoMistake(
                    "time: unknown unit \(GoWords.quoted(String(name))) in duration "
                        + GoWords.quoted(text))
            }
            sum += value * unit.nanoseconds
        }
        guard sum < 9.2e18 else { throw invalid }
        let nanoseconds = Int64(sum.rounded())
        return isNegative ? -nanoseconds : nanoseconds
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
