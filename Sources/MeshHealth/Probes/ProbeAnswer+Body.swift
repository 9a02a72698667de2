import PrometheusAPI

/// Why an answer says nothing.
struct Unreadable: Error {
    var problem: ProbeProblem
    var detail: String

    static func shape(_ expected: String) -> Unreadable {
        Unreadable(problem: .wrongShape, detail: "the answer is JSON, but not \(expected)")
    }
}

extension ProbeAnswer {
    /// The body as JSON, whatever it is.
    func json() throws(Unreadable) -> JSONValue {
        if isBlank { throw Unreadable(problem: .empty, detail: "the answer is empty") }
        do {
            return try JSONValue(parsing: body)
        } catch {
            throw Unreadable(error)
        }
    }

    /// The body as a list; what Go writes as null is an empty one.
    func list(_ expected: String) throws(Unreadable) -> [JSONValue] {
        let json = try json()
        if json == .null { return [] }
        guard let list = json.array else { throw .shape(expected) }
        return list
    }

    /// The body as an object.
    func object(_ expected: String) throws(Unreadable) -> JSONValue {
        let json = try json()
        guard json.members != nil else { throw .shape(expected) }
        return json
    }

    /// The body as text, without white space at its ends. A page is none: something else than the
    /// endpoint has sent it.
    func text() throws(Unreadable) -> String {
        if isHTML {
            throw Unreadable(
                problem: .html, detail: "it answers with a page of HTML: is a login before it?")
        }
        return String(decoding: trimmed, as: UTF8.self)
    }

    var isBlank: Bool { trimmed.isEmpty }

    var isHTML: Bool {
        if let contentType, contentType.lowercased().hasPrefix("text/html") { return true }
        return trimmed.first == UInt8(ascii: "<")
    }

    /// Whether the body of an error is that of a proxy before the endpoint, which does not reach it.
    var isOfProxy: Bool {
        if isHTML { return true }
        let text = String(decoding: trimmed.prefix(64), as: UTF8.self)
        return Self.proxySentences.contains { text.hasPrefix($0) }
    }

    /// How Envoy, and Kubernetes's API server, say that they do not reach an endpoint.
    private static let proxySentences = [
        "upstream connect error", "no healthy upstream", "upstream request timeout",
        "error trying to reach service", "no endpoints available",
    ]

    /// The beginning of the body in one line; nil where it is none for people.
    var excerpt: String? {
        if isHTML || isBlank { return nil }
        let text = String(decoding: trimmed.prefix(Self.excerptBytes), as: UTF8.self)
        let line = text.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? " " : String(scalar)
        }.joined()
        return trimmed.count > Self.excerptBytes ? line + "…" : line
    }

    private static let excerptBytes = 120

    private var trimmed: ArraySlice<UInt8> {
        let start = body.firstIndex { !Self.isSpace($0) } ?? body.endIndex
        let end = body.lastIndex { !Self.isSpace($0) }.map { $0 + 1 } ?? start
        return body[start..<end]
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
    }
}

extension Unreadable {
    fileprivate init(_ failure: DecodingFailure) {
        let problem: ProbeProblem =
            switch failure {
            case .html: .html
            case .truncated: .truncated
            case .limit: .tooLarge
            case .notJSON: .notJSON
            case .wrongShape, .offGrid: .wrongShape
            }
        self.init(problem: problem, detail: String(describing: failure))
    }
}
