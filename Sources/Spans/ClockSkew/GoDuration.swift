/// Lengths of time as Go writes them, `1m51.5s` or `-237.5ms`: so they stand in Jaeger's warnings.
public enum GoDuration {
    /// The text of so many nanoseconds, as Go's `Duration.String` makes it: of less than a second
    /// one unit, else hours, minutes and seconds, leading units left out where they are zero.
    public static func text(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "0s" }
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch magnitude {
        case ..<1_000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return sign + decimal(magnitude, per: 1_000) + "µs"
        case ..<1_000_000_000: return sign + decimal(magnitude, per: 1_000_000) + "ms"
        default: break
        }
        let minutes = magnitude / 60_000_000_000
        let seconds = decimal(magnitude % 60_000_000_000, per: 1_000_000_000) + "s"
        if minutes == 0 { return sign + seconds }
        if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    /// Nanoseconds; nil where the text is none of Go's durations, or does not fit.
    public static func nanoseconds(_ text: some StringProtocol) -> Int64? {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            rest = rest.dropFirst(unit.count)
            guard let length = units[String(unit)], let part = product(number, length) else {
                return nil
            }
            let (sum, overflows) = total.addingReportingOverflow(part)
            if overflows { return nil }
            total = sum
        }
        if isNegative { return Int64(exactly: -Int128(total)) }
        return Int64(exactly: total)
    }

    /// Nanoseconds of each unit. The micro sign and the Greek letter both occur.
    private static let units: [String: UInt64] = [
        "ns": 1, "us": 1_000, "\u{b5}s": 1_000, "\u{3bc}s": 1_000, "ms": 1_000_000,
        "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000,
    ]

    /// A number with its fraction, without trailing zeros.
    private static func decimal(_ value: UInt64, per unit: UInt64) -> String {
        var fraction = value % unit
        guard fraction != 0 else { return "\(value / unit)" }
        var digits = String(unit).count - 1
        while fraction % 10 == 0 {
            fraction /= 10
            digits -= 1
        }
        let text = String(fraction)
        return "\(value / unit)." + String(repeating: "0", count: digits - text.count) + text
    }

    /// So many units; digits below a nanosecond are cut off. Nil where it is no number or too large.
    private static func product(_ number: some StringProtocol, _ unit: UInt64) -> UInt64? {
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard number.contains(where: { $0 != "." }) else { return nil }
        guard let whole = parts.first.map({ $0.isEmpty ? 0 : UInt64($0) }) ?? nil else {
            return nil
        }
        let (product, overflows) = whole.multipliedReportingOverflow(by: unit)
        if overflows { return nil }
        guard parts.count == 2, !parts[1].isEmpty else { return product }
        // Eighteen digits of a unit say more than nanoseconds of any.
        let digits = parts[1].prefix(18)
        guard !parts[1].contains("."), let numerator = UInt64(digits) else { return nil }
        var scale: UInt128 = 1
        for _ in digits { scale *= 10 }
        let fraction = UInt64(UInt128(numerator) * UInt128(unit) / scale)
        let (sum, tooLarge) = product.addingReportingOverflow(fraction)
        return tooLarge ? nil : sum
    }
}
