/// A time in seconds taken apart in the Gregorian calendar, in UTC.
public struct Moment: Sendable {
    /// Since the epoch.
    public let days: Int64
    public let secondOfDay: Int64
    public let year: Int64
    public let month: Int64
    public let day: Int64

    /// What is no time (NaN, or beyond the range) is the one that Go makes of it: the least
    /// integer, which its calendar reads as 2⁶³ seconds after the epoch.
    private static let outOfRange = (days: Int64(106_751_991_167_300), second: Int64(55_808))

    public init(seconds: Double) {
        if seconds >= -0x1p63, seconds < 0x1p63 {
            let whole = Int64(seconds)
            let remainder = whole % 86_400
            secondOfDay = remainder < 0 ? remainder + 86_400 : remainder
            days = whole / 86_400 - (remainder < 0 ? 1 : 0)
        } else {
            days = Self.outOfRange.days
            secondOfDay = Self.outOfRange.second
        }
        // Years that begin in March have their leap day at the end; eras of 400 years repeat.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfShiftedYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfShiftedYear + 2) / 153
        day = dayOfShiftedYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Sunday is 0; the epoch was a Thursday.
    public var dayOfWeek: Int64 { (days % 7 + 11) % 7 }

    public var dayOfYear: Int64 {
        (1..<month).reduce(day) { $0 + Self.daysInMonth($1, year) }
    }

    public static func daysInMonth(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
