// The first file to read in PrometheusAPI: the wire form of Prometheus's HTTP API, read
// (`QueryResponseDecoder`, `ListResponseDecoder`, `SmallAnswer`) and written
// (`QueryResponseChunks`, `ResponseText`), and its parameters (`QueryParameters`). Bytes and values
// only: this module never opens a connection, never waits, and knows no status code.

import TimeSeries

/// What a server answered to `query` or `query_range`.
public struct QueryResponse: Hashable, Sendable {
    public var value: Value
    /// As the server sent them, in its order.
    public var warnings: [String]
    /// As the server sent them, in its order.
    public var infos: [String]

    public enum Value: Hashable, Sendable {
        /// A vector or matrix, decoded onto the grid that was expected.
        case vector([GridSeries])
        /// The windows of samples that were expected.
        case samples([SampledSeries])
        /// One value for each time of the grid that was expected; `Absent.value` where the server
        /// gave none.
        case scalar([Double])
        case string(String)
        /// The server says that the query failed: an outcome, not a failure of decoding.
        case failure(ServerError)
    }

    public init(value: Value, warnings: [String] = [], infos: [String] = []) {
        self.value = value
        self.warnings = warnings
        self.infos = infos
    }
}

/// An answer whose `status` is `error`.
public struct ServerError: Error, Hashable, Sendable {
    /// `bad_data`, `execution`, `timeout`, …; empty where the server did not say.
    public var type: String
    public var message: String

    public init(type: String, message: String) {
        self.type = type
        self.message = message
    }
}

/// What the asker of a query can make use of.
public enum Expectation: Hashable, Sendable {
    /// Values at the times of the grid and at no other time.
    case grid(TimeGrid)
    /// Samples at times of their own: the query is a range selector.
    case samples
}

/// How much an answer may make the decoder hold.
public struct DecodingLimits: Hashable, Sendable {
    /// Series, label sets or texts in the answer.
    public var maximumSeries: Int
    /// Places for values: series times the grid's length, or samples; a histogram's bucket counts
    /// as one more.
    public var maximumSamples: Int
    /// Objects and lists within each other.
    public var maximumDepth: Int
    /// The bytes of one string or number.
    public var maximumTextBytes: Int

    public init(
        maximumSeries: Int = 1_000_000, maximumSamples: Int = 50_000_000, maximumDepth: Int = 64,
        maximumTextBytes: Int = 1 << 20
    ) {
        self.maximumSeries = maximumSeries
        self.maximumSamples = maximumSamples
        self.maximumDepth = maximumDepth
        self.maximumTextBytes = maximumTextBytes
    }

    public static let standard = DecodingLimits()
}
