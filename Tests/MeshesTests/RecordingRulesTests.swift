import Foundation
import Meshes
import Testing

/// The rules of deploy/rules/recording hold what the tables of dialects read.
@Suite("Recorded rates")
struct RecordingRulesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "deploy/rules/recording")

    /// What a rule records, by which labels, from which metrics.
    private struct Rule {
        var name: String
        var labels: Set<String>
        var metrics: [String]
    }

    private static func rules() throws -> [Rule] {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try files.filter { $0.hasSuffix(".yaml") }.sorted().flatMap { file in
            let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            return text.components(separatedBy: "- record: ").dropFirst().map { rule in
                let lists = rule.split(separator: "(", maxSplits: 2)
                let labels = lists[1].prefix { $0 != ")" }
                return Rule(
                    name: String(rule.prefix { !$0.isNewline }),
                    labels: Set(labels.matches(of: /[a-z_0-9]+/).map { String($0.output) }),
                    metrics: rule.matches(of: /rate\((.+?)\[5m\]\)/).map { String($0.1) })
            }
        }
    }

    @Test func everyRecordedNameOfTheTablesHasItsRuleAndEveryRuleItsRow() throws {
        let wanted = Dialect.allCases.flatMap { $0.row.facts.compactMap(\.recorded) }
        #expect(try Self.rules().map(\.name).sorted() == wanted.sorted())
    }

    @Test(arguments: Dialect.allCases)
    func aRuleKeepsWhatTheGatewayTellsApart(_ dialect: Dialect) throws {
        let rules = try Self.rules()
        let whole = CallGrouping.EndDetail.whole.union(.principal)
        for row in dialect.row.facts {
            guard let recorded = row.recorded else { continue }
            let rule = try #require(rules.first { $0.name == recorded })
            let needed = Set(
                dialect.row.labels(
                    of: CallGrouping(source: whole, destination: whole, security: true), row.fact))
            // Each cluster's own rules run in that cluster.
            #expect(needed.subtracting(["cluster"]).subtracting(rule.labels) == [])
            let counters = row.metrics.filter { $0.factor == 1 }.flatMap(\.parts).map(\.name)
            #expect(rule.metrics == counters, "\(recorded)")
        }
    }
}
