import TimeSeries

/// The durations of the API's parameters and of Prometheus's configuration.
public enum APIDuration {
    /// The units from long to short, and milliseconds in each.
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("y", 365 * 86_400_000), ("w", 7 * 86_400_000), ("d", 86_400_000), ("h", 3_600_000),
        ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Milliseconds of a duration in seconds (`15`, `0.5`) or in Prometheus's form (`1m30s`), cut
    /// off; nil where the text is neither, or too long.
    public static func parse(_ text: String) -> Int64? {
        guard case .nanoseconds(let nanoseconds) = reading(text) else { return nil }
        return nanoseconds / 1_000_000
    }

    enum Reading: Equatable {
        case nanoseconds(Int64)
        /// A number of seconds, but more than Prometheus can hold.
        case overflow
        case none
    }

    /// The duration as exactly as Prometheus takes it.
    static func reading(_ text: String) -> Reading {
        if let seconds = NumberText.read(text) {
            let nanoseconds = seconds * 1e9
            if nanoseconds.isNaN { return .none }
            guard let whole = Int64(exactly: nanoseconds.rounded(.towardZero)) else {
                return .overflow
            }
            return .nanoseconds(whole)
        }
        guard let milliseconds = parseUnits(text) else { return .none }
        return .nanoseconds(milliseconds * 1_000_000)
    }

    /// Numbers with units, from long to short, each unit once; at most what nanoseconds in 64 bits
    /// hold.
    private static func parseUnits(_ text: String) -> Int64? {
        var rest = Array(text.utf8)[...]
        guard !rest.isEmpty else { return nil }
        var unitsLeft = units[...]
        var sum: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
            rest = rest.dropFirst(name.count)
            guard let number = Int64(String(decoding: digits, as: UTF8.self)),
                let place = unitsLeft.firstIndex(where: { $0.name.utf8.elementsEqual(name) })
            else { return nil }
            let (product, isTooLarge) = number.multipliedReportingOverflow(
                by: units[place].milliseconds)
            guard !isTooLarge else { return nil }
            sum = sum.addingReportingOverflow(product).partialValue
            guard sum >= 0, sum <= Int64.max / 1_000_000 else { return nil }
            unitsLeft = units[(place + 1)...]
        }
        return sum
    }

    /// The duration as Prometheus writes it: `5m`, `1h30m`, `90d`. Years and weeks only where they
    /// are all of it.
    public static func text(_ milliseconds: Int64) -> String {
        if milliseconds == 0 { return "0s" }
        var rest = milliseconds.magnitude
        var text = milliseconds < 0 ? "-" : ""
        for unit in units {
            let length = unit.milliseconds.magnitude
            let isLong = unit.name == "y" || unit.name == "w"
            if isLong, rest % length != 0 { continue }
            if rest >= length {
                text += "\(rest / length)\(unit.name)"
                rest %= length
            }
        }
        return text
    }
}
