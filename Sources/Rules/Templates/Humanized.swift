import TimeSeries

/// Numbers for people, as Prometheus's templates write them.
enum Humanized {
    private static let large = ["k", "M", "G", "T", "P", "E", "Z", "Y"]
    private static let small = ["m", "u", "n", "p", "f", "a", "z", "y"]

    /// `1.235M`.
    static func plain(_ number: Double) -> String {
        guard number != 0, number.isFinite else { return GoNumber.general(number, digits: 4) }
        return number.magnitude >= 1
            ? scaled(number, by: 1000, large) : fraction(number)
    }

    /// `1.178Mi`.
    static func binary(_ number: Double) -> String {
        guard number.isFinite, number.magnitude > 1 else {
            return GoNumber.general(number, digits: 4)
        }
        return scaled(number, by: 1024, ["ki"] + large.dropFirst().map { $0 + "i" })
    }

    private static func scaled(_ number: Double, by step: Double, _ names: [String]) -> String {
        var number = number
        var prefix = ""
        for name in names {
            if number.magnitude < step { break }
            prefix = name
            number /= step
        }
        return GoNumber.general(number, digits: 4) + prefix
    }

    private static func fraction(_ number: Double) -> String {
        var number = number
        var prefix = ""
        for name in small {
            if number.magnitude >= 1 { break }
            prefix = name
            number *= 1000
        }
        return GoNumber.general(number, digits: 4) + prefix
    }

    /// Seconds as `1d 2h 3m 4s`, `1.5s`, `3ms`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite else { return GoNumber.general(seconds, digits: 4) }
        if seconds == 0 { return GoNumber.general(seconds, digits: 4) + "s" }
        guard seconds.magnitude >= 1 else { return fraction(seconds) + "s" }
        let sign = seconds < 0 ? "-" : ""
        let magnitude = seconds.magnitude
        // What Go's conversion to 64 bits gives beyond its range.
        let whole = magnitude < 0x1p63 ? Int64(magnitude) : Int64.min
        let parts = [
            (whole / 86_400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "m"),
            (whole % 60, "s"),
        ]
        guard let first = parts.firstIndex(where: { $0.0 != 0 }), first < 3 else {
            return sign + GoNumber.general(magnitude, digits: 4) + "s"
        }
        return sign + parts[first...].map { "\($0.0)\($0.1)" }.joined(separator: " ")
    }
}
