#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The parameters of a request, and how Jaeger reads them.
struct JaegerParameters: Sendable {
    private let values: [(name: String, value: String)]

    init(query: String) {
        values = query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                percentDecoded(parts[0], plusIsSpace: true),
                parts.count > 1 ? percentDecoded(parts[1], plusIsSpace: true) : ""
            )
        }
    }

    /// The first value of the first of these names that has one.
    func text(_ names: String...) -> String {
        for name in names {
            if let found = values.first(where: { $0.name == name && !$0.value.isEmpty }) {
                return found.value
            }
        }
        return ""
    }

    func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }

    func isTrue(_ names: [String], _ problem: (String) -> String) throws(JaegerRefusal) -> Bool {
        for name in names {
            let text = text(name)
            if text.isEmpty { continue }
            switch text {
            case "1", "t", "T", "true", "TRUE", "True": return true
            case "0", "f", "F", "false", "FALSE", "False": return false
            default:
                throw JaegerRefusal(
                    problem("strconv.ParseBool: parsing \"\(text)\": invalid syntax"))
            }
        }
        return false
    }

    // MARK: v1

    /// A whole number, or what is standard where there is none.
    func number(_ name: String, standard: Int64) throws(JaegerRefusal) -> Int64 {
        let text = text(name)
        guard !text.isEmpty else { return standard }
        guard let number = Int64(text) else {
            throw JaegerRefusal(
                "unable to parse param '\(name)': strconv.ParseInt: parsing \"\(text)\":"
                    + " invalid syntax")
        }
        return number
    }

    /// The search that a v1 request asks for.
    func search(now: Int64) throws(JaegerRefusal) -> StoreSearch {
        var search = StoreSearch()
        search.service = text("service")
        search.operation = text("operation")
        search.start =
            try number("start", standard: now - 48 * 3_600_000_000) &* 1000
        search.end = try number("end", standard: now) &* 1000
        let limit = text("limit")
        if !limit.isEmpty {
            guard let number = Int32(limit) else {
                throw JaegerRefusal("strconv.ParseInt: parsing \"\(limit)\": invalid syntax")
            }
            search.limit = Int(number)
        }
        search.minimumDuration = try duration("minDuration")
        search.maximumDuration = try duration("maxDuration")
        for tag in all("tag") {
            let parts = tag.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw JaegerRefusal(
                    "malformed 'tag' parameter, expecting key:value, received: \(tag)")
            }
            search.tags[String(parts[0])] = String(parts[1])
        }
        for tags in all("tags") {
            guard let object = stringObject(tags) else {
                throw JaegerRefusal(
                    "malformed 'tags' parameter, cannot unmarshal JSON: invalid character")
            }
            search.tags.merge(object) { $1 }
        }
        if search.service.isEmpty { throw JaegerRefusal("parameter 'service' is required") }
        let bounds = (search.minimumDuration, search.maximumDuration)
        if bounds.0 != 0, bounds.1 != 0, bounds.0 > bounds.1 {
            throw JaegerRefusal("'maxDuration' should be greater than 'minDuration'")
        }
        return search
    }

    private func duration(_ name: String) throws(JaegerRefusal) -> Int64 {
        let text = text(name)
        guard !text.isEmpty else { return 0 }
        switch durationInGo(text) {
        case .success(let duration): return duration
        case .failure(let error):
            throw JaegerRefusal("unable to parse param '\(name)': \(error.message)")
        }
    }

    // MARK: v3

    /// The search that a v3 request asks for.
    func searchOfV3() throws(JaegerRefusal) -> StoreSearch {
        var search = StoreSearch()
        search.service = text("query.serviceName", "query.service_name")
        search.operation = text("query.operationName", "query.operation_name")
        let start = try time("query.startTimeMin", "query.start_time_min")
        let end = try time("query.startTimeMax", "query.start_time_max")
        guard let start, let end else {
            throw JaegerRefusal("query.startTimeMin and query.startTimeMax are required")
        }
        guard start < end else {
            throw JaegerRefusal("query.startTimeMin must be before query.startTimeMax")
        }
        search.start = start
        search.end = end
        let depth = text("query.searchDepth", "query.search_depth", "query.num_traces")
        if !depth.isEmpty {
            guard let number = Int(depth) else {
                throw malformed(
                    "query.searchDepth", "strconv.Atoi: parsing \"\(depth)\": invalid syntax")
            }
            search.limit = number
        }
        let attributes = text("query.attributes")
        if !attributes.isEmpty {
            guard let object = stringObject(attributes) else {
                throw malformed("query.attributes", "invalid character")
            }
            search.tags = object
        }
        search.minimumDuration = try durationOfV3("query.durationMin", "query.duration_min")
        search.maximumDuration = try durationOfV3("query.durationMax", "query.duration_max")
        return search
    }

    /// Nanoseconds since 1970.
    func time(_ name: String, _ oldName: String) throws(JaegerRefusal) -> Int64? {
        let text = text(name, oldName)
        guard !text.isEmpty else { return nil }
        guard let time = nanoseconds(rfc3339: text) else {
            throw malformed(
                name, "parsing time \"\(text)\" as \"2006-01-02T15:04:05.999999999Z07:00\"")
        }
        return time
    }

    private func durationOfV3(_ name: String, _ oldName: String) throws(JaegerRefusal) -> Int64 {
        let text = text(name, oldName)
        guard !text.isEmpty else { return 0 }
        switch durationInGo(text) {
        case .success(let duration): return duration
        case .failure(let error): throw malformed(name, error.message)
        }
    }

    private func malformed(_ name: String, _ problem: String) -> JaegerRefusal {
        JaegerRefusal("malformed parameter \(name): \(problem)")
    }

    private func stringObject(_ text: String) -> [String: String]? {
        try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    }
}

