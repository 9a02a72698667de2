import Foundation
import Planning
import PromQL
import Testing

/// `conformance/rules/missing.txt`: what missing clusters mean for expressions.
@Suite struct MissingDataCorpusTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "conformance/rules/missing.txt")

    private static let analysis = MissingDataAnalysis(
        externalNames: ["cluster", "region"], identifyingName: "cluster")

    private static func said(of query: String) throws -> String {
        let expression = try parse(query, options: ParseOptions(experimentalFunctions: true))
        let witness = analysis.witnessOfAbsence(of: expression)
        return analysis.effect(of: expression).description
            + (witness.map { ", over if: \($0.text())" } ?? "")
    }

    @Test func expressionsAreJudgedAsTheCorpusSays() throws {
        var lines = try String(contentsOf: Self.file, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var count = 0
        let updates = ProcessInfo.processInfo.environment["UPDATE_CORPUS"] != nil
        var place = 0
        while place < lines.count {
            defer { place += 1 }
            guard lines[place].hasPrefix("> ") else { continue }
            let query = String(lines[place].dropFirst(2))
            let said = try Self.said(of: query)
            count += 1
            if updates {
                let isSaid = place + 1 < lines.count && lines[place + 1].hasPrefix("  ")
                if isSaid { lines.remove(at: place + 1) }
                lines.insert("  " + said, at: place + 1)
            }
            #expect(lines[place + 1] == "  " + said, "\(query)")
        }
        #expect(count > 60)
        if updates {
            try lines.joined(separator: "\n").write(
                to: Self.file, atomically: true, encoding: .utf8)
        }
    }
}
