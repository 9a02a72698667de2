/// Durations for people.
enum ShortDuration {
    /// Three digits that count, in the largest unit that is reached: `1.25s`, `220ms`, `15.4µs`.
    static func text(nanoseconds: Int64) -> String {
        if nanoseconds < 0 {
            return "-" + text(nanoseconds: nanoseconds == .min ? .max : -nanoseconds)
        }
        let units: [(String, Int64)] = [
            ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
            ("ms", 1_000_000), ("µs", 1000),
        ]
        guard let (name, size) = units.first(where: { nanoseconds >= $0.1 }) else {
            return nanoseconds == 0 ? "0" : "\(nanoseconds)ns"
        }
        let whole = nanoseconds / size
        let digits = whole >= 100 ? 0 : whole >= 10 ? 1 : 2
        let scale: Int64 = digits == 0 ? 1 : digits == 1 ? 10 : 100
        // Cut off, so that no unit is written as more of it than it has.
        var fraction = String(nanoseconds % size / (size / scale))
        fraction = String(repeating: "0", count: max(0, digits - fraction.count)) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        return "\(whole)" + (digits == 0 || fraction.isEmpty ? "" : ".\(fraction)") + name
    }

    static func text(seconds: Double) -> String {
        text(nanoseconds: Int64(exactly: (seconds * 1e9).rounded()) ?? .max)
    }
}
