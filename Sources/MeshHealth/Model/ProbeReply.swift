/// What became of asking an endpoint.
public enum ProbeReply: Hashable, Sendable {
    /// It answered, with whatever status.
    case answered(ProbeAnswer)
    case failed(ProbeFailure)
}

/// An answer of HTTP, with the whole body.
public struct ProbeAnswer: Hashable, Sendable {
    public var status: Int
    public var contentType: String?
    /// Where a redirect points to.
    public var location: String?
    public var body: [UInt8]

    public init(
        status: Int, contentType: String? = nil, location: String? = nil, body: [UInt8] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.location = location
        self.body = body
    }

    /// An answer with a text.
    public init(status: Int, contentType: String? = nil, text: String) {
        self.init(status: status, contentType: contentType, body: Array(text.utf8))
    }
}
