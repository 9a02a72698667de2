import Foundation
import Spans
import Testing

/// The critical path as text: `conformance/traces/critical-path` holds traces and their paths.
@Suite struct CriticalPathCorpusTests {
    private static let place = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "conformance/traces/critical-path/paths.txt")

    @Test func tracesHaveThePathsThatTheCorpusSays() throws {
        let text = try String(contentsOf: Self.place, encoding: .utf8)
        let (comment, cases) = try CriticalPathCase.read(text)
        #expect(cases.count >= 10)
        if ProcessInfo.processInfo.environment["UPDATE_CORPUS"] != nil {
            try (comment + cases.map(\.text).joined(separator: "\n"))
                .write(to: Self.place, atomically: true, encoding: .utf8)
        }
        for wanted in cases {
            #expect(wanted.paths == wanted.expected, "\(wanted.name)")
        }
    }
}

/// One case of the corpus.
struct CriticalPathCase {
    var name: String
    var lines: [String] = []
    var expected = ""
    var spans: [Span] = []

    static func read(_ text: String) throws -> (comment: String, cases: [CriticalPathCase]) {
        let parts = text.split(separator: "> ", omittingEmptySubsequences: false)
        let cases = try parts.dropFirst().map { part in
            let lines = part.split(separator: "\n", omittingEmptySubsequences: false)
            var one = CriticalPathCase(name: String(lines[0]))
            let end = lines.firstIndex(of: "=") ?? lines.endIndex
            one.lines = lines[1..<end].map(String.init)
            one.spans = try one.lines.map { try MergeText.span($0.drop { $0 == " " }) }
            var rest = lines[end...].dropFirst()
            while rest.last == "" { rest.removeLast() }
            one.expected = rest.map { $0 + "\n" }.joined()
            return one
        }
        return (String(parts[0]), cases)
    }

    /// A line for each section: the span, from when, how long. A blank line between roots.
    var paths: String {
        Trace(id: .none, spans: spans).criticalPaths.map { path in
            path.sections.map {
                let id = String(spans[$0.span].spanID.rawValue, radix: 16)
                return "\(id) \(GoDuration.text($0.from)) \(GoDuration.text($0.duration))\n"
            }
            .joined()
        }
        .joined(separator: "\n")
    }

    var text: String { "> \(name)\n" + lines.map { $0 + "\n" }.joined() + "=\n" + paths }
}
