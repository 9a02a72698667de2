import ArgumentParser
import Federation
import TimeSeries
import Upstream

/// The times that a command asks for.
struct TimeOptions: ParsableArguments {
    // Times may begin with a hyphen.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("When to evaluate. (default: now)", valueName: "time"))
    var time: TimeArgument?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Evaluate over a range that begins here.", valueName: "time"))
    var start: TimeArgument?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Where the range ends. (default: now)", valueName: "time"))
    var end: TimeArgument?

    @Option(
        help: ArgumentHelp(
            "The distance of evaluations. (default: about 240 in the range)",
            valueName: "duration"))
    var step: DurationArgument?

    /// Throws where the options contradict each other.
    func check() throws {
        if start == nil, end != nil || step != nil {
            throw ValidationError("--end and --step belong to a range: give --start too")
        }
        if start != nil, time != nil {
            throw ValidationError("give --time, or --start for a range, not both")
        }
    }

    /// `now` is in milliseconds since the Unix epoch.
    func times(now: Int64) throws -> AskedTimes {
        guard let start else { return .instant(time?.milliseconds(now: now) ?? now) }
        // Whole seconds make readable times.
        let now = now / 1000 * 1000
        let first = start.milliseconds(now: now)
        let last = end?.milliseconds(now: now) ?? now
        guard last >= first else { throw ValidationError("the range ends before it begins") }
        return .range(
            start: first, end: last, step: step?.milliseconds ?? Self.step(for: last - first))
    }

    /// A step in whole seconds that makes about 240 of the range.
    private static func step(for range: Int64) -> Int64 {
        max(1000, (range / 240 + 999) / 1000 * 1000)
    }
}

/// One time, or a range of them.
typealias AskedTimes = QueryRequest.Times

extension QueryRequest.Times {
    var isRange: Bool {
        if case .range = self { true } else { false }
    }

    /// The parameters of `query` or `query_range`.
    var parameters: [UpstreamRequest.Parameter] {
        let named: [(String, Int64)] =
            switch self {
            case .instant(let time): [("time", time)]
            case .range(let start, let end, let step):
                [("start", start), ("end", end), ("step", step)]
            }
        return named.map { .init(name: $0, value: NumberText.timestamp($1)) }
    }
}
