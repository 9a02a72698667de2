import Evaluation

/// A time in UTC the way Go writes it.
struct GoTime: CustomStringConvertible {
    /// Since the Unix epoch.
    let nanoseconds: Int64
    let moment: Moment
    /// Of the second.
    let fraction: Int64

    init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
        var second = nanoseconds / 1_000_000_000
        var rest = nanoseconds % 1_000_000_000
        if rest < 0 {
            second -= 1
            rest += 1_000_000_000
        }
        moment = Moment(seconds: Double(second))
        fraction = rest
    }

    /// `2023-11-14 22:13:20.5 +0000 UTC`.
    var description: String {
        formatted("2006-01-02 15:04:05") + fractionText + " +0000 UTC"
    }

    private var fractionText: String {
        if fraction == 0 { return "" }
        var digits = Self.padded(fraction, 9)
        while digits.last == "0" { digits.removeLast() }
        return "." + digits
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    var monthName: String { Self.months[Int(moment.month) - 1] }
    var weekdayName: String { Self.weekdays[Int(moment.dayOfWeek)] }

    private static func padded(_ number: Int64, _ width: Int, with pad: String = "0") -> String {
        let text = String(number)
        return String(repeating: pad, count: max(0, width - text.count)) + text
    }

    /// The parts of Go's layouts, the longer of two that begin alike first.
    private var parts: [(layout: String, text: String)] {
        let hour = moment.secondOfDay / 3600
        let minute = moment.secondOfDay / 60 % 60
        let second = moment.secondOfDay % 60
        let half = hour % 12 == 0 ? 12 : hour % 12
        return [
            ("January", monthName), ("Jan", String(monthName.prefix(3))),
            ("Monday", weekdayName), ("Mon", String(weekdayName.prefix(3))), ("MST", "UTC"),
            ("2006", Self.padded(moment.year, 4)), ("01", Self.padded(moment.month, 2)),
            ("002", Self.padded(moment.dayOfYear, 3)), ("02", Self.padded(moment.day, 2)),
            ("03", Self.padded(half, 2)), ("04", Self.padded(minute, 2)),
            ("05", Self.padded(second, 2)), ("06", Self.padded(moment.year % 100, 2)),
            ("15", Self.padded(hour, 2)), ("_2", Self.padded(moment.day, 2, with: " ")),
            ("-07:00", "+00:00"), ("-0700", "+0000"), ("Z07:00", "Z"), ("Z0700", "Z"),
            ("-07", "+00"), ("PM", hour < 12 ? "AM" : "PM"), ("pm", hour < 12 ? "am" : "pm"),
            ("1", "\(moment.month)"), ("2", "\(moment.day)"), ("3", "\(half)"),
            ("4", "\(minute)"), ("5", "\(second)"),
        ]
    }

    /// The time in a layout of Go's: the moment 2006-01-02 15:04:05 written as it is wanted.
    func formatted(_ layout: String) -> String {
        let parts = parts
        var result = ""
        var rest = layout[...]
        scan: while let first = rest.first {
            if first == "." || first == ",", let digits = fraction(rest.dropFirst()) {
                result += digits.text.isEmpty ? "" : String(first) + digits.text
                rest = rest.dropFirst(1 + digits.count)
                continue
            }
            for part in parts where rest.hasPrefix(part.layout) {
                result += part.text
                rest = rest.dropFirst(part.layout.count)
                continue scan
            }
            result.append(first)
            rest = rest.dropFirst()
        }
        return result
    }

    /// `.000` keeps its zeros, `.999` leaves them out.
    private func fraction(_ text: Substring) -> (text: String, count: Int)? {
        guard let digit = text.first, digit == "0" || digit == "9" else { return nil }
        let count = text.prefix { $0 == digit }.count
        if let behind = text.dropFirst(count).first, behind.isNumber { return nil }
        var digits = String(Self.padded(fraction, 9).prefix(count))
        if digit == "9" { while digits.last == "0" { digits.removeLast() } }
        return (digits, count)
    }
}

/// A duration the way Go writes it: `1h30m0s`, `1.5s`, `300ms`.
public enum GoDuration {
    public static func text(nanoseconds: Int64) -> String {
        let sign = nanoseconds < 0 ? "-" : ""
        let magnitude = nanoseconds.magnitude
        if magnitude == 0 { return "0s" }
        if magnitude < 1000 { return "\(sign)\(magnitude)ns" }
        if magnitude < 1_000_000 { return sign + decimal(magnitude, 1000) + "µs" }
        if magnitude < 1_000_000_000 { return sign + decimal(magnitude, 1_000_000) + "ms" }
        let seconds = magnitude / 1_000_000_000
        let ofMinute = decimal(magnitude % 60_000_000_000, 1_000_000_000) + "s"
        if seconds < 60 { return sign + ofMinute }
        let minutes = seconds / 60
        if minutes < 60 { return "\(sign)\(minutes)m\(ofMinute)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(ofMinute)"
    }

    private static func decimal(_ value: UInt64, _ unit: UInt64) -> String {
        let rest = value % unit
        if rest == 0 { return "\(value / unit)" }
        var digits = String(rest)
        digits = String(repeating: "0", count: String(unit).count - 1 - digits.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return "\(value / unit).\(digits)"
    }
}
