import Foundation
import PromQL
import Testing
import Verification

extension Proofs {
    /// The inputs with which fuzzers found something, and the seeds that they begin with.
    @Suite struct FuzzCaseTests {
        private static func cases(_ kind: String) throws -> [(name: String, bytes: [UInt8])] {
            let folder = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "conformance/fuzzing/\(kind)")
            return try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { !$0.hasPrefix(".") }.sorted().map { name in
                    (name, Array(try Data(contentsOf: folder.appending(path: name))))
                }
        }

        @Test func whatFoundSomethingInTheReaderIsReadWell() throws {
            let cases = try Self.cases("parser")
            #expect(!cases.isEmpty)
            for (name, bytes) in cases {
                let fault = ParserFuzz.fault(of: bytes)
                #expect(fault == nil, "\(name)")
            }
        }

        @Test func whatFoundSomethingInTheAnswersIsAnsweredWell() throws {
            let cases = try Self.cases("query")
            #expect(!cases.isEmpty)
            let fuzz = QueryFuzz()
            for (name, bytes) in cases {
                let fault = fuzz.fault(of: bytes)
                #expect(fault == nil, "\(name)")
            }
        }

        @Test func whatFoundSomethingInTracesIsReadWell() throws {
            let cases = try Self.cases("traces")
            #expect(!cases.isEmpty)
            for (name, bytes) in cases {
                let fault = TraceFuzz.fault(of: bytes)
                #expect(fault == nil, "\(name)")
            }
        }

        @Test(arguments: WireFuzz.allCases)
        func whatMightFindSomethingOnTheWireIsReadWell(_ kind: WireFuzz) throws {
            var cases = try Self.cases(kind.rawValue)
            cases += kind.seeds.enumerated().map { ("seed \($0)", $1) }
            #expect(!cases.isEmpty)
            for (name, bytes) in cases {
                let fault = kind.fault(of: bytes)
                #expect(fault == nil, "\(name)")
                // Cut anywhere, and with each bit turned of its first bytes.
                for count in 0..<min(bytes.count, 200) {
                    #expect(
                        kind.fault(of: Array(bytes.prefix(count))) == nil, "\(name) to \(count)")
                    var turned = bytes
                    turned[count] ^= UInt8(1 << (count % 8))
                    #expect(kind.fault(of: turned) == nil, "\(name), bit at \(count)")
                }
            }
        }

        @Test func seedsOfBlocksAreRead() {
            // Else the fuzzer would look at nothing but heads.
            #expect(WireFuzz.blocks.seeds.count == 2)
        }

        @Test func seedsAreQueriesAndShowNoFault() {
            let fuzz = QueryFuzz()
            let seeds = fuzz.seeds(count: 300)
            #expect(Set(seeds).count > 250)
            for seed in seeds {
                let query = String(decoding: seed.dropFirst(), as: UTF8.self)
                #expect(ParserFuzz.fault(of: Array(seed.dropFirst())) == nil, "\(query)")
                #expect(fuzz.fault(of: seed) == nil, "\(query)")
            }
        }

        /// As deep as a query may be: read, printed, hashed, planned and computed.
        @Test(arguments: [
            ("(", "load", ")", 190), ("-", "load", "", 190), ("abs(", "load", ")", 95),
            ("sum by (pod) (", "load", ")", 95), ("load or ", "load", "", 900),
            ("", "load", " + 1", 900), ("2 ^ ", "2", "", 95), ("", "load", " unless flip", 900),
            ("max_over_time(", "load", "[2m:1m])", 5),
        ])
        func deepQueriesAreAnswered(
            _ open: String, _ inner: String, _ close: String, _ count: Int
        ) throws {
            let query =
                String(repeating: open, count: count) + inner
                + String(repeating: close, count: count)
            let expression = try parse(query)
            #expect(Set([expression, expression]).count == 1)
            #expect(ParserFuzz.fault(of: Array(query.utf8)) == nil)
            #expect(QueryFuzz().fault(of: Array("0\(query)".utf8)) == nil)
        }

        @Test func theDictionaryHasAWordOnEachLine() {
            let lines = FuzzDictionary.text.split(separator: "\n")
            #expect(lines.count > 150)
            #expect(lines.allSatisfy { $0.count > 2 && $0.hasPrefix("\"") && $0.hasSuffix("\"") })
        }
    }
}