/// Why a request is refused, in Jaeger's words.
struct JaegerRefusal: Error {
    var status = 400
    var message: String

    init(_ message: String) { self.message = message }
}

/// The identity in a path, read as Jaeger reads it.
func traceIdentity(_ text: String) throws(JaegerRefusal) -> TraceIdentity {
    guard text.utf8.count <= 32 else {
        throw JaegerRefusal("TraceID cannot be longer than 32 hex characters: \(text)")
    }
    func half(_ digits: Substring) throws(JaegerRefusal) -> UInt64 {
        guard let number = UInt64(digits, radix: 16), !digits.hasPrefix("+") else {
            throw JaegerRefusal("strconv.ParseUint: parsing \"\(digits)\": invalid syntax")
        }
        return number
    }
    guard text.utf8.count > 16 else { return TraceIdentity(high: 0, low: try half(text[...])) }
    return TraceIdentity(high: try half(text.dropLast(16)), low: try half(text.suffix(16)))
}

/// What is wrong with a duration.
struct DurationError: Error {
    var message: String
}

/// Nanoseconds of a duration as Go writes it: `1h2m3.5s`, `-180ms`.
func durationInGo(_ text: String) -> Result<Int64, DurationError> {
    let units: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]
    let isNegative = text.hasPrefix("-")
    var rest = Substring(isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...])
    let invalid = DurationError(message: "time: invalid duration \"\(text)\"")
    if rest == "0" { return .success(0) }
    guard !rest.isEmpty else { return .failure(invalid) }
    var nanoseconds = 0.0
    while !rest.isEmpty {
        let digits = rest.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits) else { return .failure(invalid) }
        rest = rest.dropFirst(digits.count)
        let name = rest.prefix { !$0.isNumber && $0 != "." }
        guard !name.isEmpty else {
            return .failure(
                DurationError(message: "time: missing unit in duration \"\(text)\""))
        }
        guard let unit = units[String(name)] else {
            return .failure(
                DurationError(message: "time: unknown unit \"\(name)\" in duration \"\(text)\""))
        }
        rest = rest.dropFirst(name.count)
        nanoseconds += number * unit
    }
    guard nanoseconds < 9.2e18 else { return .failure(invalid) }
    return .success(Int64(isNegative ? -nanoseconds : nanoseconds))
}

/// Nanoseconds since 1970 of `2026-11-23T16:06:30.123456789Z`, or with `+01:00` at the end; nil if
/// it is not such a text. A space may stand for the plus sign, which clients forget to escape.
func nanoseconds(rfc3339 text: String) -> Int64? {
    let characters = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
        guard range.upperBound <= characters.count else { return nil }
        return Int(String(decoding: characters[range], as: UTF8.self))
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
        let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
    else { return nil }
    var fields = tm()
    fields.tm_year = Int32(year - 1900)
    fields.tm_mon = Int32(month - 1)
    fields.tm_mday = Int32(day)
    fields.tm_hour = Int32(hour)
    fields.tm_min = Int32(minute)
    fields.tm_sec = Int32(second)
    let seconds = Int64(timegm(&fields))
    var index = 19
    var fraction: Int64 = 0
    if index < characters.count, characters[index] == UInt8(ascii: ".") {
        index += 1
        var unit: Int64 = 100_000_000
        while index < characters.count, (48...57).contains(characters[index]) {
            fraction += Int64(characters[index] - 48) * unit
            unit /= 10
            index += 1
        }
    }
    guard index < characters.count else { return nil }
    var offset: Int64 = 0
    if characters[index] != UInt8(ascii: "Z") {
        guard let hours = number((index + 1)..<(index + 3)),
            let minutes = number((index + 4)..<(index + 6))
        else { return nil }
        offset = Int64(hours * 3600 + minutes * 60)
        if characters[index] == UInt8(ascii: "-") { offset = -offset }
    }
    return (seconds - offset) * 1_000_000_000 + fraction
}

/// Text without its percent signs.
func percentDecoded(_ text: Substring, plusIsSpace: Bool) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "%"), rest.count >= 2,
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
            bytes.append(value)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
