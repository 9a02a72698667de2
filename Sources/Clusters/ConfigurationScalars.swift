// How single values are written in configuration files.

/// A duration as Prometheus's files have it: whole numbers with units, from long to short, each
/// unit once.
public enum DurationText {
    /// The units from long to short, and milliseconds in each.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000),
        ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Milliseconds; nil where the text is no duration or is longer than Prometheus can hold.
    public static func milliseconds(_ text: String) -> Int64? {
        if text == "0" { return 0 }
        var rest = text.utf8[...]
        var unitsLeft = units[...]
        var sum: Int64 = 0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
            rest = rest.dropFirst(name.count)
            guard let number = Int64(Substring(digits)),
                let place = unitsLeft.firstIndex(where: { $0.name == Substring(name) })
            else { return nil }
            let (product, isTooLarge) = number.multipliedReportingOverflow(
                by: units[place].milliseconds)
            let (next, overflows) = sum.addingReportingOverflow(product)
            // Prometheus counts nanoseconds in 64 bits.
            guard !isTooLarge, !overflows, next <= Int64.max / 1_000_000 else { return nil }
            sum = next
            unitsLeft = units[(place + 1)...]
        }
        return sum
    }

    /// The text of a duration in whole milliseconds, with the fewest units that say it exactly.
    public static func text(milliseconds: Int64) -> String {
        if milliseconds == 0 { return "0s" }
        var rest = milliseconds
        var text = ""
        for unit in units {
            // Weeks and years only where nothing is left: nobody reads 2w1d.
            let isLong = unit.name == "y" || unit.name == "w"
            if isLong && rest % unit.milliseconds != 0 { continue }
            guard rest >= unit.milliseconds else { continue }
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text
    }
}

/// A number of bytes: plain, or with a unit. As in Prometheus's flags each unit is 1024 times the
/// one before, `KB` as much as `KiB`.
public enum ByteCountText {
    private static let units = ["", "K", "M", "G", "T", "P"]

    /// Bytes; nil where the text is none or more than fits.
    public static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        var unit = text.dropFirst(digits.count)
        if unit.last == "B" { unit = unit.dropLast() }
        if unit.last == "i" { unit = unit.dropLast() }
        guard let number = Int(digits), let power = units.firstIndex(of: String(unit)) else {
            return nil
        }
        let (product, overflows) = number.multipliedReportingOverflow(by: 1 << (10 * power))
        return overflows ? nil : product
    }

    /// The text with the largest unit that says it exactly.
    public static func text(bytes: Int) -> String {
        var number = bytes
        var power = 0
        while number != 0, number % 1024 == 0, power + 1 < units.count {
            number /= 1024
            power += 1
        }
        return power == 0 ? "\(number)" : "\(number)\(units[power])B"
    }
}
