import Foundation
import PromQL
import Rules
import Testing
import TimeSeries

/// `conformance/rules/lint.txt` and `lint-clusters.txt`: what is found in expressions.
@Suite struct LintCorpusTests {
    @Test func whatIsFoundInARulesTextIsWhatTheCorpusSays() throws {
        try check("lint.txt", atLeast: 100) { rule in
            RuleLinter([]).findings(of: rule)
        }
    }

    @Test func whatIsFoundBesideTheClustersIsWhatTheCorpusSays() throws {
        let clusters = try Self.clusters()
        #expect(clusters.count == 3)
        let recording = Rule(
            kind: .recording, name: "job:up:sum", expression: try parse("sum by (job) (up)"))
        let linter = RuleLinter([RuleGroup(name: "g", file: "f", rules: [recording])])
        try check("lint-clusters.txt", atLeast: 25) { rule in
            var knowledge = LintKnowledge(
                clusters: clusters.map { .init(name: $0.name, externalLabels: $0.external) })
            for _ in 0..<5 {
                switch linter.step(rule, knowledge) {
                case .done(let findings): return findings
                case .needs(let selectors):
                    for text in selectors {
                        let selector = try parseSelector(text)
                        let owners = clusters.filter { $0.has(selector) }.map(\.name)
                        knowledge.owners[text] = Set(owners)
                    }
                }
            }
            Issue.record("\(rule.expression.text()) asks without end")
            return []
        }
    }

    /// Compares what is found in each expression of a file, as an alert's, with what stands there.
    private func check(
        _ name: String, atLeast minimum: Int, _ findings: (Rule) throws -> [LintFinding]
    ) throws {
        let file = RuleCorpus.folder.appending(path: name)
        let text = try String(contentsOf: file, encoding: .utf8)
        var written = ""
        var count = 0
        var isBelowExpression = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("> ") {
                count += 1
                isBelowExpression = true
                let rule = Rule(
                    kind: .alerting(AlertTerms()), name: "A",
                    expression: try parse(String(line.dropFirst(2))))
                let found = try findings(rule).map(Self.line)
                written += line + "\n" + (found.isEmpty ? "  nothing\n" : found.joined())
            } else if !(isBelowExpression && line.hasPrefix("  ")) {
                isBelowExpression = false
                written += line + "\n"
            }
        }
        #expect(count >= minimum)
        if ProcessInfo.processInfo.environment["UPDATE_CORPUS"] != nil {
            try written.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(written == text)
    }

    private static func line(_ finding: LintFinding) -> String {
        let clusters =
            finding.clusters.isEmpty ? "" : " [\(finding.clusters.joined(separator: " "))]"
        return "  \(finding.kind.rawValue): \(finding.message)\(clusters)\n"
    }

    // MARK: Clusters

    private struct ClusterSeries {
        var name: String
        var external: Labels
        var series: [Labels] = []

        func has(_ selector: Selector) -> Bool {
            series.contains { labels in
                selector.matchers.allSatisfy { matcher in
                    external[matcher.name] == nil
                        ? matcher.matches(labels) : matcher.matches(external)
                }
            }
        }
    }

    private static func clusters() throws -> [ClusterSeries] {
        let file = RuleCorpus.folder.appending(path: "lint-clusters.txt")
        var result: [ClusterSeries] = []
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            if line.hasPrefix("cluster ") {
                let words = line.split(separator: " ", maxSplits: 2).map(String.init)
                result.append(
                    ClusterSeries(name: words[1], external: try labels(words[2])))
            } else if line.hasPrefix("    "), !result.isEmpty {
                result[result.count - 1].series.append(try labels(String(line.dropFirst(4))))
            }
        }
        return result
    }

    private static func labels(_ text: String) throws -> Labels {
        Labels(try parseSelector(text).matchers.map { ($0.name, $0.value) })
    }
}
