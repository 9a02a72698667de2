import TimeSeries

/// Decodes a list of label sets (`series`) or of texts (`labels`, `label/…/values`) while its bytes
/// arrive; as forgiving and as bounded as `QueryResponseDecoder`.
public struct ListResponseDecoder: Sendable {
    /// What is in the list.
    public enum Elements: Sendable {
        case labelSets
        case texts
    }

    private let elements: Elements
    private var reader: AnswerReader

    public init(of elements: Elements, limits: DecodingLimits = .standard) {
        self.elements = elements
        reader = AnswerReader(elements == .labelSets ? .labelSets : .texts, limits: limits)
    }

    /// Takes the next bytes of the body.
    public mutating func feed(_ bytes: Span<UInt8>) throws(DecodingFailure) {
        try reader.feed(bytes)
    }

    /// Takes the next bytes of the body.
    public mutating func feed(_ bytes: [UInt8]) throws(DecodingFailure) {
        try reader.feed(bytes.span)
    }

    /// Takes the next bytes of the body, which are not kept.
    public mutating func feed(_ bytes: UnsafeBufferPointer<UInt8>) throws(DecodingFailure) {
        // The caller's buffer outlives this call, and the span does not leave it.
        try reader.feed(Span(_unsafeElements: bytes))
    }

    /// What the body said, once all of it was fed.
    public consuming func finish() throws(DecodingFailure) -> ListResponse {
        try reader.end()
        let value: ListResponse.Value =
            if let failure = try reader.serverError() {
                .failure(failure)
            } else {
                switch elements {
                case .labelSets: .labelSets(reader.labelSets)
                case .texts: .texts(reader.texts)
                }
            }
        return ListResponse(value: value, warnings: reader.warnings, infos: reader.infos)
    }
}

/// What a server answered to `series`, `labels` or `label/…/values`.
public struct ListResponse: Hashable, Sendable {
    public var value: Value
    /// As the server sent them, in its order.
    public var warnings: [String]
    /// As the server sent them, in its order.
    public var infos: [String]

    public enum Value: Hashable, Sendable {
        case labelSets([Labels])
        case texts([String])
        /// The server says that it failed: an outcome, not a failure of decoding.
        case failure(ServerError)
    }

    public init(value: Value, warnings: [String] = [], infos: [String] = []) {
        self.value = value
        self.warnings = warnings
        self.infos = infos
    }
}
