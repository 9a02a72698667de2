/// Functions of a time in seconds, in UTC, by their names.
enum CalendarFunctions {
    static let table: [String: @Sendable (Moment) -> Int64] = [
        "day_of_month": { $0.day },
        "day_of_week": { $0.dayOfWeek },
        "day_of_year": { $0.dayOfYear },
        "days_in_month": { Moment.daysInMonth($0.month, $0.year) },
        "hour": { $0.secondOfDay / 3600 },
        "minute": { $0.secondOfDay / 60 % 60 },
        "month": { $0.month },
        "year": { $0.year },
    ]
}
