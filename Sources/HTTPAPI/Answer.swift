import Federation
import HTTPTypes
import PrometheusAPI

/// What a route's handler gives: everything of a response but how it travels.
struct Answer: Sendable {
    var status = HTTPResponse.Status.ok
    var type: ContentType
    /// Beside the content's type.
    var headers = HTTPFields()
    var body: Body
    /// The clusters that the answer is about.
    var coverage: Coverage
    /// How much of it was remembered; nil where nothing is ever remembered.
    var cache: CacheReport?
    /// What went wrong, for traces; nil where nothing did.
    var failure: Failure?
    /// What it holds of the memory of all queries, until it is sent.
    var memory: QueryMemory?

    struct Failure: Sendable {
        /// From a closed set.
        var type: String
        /// As the client is told.
        var message: String
    }

    /// A media type with its parameters.
    struct ContentType: RawRepresentable, Hashable, Sendable {
        let rawValue: String

        static let json = ContentType(rawValue: "application/json")
        static let openMetrics = ContentType(
            rawValue: "application/openmetrics-text; version=1.0.0; charset=utf-8")
        static let text = ContentType(rawValue: "text/plain; charset=utf-8")
        static let metrics = ContentType(rawValue: "text/plain; version=0.0.4; charset=utf-8")
        static let svg = ContentType(rawValue: "image/svg+xml")
        static let dot = ContentType(rawValue: "text/vnd.graphviz; charset=utf-8")
    }

    /// Pieces of a body, made as they are asked for.
    enum Body: Sendable {
        case bytes([UInt8])
        case stored(PageFile)
        case query(QueryResponseChunks)
        case list(ListResponseChunks)
        case traces(TraceResponseChunks)
        case document(DocumentChunks)
        case finished

        /// The next piece; nil after the last.
        mutating func next() async -> [UInt8]? {
            switch self {
            case .bytes(let bytes):
                self = .finished
                return bytes
            case .stored(let file):
                self = .finished
                return file.bytes
            case .query(var chunks):
                // The chunks are in one place only, so that they are not copied to be changed.
                self = .finished
                let piece = chunks.next()
                if piece != nil { self = .query(chunks) }
                return piece
            case .list(var chunks):
                self = .finished
                let piece = chunks.next()
                if piece != nil { self = .list(chunks) }
                return piece
            case .traces(var chunks):
                self = .finished
                let piece = chunks.next()
                if piece != nil { self = .traces(chunks) }
                return piece
            case .document(var chunks):
                self = .finished
                let piece = await chunks.next()
                if piece != nil { self = .document(chunks) }
                return piece
            case .finished: return nil
            }
        }
    }

    init(_ body: Body, type: ContentType, coverage: Coverage = Coverage()) {
        self.body = body
        self.type = type
        self.coverage = coverage
    }

    init(text: String, type: ContentType = .text) {
        self.init(.bytes(Array(text.utf8)), type: type)
    }

    init(data: JSONValue) {
        self.init(.bytes(ResponseText.success(data)), type: .json)
    }
}
