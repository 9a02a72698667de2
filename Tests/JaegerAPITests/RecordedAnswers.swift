import Foundation
import TestSupport

/// Answers of Jaeger as text: this repository's own cases, and what real ones were recorded to say.
enum RecordedAnswers {
    /// One case of `conformance/jaeger-api`.
    struct Case: Sendable, CustomStringConvertible {
        var name: String
        var v1: [UInt8]
        var v3: [UInt8]

        /// Whether v3 says more than v1 does.
        var isLossy: Bool { name.hasPrefix("lossy-") }
        var description: String { name }
    }

    static let cases: [Case] = {
        let folder = repository.appending(path: "conformance/jaeger-api")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".v1.json") }.sorted().compactMap { file in
            let name = String(file.dropLast(".v1.json".count))
            guard let v1 = try? Data(contentsOf: folder.appending(path: file)),
                let v3 = try? Data(contentsOf: folder.appending(path: "\(name).v3.json"))
            else { return nil }
            return Case(name: name, v1: compact([UInt8](v1)), v3: compact([UInt8](v3)))
        }
    }()

    /// One request to a real Jaeger, and its answer.
    struct Exchange: Sendable, CustomStringConvertible {
        var store: String
        var request: String
        var status: Int
        /// JSON without spaces.
        var body: [UInt8]

        var description: String { "\(store) \(request)" }
    }

    /// Empty where the recordings are absent.
    static let exchanges: [Exchange] = {
        guard let recordings else { return [] }
        return ["east", "west", "union"].flatMap { store -> [Exchange] in
            let file = recordings.appending(path: "\(store).exchanges.jsonl")
            let lines = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            return lines.split(separator: "\n").compactMap { exchange(String($0), of: store) }
        }
    }()

    /// The body stands last in its line.
    private static func exchange(_ line: String, of store: String) -> Exchange? {
        guard let body = line.range(of: #","body":"#),
            let request = line.firstMatch(of: /"get":"([^"]*)"/),
            let status = line.firstMatch(of: /"status":(\d+)/)
        else { return nil }
        return Exchange(
            store: store, request: String(request.1), status: Int(status.1) ?? 0,
            body: compact(Array(line[body.upperBound...].dropLast().utf8)))
    }

    /// JSON without the spaces outside of its texts.
    private static func compact(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var isText = false
        var isEscaped = false
        for byte in bytes {
            if !isText, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") { continue }
            if byte == UInt8(ascii: "\""), !isEscaped { isText.toggle() }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            result.append(byte)
        }
        return result
    }

    private static let repository = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let recordings = Corpora.folder("jaeger")
}
