import Glibc
import PromQL
import TimeSeries

/// Functions of one number and some parameters, by their names.
enum ElementwiseFunctions {
    /// The result, or nil where the element is dropped.
    typealias Kernel = @Sendable (_ value: Double, _ parameters: [Double]) -> Double?

    static let kernels: [String: Kernel] = [
        "abs": { value, _ in value.magnitude },
        "acos": { value, _ in acos(value) },
        "acosh": { value, _ in acosh(value) },
        "asin": { value, _ in asin(value) },
        "asinh": { value, _ in asinh(value) },
        "atan": { value, _ in atan(value) },
        "atanh": { value, _ in atanh(value) },
        "ceil": { value, _ in value.rounded(.up) },
        "clamp": { value, bounds in
            bounds[1] < bounds[0] ? nil : greater(bounds[0], lesser(bounds[1], value))
        },
        "clamp_max": { value, bounds in lesser(bounds[0], value) },
        "clamp_min": { value, bounds in greater(bounds[0], value) },
        "cos": { value, _ in cos(value) },
        "cosh": { value, _ in cosh(value) },
        "deg": { value, _ in value * 180 / .pi },
        "exp": { value, _ in exp(value) },
        "floor": { value, _ in value.rounded(.down) },
        "ln": { value, _ in log(value) },
        "log10": { value, _ in log10(value) },
        "log2": { value, _ in log2(value) },
        "rad": { value, _ in value * .pi / 180 },
        "round": { value, nearest in
            // The inverse first: multiples of 0.1 come out as people write them.
            let inverse = 1 / (nearest.first ?? 1)
            return (value * inverse + 0.5).rounded(.down) / inverse
        },
        "sgn": { value, _ in value < 0 ? -1 : value > 0 ? 1 : value },
        "sin": { value, _ in sin(value) },
        "sinh": { value, _ in sinh(value) },
        "sqrt": { value, _ in value.squareRoot() },
        "tan": { value, _ in tan(value) },
        "tanh": { value, _ in tanh(value) },
        // Floats have no histogram parts.
        "histogram_avg": { _, _ in nil },
        "histogram_count": { _, _ in nil },
        "histogram_stddev": { _, _ in nil },
        "histogram_stdvar": { _, _ in nil },
        "histogram_sum": { _, _ in nil },
    ]

    /// As Go's `math.Min`: NaN if either is, and −0 is less than 0.
    static func lesser(_ left: Double, _ right: Double) -> Double {
        if left.isNaN || right.isNaN { return .nan }
        if left == 0, right == 0 { return left.sign == .minus ? left : right }
        return left < right ? left : right
    }

    /// As Go's `math.Max`.
    static func greater(_ left: Double, _ right: Double) -> Double {
        if left.isNaN || right.isNaN { return .nan }
        if left == 0, right == 0 { return left.sign == .minus ? right : left }
        return left > right ? left : right
    }
}

/// Functions of a time in seconds, in UTC, by their names.
enum CalendarFunctions {
    static let kernels: [String: @Sendable (Moment) -> Int64] = [
        "day_of_month": { $0.day },
        "day_of_week": { ($0.days % 7 + 11) % 7 },
        "day_of_year": { $0.dayOfYear },
        "days_in_month": { Moment.daysInMonth($0.month, $0.year) },
        "hour": { $0.secondOfDay / 3600 },
        "minute": { $0.secondOfDay / 60 % 60 },
        "month": { $0.month },
        "year": { $0.year },
    ]

    static func value(_ name: String, at seconds: Double) -> Double {
        guard seconds.magnitude < 9e15, let kernel = kernels[name] else { return .nan }
        return Double(kernel(Moment(seconds: Int64(seconds))))
    }

    /// A time taken apart in the Gregorian calendar.
    struct Moment: Sendable {
        /// Since the epoch.
        let days: Int64
        let secondOfDay: Int64
        let year: Int64
        let month: Int64
        let day: Int64

        init(seconds: Int64) {
            secondOfDay = (seconds % 86_400 + 86_400) % 86_400
            days = (seconds - secondOfDay) / 86_400
            // Years that begin in March have their leap day at the end; eras of 400 years repeat.
            let shifted = days + 719_468
            let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
            let dayOfEra = shifted - era * 146_097
            let yearOfEra =
                (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shiftedMonth = (5 * dayOfYear + 2) / 153
            day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
            month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        }

        var dayOfYear: Int64 {
            (1..<month).reduce(day) { $0 + Self.daysInMonth($1, year) }
        }

        static func daysInMonth(_ month: Int64, _ year: Int64) -> Int64 {
            switch month {
            case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
            case 4, 6, 9, 11: 30
            default: 31
            }
        }
    }
}
