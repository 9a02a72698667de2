import Foundation
import TestSupport
import Testing

extension Conformance {
    /// The syntax cases, asked of a running gateway: how it reads queries needs no cluster.
    @Suite("The language over HTTP")
    struct LanguageTests {
        /// One line of a corpus.
        private struct Line: Sendable {
            var query: String
            var format: String?
            var tree: String?
            var error: String?
        }

        private static let own = Conformance.folder.appendingPathComponent("promql-syntax")

        /// The recorded corpus beside the repository.
        private static let recorded = Corpora.folder("promql-syntax")

        private static func lines(_ name: String) throws -> [Line] {
            try [own, recorded].compactMap { $0 }.flatMap { folder -> [Line] in
                let file = folder.appendingPathComponent(name)
                guard FileManager.default.fileExists(atPath: file.path) else { return [] }
                return try String(contentsOf: file, encoding: .utf8)
                    .split(separator: "\n").map(line)
            }
        }

        private static func line(_ text: Substring) throws -> Line {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            let query = try #require(object["query"] as? String)
            return Line(
                query: query, format: object["format"] as? String,
                tree: try object["ast"].map(canonical),
                error: (object["error"] as? String)?.replacingOccurrences(
                    of: "invalid parameter \"query\": ", with: ""))
        }

        /// JSON that is equal where it means the same.
        private static func canonical(_ value: Any) throws -> String {
            String(
                decoding: try JSONSerialization.data(
                    withJSONObject: value, options: [.sortedKeys, .fragmentsAllowed]),
                as: UTF8.self)
        }

        /// A gateway whose one cluster is not there.
        private static func gateway(experimental: Bool) async throws -> IsthmusServer {
            try await IsthmusServer(
                [IsthmusServer.Member("nowhere", urls: ["http://127.0.0.1:1"])],
                configuration: "query:\n  experimental_functions: \(experimental)\n")
        }

        private static func answer(
            _ gateway: IsthmusServer, _ endpoint: String, _ query: String
        ) async throws -> [String: Any] {
            let answer = try await gateway.ask(endpoint, [.init("query", query)], method: "POST")
            var object = try #require(
                try JSONSerialization.jsonObject(with: answer.body) as? [String: Any])
            object["http"] = answer.status
            return object
        }

        @Test func acceptedQueriesAreFormattedAndParsed() async throws {
            let gateway = try await Self.gateway(experimental: true)
            let lines = try Self.lines("accepted.jsonl")
            #expect(lines.count >= 150)
            for line in lines {
                let format = try await Self.answer(gateway, "format_query", line.query)
                #expect(format["http"] as? Int == 200, "\(line.query)")
                if let expected = line.format {
                    #expect(format["data"] as? String == expected, "\(line.query)")
                }
                let tree = try await Self.answer(gateway, "parse_query", line.query)
                #expect(tree["http"] as? Int == 200, "\(line.query)")
                if let expected = line.tree {
                    let data = try #require(tree["data"])
                    #expect(try Self.canonical(data) == expected, "\(line.query)")
                }
            }
            await gateway.end()
        }

        /// What only a later or an otherwise switched server accepts is told apart by its words.
        @Test func rejectedQueriesAreRefusedWithStatusTypeAndText() async throws {
            let gateway = try await Self.gateway(experimental: true)
            let plain = try await Self.gateway(experimental: false)
            let lines = try Self.lines("rejected.jsonl")
            #expect(lines.count >= 80)
            for line in lines {
                let error = try #require(line.error)
                let isSwitch = error.contains("experimental and not enabled")
                let isLater =
                    error.contains("unknown function with name \"m")
                    && line.query
                        .contains("_of(")
                if isLater { continue }
                try await Self.expectRefusal(
                    of: line.query, by: isSwitch ? plain : gateway, saying: error)
            }
            await gateway.end()
            await plain.end()
        }

        @Test func experimentalPartsAreRefusedUntilTheConfigurationSwitchesThemOn() async throws {
            let gateway = try await Self.gateway(experimental: true)
            let plain = try await Self.gateway(experimental: false)
            let lines = try Self.lines("experimental.jsonl")
            #expect(lines.count > 20)
            for line in lines {
                try await Self.expectRefusal(
                    of: line.query, by: plain, saying: try #require(line.error))
                let format = try await Self.answer(gateway, "format_query", line.query)
                #expect(format["http"] as? Int == 200, "\(line.query)")
            }
            await gateway.end()
            await plain.end()
        }

        private static func expectRefusal(
            of query: String, by gateway: IsthmusServer, saying error: String
        ) async throws {
            for endpoint in ["parse_query", "format_query", "query"] {
                let answer = try await Self.answer(gateway, endpoint, query)
                #expect(answer["http"] as? Int == 400, "\(endpoint) \(query)")
                #expect(answer["errorType"] as? String == "bad_data", "\(endpoint) \(query)")
                #expect(
                    answer["error"] as? String == "invalid parameter \"query\": " + error,
                    "\(endpoint) \(query)")
            }
        }

        /// Ten thousand levels of each shape are refused in words, and the gateway goes on.
        @Test(arguments: [
            ("(", "x", ")"), ("-", "x", ""), ("abs(", "x", ")"), ("sum(", "x", ")"),
            ("x or ", "x", ""), ("2 ^ ", "2", ""), ("max_over_time(", "x", "[1h:])"),
            ("", "x", "[1h:1m]"), ("", "x", " offset 1m"), ("", "x", " + 1"),
        ])
        func depthIsRefused(_ open: String, _ inner: String, _ close: String) async throws {
            let gateway = try await Self.gateway(experimental: true)
            func repeated(_ text: String, _ count: Int) -> String {
                String(repeating: text, count: count)
            }
            for count in [10_000, 900, 190] {
                let query = repeated(open, count) + inner + repeated(close, count)
                for endpoint in ["parse_query", "format_query", "query"] {
                    let answer = try await gateway.ask(
                        endpoint, [.init("query", query)], method: "POST")
                    let expected = count == 10_000 ? [400] : [200, 400, 422, 503]
                    #expect(
                        expected.contains(answer.status), "\(endpoint), \(count) levels")
                }
            }
            let answer = try await Self.answer(gateway, "format_query", "x")
            #expect(answer["http"] as? Int == 200)
            await gateway.end()
        }
    }
}
