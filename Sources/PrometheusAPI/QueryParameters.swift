import TimeSeries

/// A parameter that cannot be used: `bad_data`, in Prometheus's words.
public struct ParameterFailure: Error, Hashable, Sendable {
    public let message: String

    /// A failure that has to do with several parameters, or is told without their names.
    init(_ message: String) { self.message = message }

    init(parameter: String, _ reason: String) {
        message = "invalid parameter \"\(parameter)\": \(reason)"
    }

    /// The failure as an answer tells it.
    public var serverError: ServerError { ServerError(type: "bad_data", message: message) }
}

/// What `query` and `query_range` have in common.
public struct QueryOptions: Hashable, Sendable {
    /// The series that the answer may have at most; 0 where there is no limit.
    public var limit = 0
    /// How long the evaluation may take; nil where the server decides.
    public var timeout: Duration?
    /// How long a sample counts after its time, milliseconds; nil where the server decides.
    public var lookbackDelta: Int64?
    /// The parameter `stats`; empty where none are wanted.
    public var stats = ""

    public init() {}
}

/// The parameters of `query`.
public struct InstantQueryParameters: Hashable, Sendable {
    public var query: String
    /// Milliseconds since the Unix epoch.
    public var time: Int64
    public var options: QueryOptions

    public init(query: String, time: Int64, options: QueryOptions = QueryOptions()) {
        self.query = query
        self.time = time
        self.options = options
    }

    /// Reads the parameters in Prometheus's order, so that of two mistakes the same is told. `now`
    /// is the time where none is given.
    public init(now: Int64, _ parameter: @escaping (String) -> String?) throws(ParameterFailure) {
        let reader = ParameterReader(parameter)
        options = QueryOptions()
        options.limit = try reader.limit()
        time = try reader.optionalTime("time") ?? now
        options.timeout = try reader.timeout()
        options.lookbackDelta = try reader.lookbackDelta()
        options.stats = reader.text("stats")
        query = reader.text("query")
    }

    public var grid: TimeGrid { TimeGrid(instant: time) }
}

/// The parameters of `query_range`.
public struct RangeQueryParameters: Hashable, Sendable {
    public var query: String
    /// Milliseconds since the Unix epoch.
    public var start: Int64
    /// Milliseconds since the Unix epoch, not before `start`.
    public var end: Int64
    /// Milliseconds, above zero.
    public var step: Int64
    public var options: QueryOptions

    /// The steps that a range may have at most; it has one time more.
    public static let maximumSteps: Int64 = 11_000

    /// Reads the parameters in Prometheus's order, so that of two mistakes the same is told.
    public init(_ parameter: @escaping (String) -> String?) throws(ParameterFailure) {
        let reader = ParameterReader(parameter)
        options = QueryOptions()
        options.limit = try reader.limit()
        start = try reader.time("start")
        end = try reader.time("end")
        if end < start {
            throw ParameterFailure(
                parameter: "end", "end timestamp must not be before start time")
        }
        let stepNanoseconds = try reader.duration("step")
        step = stepNanoseconds / 1_000_000
        // A step below a millisecond would be none.
        if step <= 0 {
            throw ParameterFailure(
                parameter: "step",
                "zero or negative query resolution step widths are not accepted."
                    + " Try a positive integer")
        }
        // Prometheus counts in nanoseconds, and in no more than fit in 64 bits.
        let (nanoseconds, isTooLong) = (end - start).multipliedReportingOverflow(by: 1_000_000)
        if (isTooLong ? Int64.max : nanoseconds) / stepNanoseconds > Self.maximumSteps {
            throw ParameterFailure(
                "exceeded maximum resolution of 11,000 points per timeseries."
                    + " Try decreasing the query resolution (?step=XX)")
        }
        options.timeout = try reader.timeout()
        options.lookbackDelta = try reader.lookbackDelta()
        options.stats = reader.text("stats")
        query = reader.text("query")
    }

    public var grid: TimeGrid { TimeGrid(start: start, end: end, step: step) }
}

