/// A time in RFC 3339.
enum TimestampText {
    /// Nanoseconds since 1970; nil where the text is no such time. A space in the place of the
    /// offset's plus sign is read as one: that is what comes of a sign that was not escaped.
    static func nanoseconds(_ text: String) -> Int64? {
        var reader = Reader(bytes: text.utf8[...])
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2),
            (1...12).contains(month), reader.take("-"), let day = reader.number(2),
            (1...daysOf(month, year)).contains(day), reader.take("T") || reader.take("t"),
            let hour = reader.number(2), hour < 24, reader.take(":"),
            let minute = reader.number(2), minute < 60, reader.take(":"),
            let second = reader.number(2), second < 60,
            let fraction = reader.fraction(), let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        let seconds =
            (days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second) - offset
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowsToo) = product.addingReportingOverflow(fraction)
        return overflows || overflowsToo ? nil : sum
    }

    private static func daysOf(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// From 1970-01-01 to a day of the Gregorian calendar.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        // Years begin in March, so that a leap day ends one.
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }

    private struct Reader {
        var bytes: Substring.UTF8View

        var isAtEnd: Bool { bytes.isEmpty }

        mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard bytes.first == UInt8(ascii: scalar) else { return false }
            bytes = bytes.dropFirst()
            return true
        }

        /// A number of exactly so many digits.
        mutating func number(_ count: Int) -> Int64? {
            let digits = bytes.prefix(count)
            guard digits.count == count, digits.allSatisfy(GoText.isDigit) else { return nil }
            bytes = bytes.dropFirst(count)
            return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }

        /// Nanoseconds; zero where there are none.
        mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            let digits = bytes.prefix(while: GoText.isDigit)
            guard !digits.isEmpty else { return nil }
            bytes = bytes.dropFirst(digits.count)
            var value: Int64 = 0
            for place in 0..<9 {
                let digit = digits.dropFirst(place).first ?? UInt8(ascii: "0")
                value = value * 10 + Int64(digit - UInt8(ascii: "0"))
            }
            return value
        }

        /// Seconds east of Greenwich.
        mutating func offset() -> Int64? {
            if take("Z") || take("z") { return 0 }
            let sign: Int64
            if take("+") || take(" ") {
                sign = 1
            } else if take("-") {
                sign = -1
            } else {
                return nil
            }
            guard let hours = number(2), hours < 24, take(":"), let minutes = number(2),
                minutes < 60
            else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }
    }
}
