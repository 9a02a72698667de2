import PrometheusAPI
import Synchronization

/// The time of a response's `Date` header: `Tue, 24 Nov 2026 01:04:58 GMT`. Written once a second.
final class HTTPDate: Sendable {
    private struct Written {
        var second = Int64.min
        var text = ""
    }

    private let written = Mutex(Written())

    /// The text of a time in milliseconds since the Unix epoch.
    func text(_ milliseconds: Int64) -> String {
        let second = milliseconds / 1000
        return written.withLock { written in
            if written.second != second {
                written = Written(second: second, text: Self.write(second))
            }
            return written.text
        }
    }

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func write(_ second: Int64) -> String {
        // 2026-11-24T01:04:58Z; the Unix epoch began on a Thursday.
        let pieces = APITime.text(second * 1000).dropLast().split { $0 == "-" || $0 == "T" }
        guard second >= 0, pieces.count == 4, let month = Int(pieces[1]) else { return "" }
        let weekday = weekdays[Int(second / 86_400 % 7)]
        return "\(weekday), \(pieces[2]) \(months[month - 1]) \(pieces[0]) \(pieces[3]) GMT"
    }
}
