import ArgumentParser
import PrometheusAPI

/// A time as people write it: `now`, `-1h`, `now-1h30m`, `+5m`, Unix seconds or RFC 3339.
struct TimeArgument: ExpressibleByArgument, Sendable {
    private enum Form: Sendable {
        /// Milliseconds since the Unix epoch.
        case absolute(Int64)
        /// Milliseconds from now.
        case relative(Int64)
    }

    private let form: Form

    init?(argument: String) {
        if let form = Self.relative(argument) {
            self.form = form
        } else if let time = APITime.parse(argument) {
            form = .absolute(time)
        } else {
            return nil
        }
    }

    private static func relative(_ text: String) -> Form? {
        var rest = text[...]
        let isFromNow = rest.hasPrefix("now")
        if isFromNow { rest = rest.dropFirst(3) }
        if rest.isEmpty { return isFromNow ? .relative(0) : nil }
        guard let sign = rest.first, sign == "-" || sign == "+" else { return nil }
        let duration = String(rest.dropFirst())
        // A number alone, signed or not, is a time in seconds.
        guard isFromNow || duration.contains(where: \.isLetter),
            let milliseconds = APIDuration.parse(duration)
        else { return nil }
        return .relative(sign == "-" ? -milliseconds : milliseconds)
    }

    /// Milliseconds since the Unix epoch.
    func milliseconds(now: Int64) -> Int64 {
        switch form {
        case .absolute(let time): time
        case .relative(let offset): now + offset
        }
    }
}

/// A duration as people write it: `15s`, `1m30s`, or seconds.
struct DurationArgument: ExpressibleByArgument, Sendable {
    /// Above zero.
    let milliseconds: Int64

    init?(argument: String) {
        guard let milliseconds = APIDuration.parse(argument), milliseconds > 0 else { return nil }
        self.milliseconds = milliseconds
    }

    /// As parameters of the API have it.
    var text: String { APIDuration.text(milliseconds) }
}
