import Spans

/// The parameters of a request to Jaeger's API v3: each by its name in camel case, or by the older
/// one with underscores.
public struct V3Parameters {
    /// The first value of a name.
    private let value: (String) -> String?

    public init(value: @escaping (String) -> String?) { self.value = value }

    private static let standardLimit = 100

    /// What `traces` and `trace-summaries` look for.
    public func search() throws(ParameterMistake) -> (search: TraceSearch, isRaw: Bool) {
        let first = text("query.startTimeMin", "query.start_time_min")
        let last = text("query.startTimeMax", "query.start_time_max")
        guard !first.text.isEmpty, !last.text.isEmpty else {
            throw ParameterMistake("query.startTimeMin and query.startTimeMax are required")
        }
        let attributes = try attributes()
        let start = try time(first)
        let end = try time(last)
        let limit = try limit()
        let minimum = try duration(text("query.durationMin", "query.duration_min"))
        let maximum = try duration(text("query.durationMax", "query.duration_max"))
        let isRaw = try flag(text("query.rawTraces", "query.raw_traces"))
        guard start <= end else {
            throw ParameterMistake("query.startTimeMin must be before query.startTimeMax")
        }
        let search = TraceSearch(
            service: text("query.serviceName", "query.service_name").text,
            operation: text("query.operationName", "query.operation_name").text,
            tags: attributes, start: start, end: end, minimumDuration: minimum,
            maximumDuration: maximum, limit: limit)
        return (search, isRaw)
    }

    /// How a trace is asked for by its id: when it was, nanoseconds, and whether it is wanted as it
    /// was recorded.
    public func lookup() throws(ParameterMistake) -> (hints: ClosedRange<Int64>?, isRaw: Bool) {
        let first = text("startTime", "start_time")
        let last = text("endTime", "end_time")
        let start = first.text.isEmpty ? nil : try time(first)
        let end = last.text.isEmpty ? nil : try time(last)
        let isRaw = try flag(text("rawTraces", "raw_traces"))
        if start == nil, end == nil { return (nil, isRaw) }
        let from = start ?? 0
        let to = end ?? .max
        return (from <= to ? from...to : nil, isRaw)
    }

    /// The id in a path.
    public static func traceID(_ text: String) throws(ParameterMistake) -> TraceID {
        do {
            return try TraceID(text: text)
        } catch {
            throw ParameterMistake("malformed parameter trace_id: \(error.message)")
        }
    }

    public var service: String { value("service") ?? "" }

    /// Empty for all kinds.
    public var spanKind: String { text("spanKind", "span_kind").text }

    // MARK: Single values

    /// A value and the name by which it was sent.
    private struct Named {
        var name: String
        var text: String

        func malformed(_ words: String) -> ParameterMistake {
            ParameterMistake("malformed parameter \(name): \(words)")
        }
    }

    private func text(_ names: String...) -> Named {
        for name in names {
            if let text = value(name), !text.isEmpty { return Named(name: name, text: text) }
        }
        return Named(name: names.last ?? "", text: "")
    }

    private func time(_ named: Named) throws(ParameterMistake) -> Int64 {
        do {
            return try TimestampText.nanoseconds(named.text)
        } catch {
            throw named.malformed(error.words)
        }
    }

    /// Nil where it is absent or zero.
    private func duration(_ named: Named) throws(ParameterMistake) -> Int64? {
        if named.text.isEmpty { return nil }
        do {
            let nanoseconds = try GoText.duration(named.text)
            return nanoseconds == 0 ? nil : nanoseconds
        } catch {
            throw named.malformed(error.words)
        }
    }

    private func flag(_ named: Named) throws(ParameterMistake) -> Bool {
        if named.text.isEmpty { return false }
        do {
            return try GoText.flag(named.text)
        } catch {
            throw named.malformed(error.words)
        }
    }

    private func limit() throws(ParameterMistake) -> Int {
        let named = text("query.searchDepth", "query.search_depth", "query.num_traces")
        if named.text.isEmpty { return Self.standardLimit }
        do {
            let limit = Int(try GoText.integer(named.text, bits: 32, isUnsigned: true))
            // Zero is what a client sends that has nothing to say.
            return limit == 0 ? Self.standardLimit : limit
        } catch {
            throw named.malformed(error.words)
        }
    }

    private func attributes() throws(ParameterMistake) -> [TraceSearch.Tag] {
        let named = text("query.attributes")
        if named.text.isEmpty { return [] }
        do {
            return try TextMap.read(named.text).map {
                TraceSearch.Tag(key: $0.name, value: $0.value)
            }
        } catch {
            throw named.malformed(error.words)
        }
    }
}
