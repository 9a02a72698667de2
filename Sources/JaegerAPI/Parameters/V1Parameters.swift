import Spans

/// The parameters of a request to Jaeger's older API, with its defaults, units and words.
public struct V1Parameters {
    /// All values of a name, in their order.
    private let values: (String) -> [String]
    /// Nanoseconds since 1970.
    private let now: Int64

    public init(now: Int64, values: @escaping (String) -> [String]) {
        self.now = now
        self.values = values
    }

    /// A search that says no start begins so long before now, nanoseconds.
    private static let lookback: Int64 = 48 * 3_600_000_000_000
    private static let standardLimit = 100

    /// What `traces` looks for.
    public enum Search: Hashable, Sendable {
        case conditions(TraceSearch, isRaw: Bool)
        /// The ids as they were sent, each once.
        case ids([TraceID], hints: ClosedRange<Int64>?, isRaw: Bool)
    }

    public func search() throws(ParameterMistake) -> Search {
        let start = try time("start", unit: 1000) ?? now - Self.lookback
        let end = try time("end", unit: 1000) ?? now
        let tags = try tags()
        let limit = try limit()
        let minimum = try duration("minDuration")
        let maximum = try duration("maxDuration")
        var ids: [TraceID] = []
        for text in values("traceID") {
            do {
                let id = try TraceID(text: text)
                if !ids.contains(id) { ids.append(id) }
            } catch {
                throw ParameterMistake("cannot parse traceID param: \(error.message)")
            }
        }
        let isRaw = try flag("raw")
        if !ids.isEmpty {
            return .ids(ids, hints: try hints(), isRaw: isRaw)
        }
        let service = first("service") ?? ""
        if service.isEmpty { throw Self.serviceIsRequired }
        if limit <= 0 { throw ParameterMistake("invalid parameter: limit must be greater than 0") }
        if start > end {
            throw ParameterMistake("invalid parameter: start time must be before end time")
        }
        if let minimum, let maximum, maximum < minimum {
            throw ParameterMistake("'maxDuration' should be greater than 'minDuration'")
        }
        let search = TraceSearch(
            service: service, operation: first("operation") ?? "", tags: tags, start: start,
            end: end, minimumDuration: minimum, maximumDuration: maximum, limit: limit)
        return .conditions(search, isRaw: isRaw)
    }

    /// The service that `operations` is about.
    public func service() throws(ParameterMistake) -> String {
        guard let service = first("service") else { throw Self.serviceIsRequired }
        return service
    }

    private static let serviceIsRequired = ParameterMistake("parameter 'service' is required")

    /// When a trace was that is asked for by its id, nanoseconds; nil where it is not said. Some
    /// clients send milliseconds where microseconds are meant: what would be before 1973 is
    /// milliseconds.
    public func hints() throws(ParameterMistake) -> ClosedRange<Int64>? {
        let start = try hint("start")
        let end = try hint("end")
        if start == nil, end == nil { return nil }
        let from = start ?? 0
        let to = end ?? .max
        return from <= to ? from...to : nil
    }

    private func hint(_ name: String) throws(ParameterMistake) -> Int64? {
        guard let microseconds = try time(name, unit: 1) else { return nil }
        let isMilliseconds = (1..<100_000_000_000_000).contains(microseconds)
        return Self.times(microseconds, isMilliseconds ? 1_000_000 : 1000)
    }

    /// A number of milliseconds.
    public func milliseconds(_ name: String, standard: Int64) throws(ParameterMistake) -> Int64 {
        try time(name, unit: 1) ?? standard
    }

    public func flag(_ name: String) throws(ParameterMistake) -> Bool {
        guard let text = first(name) else { return false }
        do {
            return try GoText.flag(text)
        } catch {
            throw Self.unreadable(name, error)
        }
    }

    // MARK: Single values

    /// The first value; nil where it is absent or empty.
    private func first(_ name: String) -> String? {
        values(name).first.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A number of units, in nanoseconds where `unit` is as many of them.
    private func time(_ name: String, unit: Int64) throws(ParameterMistake) -> Int64? {
        guard let text = first(name) else { return nil }
        do {
            return Self.times(try GoText.integer(text), unit)
        } catch {
            throw Self.unreadable(name, error)
        }
    }

    /// As far as 64 bits reach.
    private static func times(_ number: Int64, _ unit: Int64) -> Int64 {
        let (product, overflows) = number.multipliedReportingOverflow(by: unit)
        return overflows ? (number < 0 ? .min : .max) : product
    }

    /// Nil where it is absent or zero.
    private func duration(_ name: String) throws(ParameterMistake) -> Int64? {
        guard let text = first(name) else { return nil }
        do {
            let nanoseconds = try GoText.duration(text)
            return nanoseconds == 0 ? nil : nanoseconds
        } catch {
            throw Self.unreadable(name, error)
        }
    }

    private func limit() throws(ParameterMistake) -> Int {
        guard let text = first("limit") else { return Self.standardLimit }
        do {
            return Int(try GoText.integer(text, bits: 32))
        } catch {
            // Jaeger names every parameter but this.
            throw ParameterMistake(error.words)
        }
    }

    private func tags() throws(ParameterMistake) -> [TraceSearch.Tag] {
        var tags: [TraceSearch.Tag] = []
        for text in values("tag") {
            guard let colon = text.firstIndex(of: ":") else {
                throw ParameterMistake(
                    "malformed 'tag' parameter, expecting key:value, received: \(text)")
            }
            tags.set(String(text[..<colon]), to: String(text[text.index(after: colon)...]))
        }
        for text in values("tags") {
            do {
                for tag in try TextMap.read(text) { tags.set(tag.name, to: tag.value) }
            } catch {
                throw ParameterMistake(
                    "malformed 'tags' parameter, cannot unmarshal JSON: \(error.words)")
            }
        }
        return tags
    }

    private static func unreadable(_ name: String, _ mistake: GoMistake) -> ParameterMistake {
        ParameterMistake("unable to parse param '\(name)': \(mistake.words)")
    }
}

extension [TraceSearch.Tag] {
    /// Of two of one name the later counts.
    mutating func set(_ key: String, to value: String) {
        if let index = firstIndex(where: { $0.key == key }) {
            self[index].value = value
        } else {
            append(TraceSearch.Tag(key: key, value: value))
        }
    }
}