/// The parameters that `series`, `labels` and `label/…/values` have in common, but `match[]`.
public struct DiscoveryParameters: Hashable, Sendable {
    /// Milliseconds since the Unix epoch; nil where the range has no start.
    public var start: Int64?
    /// Milliseconds since the Unix epoch; nil where the range has no end.
    public var end: Int64?
    /// 0 where there is no limit.
    public var limit: Int

    public init(start: Int64? = nil, end: Int64? = nil, limit: Int = 0) {
        self.start = start
        self.end = end
        self.limit = limit
    }

    public init(_ parameter: @escaping (String) -> String?) throws(ParameterFailure) {
        let reader = ParameterReader(parameter)
        limit = try reader.limit()
        start = try reader.optionalTime("start")
        end = try reader.optionalTime("end")
    }
}

/// The parameters of `metadata`.
public struct MetadataParameters: Hashable, Sendable {
    /// Nil where all metrics are asked for.
    public var metric: String?
    /// Metrics; nil where there is no limit.
    public var limit: Int?
    /// Entries of each metric; nil where there is no limit.
    public var limitPerMetric: Int?

    public init(_ parameter: @escaping (String) -> String?) throws(ParameterFailure) {
        func limit(_ name: String) throws(ParameterFailure) -> Int? {
            guard let text = parameter(name), !text.isEmpty else { return nil }
            guard let number = Int(text) else {
                throw ParameterFailure("\(name) must be a number")
            }
            // Prometheus takes a negative one for none.
            return number < 0 ? nil : number
        }
        self.limit = try limit("limit")
        limitPerMetric = try limit("limit_per_metric")
        metric = parameter("metric").flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Reads parameters one by one. An empty one counts as absent, as in Go.
private struct ParameterReader {
    private let parameter: (String) -> String?

    init(_ parameter: @escaping (String) -> String?) { self.parameter = parameter }

    func text(_ name: String) -> String { parameter(name) ?? "" }

    func time(_ name: String) throws(ParameterFailure) -> Int64 {
        let text = text(name)
        guard let time = APITime.parse(text) else {
            throw ParameterFailure(
                parameter: name, "cannot parse \(GoText.quoted(text)) to a valid timestamp")
        }
        return time
    }

    func optionalTime(_ name: String) throws(ParameterFailure) -> Int64? {
        let text = text(name)
        if text.isEmpty { return nil }
        guard let time = APITime.parse(text) else {
            throw ParameterFailure(
                parameter: name,
                "Invalid time value for '\(name)': cannot parse \(GoText.quoted(text))"
                    + " to a valid timestamp")
        }
        return time
    }

    /// Nanoseconds.
    func duration(_ name: String) throws(ParameterFailure) -> Int64 {
        let text = text(name)
        switch APIDuration.reading(text) {
        case .nanoseconds(let nanoseconds): return nanoseconds
        case .overflow:
            throw ParameterFailure(
                parameter: name,
                "cannot parse \(GoText.quoted(text)) to a valid duration. It overflows int64")
        case .none:
            throw ParameterFailure(
                parameter: name, "cannot parse \(GoText.quoted(text)) to a valid duration")
        }
    }

    func timeout() throws(ParameterFailure) -> Duration? {
        if text("timeout").isEmpty { return nil }
        return .nanoseconds(try duration("timeout"))
    }

    /// Milliseconds.
    func lookbackDelta() throws(ParameterFailure) -> Int64? {
        let text = text("lookback_delta")
        if text.isEmpty { return nil }
        guard let milliseconds = APIDuration.parse(text) else {
            throw ParameterFailure(
                "error parsing lookback delta duration: cannot parse \(GoText.quoted(text))"
                    + " to a valid duration")
        }
        return milliseconds
    }

    func limit() throws(ParameterFailure) -> Int {
        let text = text("limit")
        if text.isEmpty { return 0 }
        guard let limit = Int(text) else {
            let isNumber = text.drop { $0 == "-" || $0 == "+" }.allSatisfy(\.isWholeNumber)
            let reason = isNumber && text.count > 18 ? "value out of range" : "invalid syntax"
            throw ParameterFailure(
                parameter: "limit",
                "strconv.Atoi: parsing \(GoText.quoted(text)): \(reason)")
        }
        if limit < 0 {
            throw ParameterFailure(parameter: "limit", "limit must be non-negative")
        }
        return limit
    }
}
