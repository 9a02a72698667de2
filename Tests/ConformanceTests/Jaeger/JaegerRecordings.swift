import Foundation
import TestSupport

/// What real Jaegers answered: `east` and `west` hold parts of 25 traces, `union` all of them.
enum JaegerRecordings {
    static let folder = Corpora.folder("jaeger")

    /// One request and its answer.
    struct Exchange: Sendable {
        /// Path and query string.
        var target: String
        var status: Int
        var contentType: String
        /// JSON, or the text itself where it is none.
        var body: Data

        var isError: Bool { status >= 400 }
    }

    static func exchanges(_ store: String) throws -> [Exchange] {
        let lines = try data("\(store).exchanges.jsonl").split(separator: UInt8(ascii: "\n"))
        return try lines.map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] ?? [:]
            let body = object["body"] ?? ""
            let bytes =
                if let text = body as? String {
                    Data(text.utf8)
                } else {
                    try JSONSerialization.data(withJSONObject: body)
                }
            return Exchange(
                target: object["get"] as? String ?? "", status: object["status"] as? Int ?? 0,
                contentType: object["contentType"] as? String ?? "", body: bytes)
        }
    }

    /// What was sent to a store.
    static func otlp(_ store: String) throws -> Data { try data("\(store).otlp.json") }

    private static func data(_ name: String) throws -> Data {
        guard let folder else { return Data() }
        return try Data(contentsOf: folder.appending(path: name))
    }
}
