import Clusters
import PrometheusAPI
import TimeSeries

/// The numbers of signals for people.
enum SignalText {
    /// What stands where nothing is known, which is not zero.
    static let unknown = "-"

    /// A value in the way that its unit is read: `1.25k`, `0.8%`, `12ms`, `1.5MiB`.
    static func text(_ value: JSONValue?, unit: String) -> String {
        guard let value = value?.double, value.isFinite else { return unknown }
        switch unit {
        case "ratio": return percent(value)
        case "ms": return ShortDuration.text(seconds: value / 1000)
        case "bytes", "bytes/s": return scaled(value, 1024, ["B", "KiB", "MiB", "GiB", "TiB"])
        default: return scaled(value, 1000, ["", "k", "M", "G", "T"])
        }
    }

    static func percent(_ ratio: Double) -> String { digits(ratio * 100) + "%" }

    private static func scaled(_ value: Double, _ base: Double, _ units: [String]) -> String {
        var value = value
        var unit = 0
        // What is rounded up to the next unit is written in it.
        while value.magnitude >= base * 0.9995, unit + 1 < units.count {
            value /= base
            unit += 1
        }
        return digits(value) + units[unit]
    }

    /// Three digits that count.
    private static func digits(_ value: Double) -> String {
        var decimals = 2
        var limit = 10.0
        while decimals > 0, value.magnitude >= limit * 0.9995 {
            decimals -= 1
            limit *= 10
        }
        if value.magnitude > 0 {
            limit = 1
            while decimals < 6, value.magnitude < limit * 0.9995 {
                decimals += 1
                limit /= 10
            }
        }
        var text = NumberText.decimals(value, decimals)
        guard value != 0 else { return "0" }
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        // However little it is, it is not nothing.
        return text == "0" || text == "-0" ? NumberText.general(value) : text
    }
}
