import Clusters
import TimeSeries

/// Durations of rule files, and what Prometheus says of a text that is none.
enum RuleDuration {
    static func refusal(of text: String) -> String {
        if text.isEmpty { return "empty duration string" }
        var rest = text[...]
        for unit in ["y", "w", "d", "h", "m", "s", "ms"] {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard !digits.isEmpty else { break }
            let behind = rest[digits.endIndex...]
            guard behind.hasPrefix(unit) else { continue }
            // The m of ms is no minute.
            if unit == "m", behind.hasPrefix("ms") { continue }
            rest = behind.dropFirst(unit.count)
        }
        return rest.isEmpty
            ? "duration out of range" : "not a valid duration string: \(GoText.quoted(text))"
    }
}
