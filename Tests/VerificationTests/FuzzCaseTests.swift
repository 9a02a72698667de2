import Foundation
import Testing
import Verification

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

    @Test func theDictionaryHasAWordOnEachLine() {
        let lines = FuzzDictionary.text.split(separator: "\n")
        #expect(lines.count > 150)
        #expect(lines.allSatisfy { $0.count > 2 && $0.hasPrefix("\"") && $0.hasSuffix("\"") })
    }
}
