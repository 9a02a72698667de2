import Evaluation

/// A method of a time or a duration that a template may call.
struct TemplateMethod: Sendable {
    var name: String
    var parameters: [TemplateParameter]
    var result: @Sendable (TemplateValue, [TemplateValue]) -> TemplateValue

    static func named(_ name: String, of value: TemplateValue) -> TemplateMethod? {
        switch value {
        case .time: ofTimes.first { $0.name == name }
        case .duration: ofDurations.first { $0.name == name }
        default: nil
        }
    }

    private static func time(
        _ name: String, _ compute: @escaping @Sendable (GoTime) -> TemplateValue
    ) -> TemplateMethod {
        TemplateMethod(name: name, parameters: []) { value, _ in
            guard case .time(let nanoseconds) = value else { return .nothing }
            return compute(GoTime(nanoseconds: nanoseconds))
        }
    }

    private static let ofTimes: [TemplateMethod] = [
        TemplateMethod(name: "Format", parameters: [.string]) { value, arguments in
            guard case .time(let nanoseconds) = value, case .string(let layout) = arguments[0]
            else { return .nothing }
            return .string(GoTime(nanoseconds: nanoseconds).formatted(layout))
        },
        TemplateMethod(name: "UTC", parameters: []) { value, _ in value },
        time("String") { .string($0.description) },
        time("Unix") { .int(Int(($0.nanoseconds - $0.fraction) / 1_000_000_000)) },
        time("UnixMilli") {
            .int(Int(($0.nanoseconds - $0.fraction % 1_000_000) / 1_000_000))
        },
        time("UnixNano") { .int(Int($0.nanoseconds)) },
        time("Year") { .int(Int($0.moment.year)) },
        time("Month") { .string($0.monthName) },
        time("Day") { .int(Int($0.moment.day)) },
        time("YearDay") { .int(Int($0.moment.dayOfYear)) },
        time("Weekday") { .string($0.weekdayName) },
        time("Hour") { .int(Int($0.moment.secondOfDay / 3600)) },
        time("Minute") { .int(Int($0.moment.secondOfDay / 60 % 60)) },
        time("Second") { .int(Int($0.moment.secondOfDay % 60)) },
        time("Nanosecond") { .int(Int($0.fraction)) },
        time("IsZero") { _ in .bool(false) },
    ]

    private static func duration(
        _ name: String, _ compute: @escaping @Sendable (Int64) -> TemplateValue
    ) -> TemplateMethod {
        TemplateMethod(name: name, parameters: []) { value, _ in
            guard case .duration(let nanoseconds) = value else { return .nothing }
            return compute(nanoseconds)
        }
    }

    private static let ofDurations: [TemplateMethod] = [
        duration("String") { .string(GoDuration.text(nanoseconds: $0)) },
        duration("Hours") { .float(Double($0) / 3.6e12) },
        duration("Minutes") { .float(Double($0) / 6e10) },
        duration("Seconds") { .float(Double($0) / 1e9) },
        duration("Milliseconds") { .int(Int($0 / 1_000_000)) },
        duration("Microseconds") { .int(Int($0 / 1000)) },
        duration("Nanoseconds") { .int(Int($0)) },
    ]
}
