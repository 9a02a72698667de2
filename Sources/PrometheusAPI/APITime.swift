import TimeSeries

/// The times of the API's parameters.
public enum APITime {
    /// As early and as late as a time may be, milliseconds since the Unix epoch.
    public static let earliest: Int64 = -WireTime.farthest
    public static let latest: Int64 = WireTime.farthest

    /// How Prometheus writes its earliest and latest times, which are beyond ours.
    private static let earliestText = "-292273086-05-16T16:47:06Z"
    private static let latestText = "292277025-08-18T07:12:54.999999999Z"

    /// Milliseconds since the Unix epoch of a time in seconds, rounded, or in RFC 3339, cut off;
    /// nil where the text is neither.
    public static func parse(_ text: String) -> Int64? {
        if let seconds = NumberText.read(text) {
            let whole = seconds.rounded(.towardZero)
            let fraction = ((seconds - whole) * 1000).rounded()
            let milliseconds = whole * 1000 + fraction
            guard milliseconds.magnitude <= Double(latest) else { return nil }
            return Int64(milliseconds)
        }
        if text == earliestText { return earliest }
        if text == latestText { return latest }
        var reader = TimestampReader(text)
        return reader.read()
    }

    /// The time in RFC 3339, in UTC, with milliseconds where there are any.
    public static func text(_ milliseconds: Int64) -> String {
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let (days, rest) = floorDivision(milliseconds, 86_400_000)
        let date = civil(days)
        var text = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
        text += "\(padded(rest / 3_600_000, 2)):\(padded(rest / 60_000 % 60, 2))"
        text += ":\(padded(rest / 1000 % 60, 2))"
        if rest % 1000 != 0 {
            var fraction = padded(rest % 1000, 3)
            while fraction.last == "0" { fraction.removeLast() }
            text += ".\(fraction)"
        }
        return text + "Z"
    }

    private static func floorDivision(_ a: Int64, _ b: Int64) -> (quotient: Int64, rest: Int64) {
        let rest = ((a % b) + b) % b
        return ((a - rest) / b, rest)
    }

    /// The days from 1970-01-01 to a day of the Gregorian calendar.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        // Years begin in March, so that a leap day ends one.
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivision(shifted, 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivision(days + 719_468, 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        )
    }

    static func daysInMonth(_ month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2:
            year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// Reads `2015-07-01T20:10:51.781Z` or `…+02:00`, as Go's RFC 3339 parser does.
private struct TimestampReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    /// Milliseconds since the Unix epoch.
    mutating func read() -> Int64? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"),
            let day = digits(2), take("T"),
            // Go takes an hour of one digit.
            let hour = digits(2) ?? digits(1), take(":"), let minute = digits(2), take(":"),
            let second = digits(2)
        else { return nil }
        let fraction = readFraction()
        guard let fraction, let zone = readZone(), offset == bytes.count else { return nil }
        guard (1...12).contains(month), day >= 1,
            day <= APITime.daysInMonth(month, year: year), hour < 24, minute < 60, second < 60
        else { return nil }
        let days = APITime.days(year: year, month: month, day: day)
        let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - zone
        return seconds * 1000 + fraction
    }

    private mutating func digits(_ count: Int) -> Int64? {
        guard offset + count <= bytes.count else { return nil }
        var number: Int64 = 0
        for byte in bytes[offset..<offset + count] {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int64(digit)
        }
        offset += count
        return number
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    /// Milliseconds; further digits are cut off. Zero where there is no fraction, nil where it has
    /// no digit.
    private mutating func readFraction() -> Int64? {
        guard take(".") || take(",") else { return 0 }
        var unit: Int64 = 100
        var milliseconds: Int64 = 0
        var hasDigit = false
        while let digit = digits(1) {
            milliseconds += digit * unit
            unit /= 10
            hasDigit = true
        }
        return hasDigit ? milliseconds : nil
    }

    /// Seconds east of UTC.
    private mutating func readZone() -> Int64? {
        if take("Z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+") else { return nil }
        guard let hours = digits(2), take(":"), let minutes = digits(2), hours <= 24, minutes <= 60
        else { return nil }
        let seconds = (hours * 60 + minutes) * 60
        return isWest ? -seconds : seconds
    }
}
