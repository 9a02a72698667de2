import Spans

extension AttributeValue {
    /// The value as text: a list or a map as JSON.
    public var text: String {
        switch self {
        case .string(let text): return text
        case .empty: return ""
        default:
            var json = JSONBytes()
            plain(&json)
            return String(decoding: json.bytes, as: UTF8.self)
        }
    }

    private func plain(_ json: inout JSONBytes) {
        switch self {
        case .string(let text): json.string(text)
        case .bool(let flag): json.bool(flag)
        case .int(let number): json.integer(number)
        case .double(let number): json.double(number)
        case .bytes(let bytes): json.base64(bytes)
        case .empty: json.raw("null" as StaticString)
        case .array(let elements):
            json.begin("[")
            for element in elements { element.plain(&json) }
            json.end("]")
        case .map(let attributes):
            json.begin("{")
            // Go writes maps in the order of their keys.
            let inOrder = attributes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for attribute in inOrder {
                json.name(attribute.key)
                attribute.value.plain(&json)
            }
            json.end("}")
        }
    }
}

extension SpanKind {
    /// The kind as Jaeger's parameters and answers have it; empty where there is none.
    public var word: String {
        switch self {
        case .unspecified: ""
        case .internal: "internal"
        case .server: "server"
        case .client: "client"
        case .producer: "producer"
        case .consumer: "consumer"
        }
    }

    /// The kind of that name, in any case; nil for all kinds.
    public init?(word: String) {
        guard let kind = SpanKind.allCases.first(where: { $0.word == word.lowercased() }),
            kind != .unspecified
        else { return nil }
        self = kind
    }
}
