/// A time in RFC 3339, as API v3's parameters have it.
public enum TimestampText {
    /// Nanoseconds since 1970, as Go's `time.Parse` reads `time.RFC3339Nano`, and its words where it
    /// cannot. Times that are farther away than can be told become the farthest that can. A space in
    /// the place of the offset's plus sign is read as one: that is what comes of a sign that was not
    /// escaped.
    static func nanoseconds(_ text: String) throws(GoMistake) -> Int64 {
        var reader = Reader(text)
        return try reader.time()
    }

    private static let layout = "2006-01-02T15:04:05.999999999Z07:00"

    /// Reads from the left, as the layout says, element by element.
    private struct Reader {
        let text: String
        var rest: Substring.UTF8View

        init(_ text: String) {
            self.text = text
            rest = text.utf8[...]
        }

        mutating func time() throws(GoMistake) -> Int64 {
            let year = try element("2006") { $0.year() }
            let month = try next("-", "01", 1...12, "month")
            let day = try next("-", "02")
            try skip("T")
            let hour = try number("15", isFixed: false, 0...23, "hour")
            let minute = try next(":", "04", 0...59, "minute")
            let second = try next(":", "05", 0...59, "second")
            let fraction = fraction()
            let offset = try offset()
            guard rest.isEmpty else {
                throw mistake(": extra text: \(GoWords.quotedTime(String(rest) ?? ""))")
            }
            guard (1...TimestampText.daysOf(month, year)).contains(day) else {
                throw mistake(": day out of range")
            }
            let seconds =
                TimestampText.days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
                - offset
            let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let (sum, overflowsToo) = product.addingReportingOverflow(fraction)
            return overflows || overflowsToo ? (seconds < 0 ? .min : .max) : sum
        }

        // MARK: Elements

        /// A separator and a number of two digits.
        private mutating func next(
            _ separator: Unicode.Scalar, _ name: String, _ range: ClosedRange<Int64>? = nil,
            _ meaning: String = ""
        ) throws(GoMistake) -> Int64 {
            try skip(separator)
            return try number(name, isFixed: true, range, meaning)
        }

        private mutating func number(
            _ name: String, isFixed: Bool, _ range: ClosedRange<Int64>?, _ meaning: String
        ) throws(GoMistake) -> Int64 {
            let value = try element(name) { $0.digits(isFixed: isFixed) }
            if let range, !range.contains(value) { throw mistake(": \(meaning) out of range") }
            return value
        }

        private mutating func element(
            _ name: String, _ read: (inout Reader) -> Int64?
        ) throws(GoMistake) -> Int64 {
            let before = rest
            guard let value = read(&self) else { throw unfitting(before, name) }
            return value
        }

        private mutating func skip(_ scalar: Unicode.Scalar) throws(GoMistake) {
            guard rest.first == UInt8(ascii: scalar) else {
                throw unfitting(rest, String(scalar))
            }
            rest = rest.dropFirst()
        }

        private mutating func year() -> Int64? {
            let digits = rest.prefix(4)
            guard digits.count == 4, digits.allSatisfy(GoText.isDigit) else { return nil }
            rest = rest.dropFirst(4)
            return Self.value(digits)
        }

        /// Two digits, or one where that is enough.
        private mutating func digits(isFixed: Bool) -> Int64? {
            let digits = rest.prefix(2).prefix(while: GoText.isDigit)
            guard digits.count == 2 || digits.count == 1 && !isFixed else { return nil }
            rest = rest.dropFirst(digits.count)
            return Self.value(digits)
        }

        private static func value(_ digits: Substring.UTF8View) -> Int64 {
            digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
        }

        /// Nanoseconds; zero where there are none.
        private mutating func fraction() -> Int64 {
            guard let mark = rest.first, mark == UInt8(ascii: ".") || mark == UInt8(ascii: ",")
            else { return 0 }
            let digits = rest.dropFirst().prefix(while: GoText.isDigit)
            guard !digits.isEmpty else { return 0 }
            rest = rest.dropFirst(1 + digits.count)
            let shown = digits.prefix(9)
            return (shown.count..<9).reduce(Self.value(shown)) { value, _ in value * 10 }
        }

        /// Seconds east of Greenwich.
        private mutating func offset() throws(GoMistake) -> Int64 {
            let name = "Z07:00"
            if rest.first == UInt8(ascii: "Z") {
                rest = rest.dropFirst()
                return 0
            }
            let before = rest
            let bytes = Array(rest.prefix(6))
            guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
                [1, 2, 4, 5].allSatisfy({ GoText.isDigit(bytes[$0]) })
            else { throw unfitting(before, name) }
            func number(_ place: Int) -> Int64 {
                Int64(bytes[place] - UInt8(ascii: "0")) * 10
                    + Int64(bytes[place + 1] - UInt8(ascii: "0"))
            }
            let (hours, minutes) = (number(1), number(4))
            rest = rest.dropFirst(6)
            // Go lets 24 hours and 60 minutes pass.
            guard hours <= 24 else { throw mistake(": time zone offset hour out of range") }
            guard minutes <= 60 else { throw mistake(": time zone offset minute out of range") }
            switch bytes[0] {
            case UInt8(ascii: "+"), UInt8(ascii: " "): return hours * 3600 + minutes * 60
            case UInt8(ascii: "-"): return -(hours * 3600 + minutes * 60)
            default: throw unfitting(before, name)
            }
        }

        // MARK: Mistakes

        private func mistake(_ words: String) -> GoMistake {
            GoMistake("parsing time \(GoWords.quotedTime(text))\(words)")
        }

        private func unfitting(_ rest: Substring.UTF8View, _ element: String) -> GoMistake {
            mistake(
                " as \(GoWords.quotedTime(TimestampText.layout)): cannot parse "
                    + "\(GoWords.quotedTime(String(rest) ?? "")) as \(GoWords.quotedTime(element))")
        }
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
}
