/// An answer of the API that is read as a whole: `metadata`, `status/buildinfo`,
/// `status/runtimeinfo`, `status/flags`, ….
public struct SmallAnswer: Hashable, Sendable {
    public var value: Value
    public var warnings: [String]
    public var infos: [String]

    public enum Value: Hashable, Sendable {
        case data(JSONValue)
        /// The server says that it failed: an outcome, not a failure of decoding.
        case failure(ServerError)
    }

    public init(value: Value, warnings: [String] = [], infos: [String] = []) {
        self.value = value
        self.warnings = warnings
        self.infos = infos
    }

    /// Reads a body.
    public init(
        decoding body: [UInt8], limits: DecodingLimits = .standard
    ) throws(DecodingFailure) {
        let answer = try JSONValue(parsing: body, limits: limits)
        guard answer.members != nil else { throw .wrongShape(.object, offset: 0) }
        warnings = answer["warnings"]?.strings ?? []
        infos = answer["infos"]?.strings ?? []
        switch answer["status"]?.string {
        case "success":
            guard let data = answer["data"] else { throw .wrongShape(.data, offset: 0) }
            value = .data(data)
        case "error":
            value = .failure(
                ServerError(
                    type: answer["errorType"]?.string ?? "",
                    message: answer["error"]?.string ?? ""))
        default: throw .wrongShape(.status, offset: 0)
        }
    }
}

/// What `status/buildinfo` says of a server.
public struct BuildInformation: Hashable, Sendable {
    /// The level of Prometheus spoken: `2.42.0+ds`, `3.14.0`.
    public var version: String

    public init(version: String) { self.version = version }

    /// Nil where the data is no build information.
    public init?(_ data: JSONValue) {
        guard let version = data["version"]?.string else { return nil }
        self.version = version
    }
}

/// What `status/runtimeinfo` says of a server.
public struct RuntimeInformation: Hashable, Sendable {
    /// `15d`, `15d or 10GiB`; nil where the server does not say.
    public var storageRetention: String?
    /// RFC 3339.
    public var startTime: String?

    /// Nil where the data is no runtime information.
    public init?(_ data: JSONValue) {
        guard data.members != nil else { return nil }
        storageRetention = data["storageRetention"]?.string
        startTime = data["startTime"]?.string
    }
}

/// What `metadata` says of one metric.
public struct MetricMetadata: Hashable, Sendable {
    /// `counter`, `gauge`, `histogram`, `summary`, ….
    public var type: String
    public var help: String
    public var unit: String

    public init(type: String, help: String, unit: String) {
        self.type = type
        self.help = help
        self.unit = unit
    }

    /// The metrics in the data of a `metadata` answer; nil where it is none.
    public static func byMetric(_ data: JSONValue) -> [String: [MetricMetadata]]? {
        guard let members = data.members else { return nil }
        var result: [String: [MetricMetadata]] = [:]
        for member in members {
            guard let entries = member.value.array else { return nil }
            result[member.name] = entries.map {
                MetricMetadata(
                    type: $0["type"]?.string ?? "unknown", help: $0["help"]?.string ?? "",
                    unit: $0["unit"]?.string ?? "")
            }
        }
        return result
    }

    /// The metadata as the API writes it.
    public var json: JSONValue {
        ["type": .string(type), "help": .string(help), "unit": .string(unit)]
    }
}

extension JSONValue {
    /// The members of an object of strings (`status/flags`); nil where it is none.
    public var stringMembers: [String: String]? {
        guard let members else { return nil }
        var result: [String: String] = [:]
        for member in members {
            guard let text = member.value.string else { return nil }
            result[member.name] = text
        }
        return result
    }
}
