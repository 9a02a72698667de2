/// Why bytes are no answer of Prometheus's HTTP API that could be used.
public enum DecodingFailure: Error, Hashable, Sendable {
    /// The byte at `offset` cannot stand there in JSON.
    case notJSON(offset: Int)
    /// The bytes end before the answer does.
    case truncated(offset: Int)
    /// A page was sent: often a proxy's, asking for a login.
    case html
    /// JSON, but not of the API's form.
    case wrongShape(Expected, offset: Int)
    /// A value at a time (milliseconds since the Unix epoch) that was not asked for.
    case offGrid(time: Int64)
    /// More than the decoder was allowed to hold.
    case limit(Limit, maximum: Int)

    /// What should have been there.
    public enum Expected: String, Hashable, Sendable, CaseIterable {
        case object = "an object"
        case list = "a list"
        case text = "a string"
        case number = "a number"
        case time = "a time"
        case sample = "a time with its value"
        case sampleValue = "a number in a string"
        case boundaries = "a bucket's kind of boundaries"
        case buckets = "the buckets of a histogram"
        case status = "a status, success or error"
        case data = "data"
        case vectorOrMatrix = "a vector, matrix or scalar"
        case matrix = "a matrix"
        case labels = "a label set"
    }

    /// What there was too much of.
    public enum Limit: String, Hashable, Sendable, CaseIterable {
        case series
        case samples
        case depth
        case text = "bytes in one string"
    }
}

extension DecodingFailure {
    /// The sort of failure, free of data: for metric labels.
    public var kind: String {
        switch self {
        case .notJSON: "not_json"
        case .truncated: "truncated"
        case .html: "html"
        case .wrongShape: "wrong_shape"
        case .offGrid: "off_grid"
        case .limit: "limit"
        }
    }
}

extension DecodingFailure: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notJSON(let offset): "the answer is not JSON at byte \(offset)"
        case .truncated(let offset): "the answer ends at byte \(offset), before it is complete"
        case .html: "the answer is HTML, not JSON: is this a login page?"
        case .wrongShape(let expected, let offset):
            "the answer is not of the API's form: \(expected.rawValue) was expected at byte \(offset)"
        case .offGrid: "the server realigned the timestamps"
        case .limit(.depth, let maximum): "the answer is nested deeper than \(maximum)"
        case .limit(let limit, let maximum): "the answer has more than \(maximum) \(limit.rawValue)"
        }
    }
}
