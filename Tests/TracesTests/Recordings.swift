import Foundation
import TestSupport

/// What real Jaegers answered: `east` and `west` hold parts of 25 traces, `union` all of them.
enum Recordings {
    static let folder = Corpora.folder("jaeger")

    /// One request and its answer.
    struct Exchange: Sendable {
        var path: String
        var parameters: [Parameter]
        var status: Int
        var contentType: String
        /// JSON, or text.
        var body: String

        var object: JSONObject { JSONObject(body) }
    }

    struct Parameter: Hashable, Sendable {
        var name: String
        var value: String
    }

    /// What a store was asked and answered; read once.
    static func exchanges(_ store: String) throws -> [Exchange] {
        try (read[store] ?? .success([])).get()
    }

    private static let read = Dictionary(
        uniqueKeysWithValues: ["east", "west", "union"].map { store in
            (store, Result { try readExchanges(store) })
        })

    private static func readExchanges(_ store: String) throws -> [Exchange] {
        guard let folder else { return [] }
        let text = try String(
            contentsOf: folder.appending(path: "\(store).exchanges.jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").map { line in
            let object = JSONObject(String(line))
            let target = object["get"].text.split(separator: "?", maxSplits: 1).map(String.init)
            let body = object["body"]
            return Exchange(
                path: target[0], parameters: parameters(target.count > 1 ? target[1] : ""),
                status: Int(object["status"].number), contentType: object["contentType"].text,
                body: body.isText ? body.text : try body.json())
        }
    }

    static func otlp(_ store: String) throws -> JSONObject {
        guard let folder else { return JSONObject("{}") }
        return JSONObject(
            try String(contentsOf: folder.appending(path: "\(store).otlp.json"), encoding: .utf8))
    }

    /// The parameters of a query string, decoded.
    static func parameters(_ query: String) -> [Parameter] {
        query.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map {
                $0.replacing("+", with: " ").removingPercentEncoding ?? String($0)
            }
            return Parameter(name: parts[0], value: parts.count > 1 ? parts[1] : "")
        }
    }
}

/// A piece of JSON, read by somebody else than the modules under test.
struct JSONObject {
    private var value: Any?

    init(_ text: String) {
        value = try? JSONSerialization.jsonObject(
            with: Data(text.utf8), options: .fragmentsAllowed)
    }

    private init(value: Any?) { self.value = value }

    subscript(name: String) -> JSONObject {
        JSONObject(value: (value as? [String: Any])?[name])
    }

    var elements: [JSONObject] { (value as? [Any] ?? []).map { JSONObject(value: $0) } }
    var members: [(name: String, value: JSONObject)] {
        (value as? [String: Any] ?? [:]).sorted { $0.key < $1.key }
            .map { ($0.key, JSONObject(value: $0.value)) }
    }
    var isText: Bool { value is String }
    var isThere: Bool { value != nil && !(value is NSNull) }
    var text: String { value as? String ?? "" }
    /// Of a number, or of one in a text.
    var number: Int64 { (value as? NSNumber)?.int64Value ?? Int64(text) ?? 0 }

    func json() throws -> String {
        let data = try JSONSerialization.data(
            withJSONObject: value ?? NSNull(), options: [.fragmentsAllowed, .sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }
}
