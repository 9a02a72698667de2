import Clusters
import Rules
import TimeSeries
import Upstream

/// Looks for what is most likely not meant in rules, beside the series that the clusters have now.
package struct LiveLint: Sendable {
    /// Gives the values that a label has on the series of a selector. A cluster that does not answer
    /// is a failure: what it has is not known.
    package typealias Values =
        @Sendable (_ label: String, _ selector: String) async throws -> Set<String>

    /// The clusters that answer. Those that do not are left out of everything.
    package var clusters: [LintKnowledge.Cluster]
    package var values: Values
    /// Questions at one time.
    package var concurrency = 8
    /// Questions in all; rules that would need more are judged by their text alone.
    package var maximumQuestions = 20_000

    package init(clusters: [LintKnowledge.Cluster], values: @escaping Values) {
        self.clusters = clusters
        self.values = values
    }

    /// How far back series count: what happens once a day is there too. Milliseconds.
    package static let reach: Int64 = 86_400_000

    /// What is found in the rules of each group. Throws what a question throws.
    package func findings(in groups: [RuleGroup]) async throws -> [[[LintFinding]]] {
        let linter = RuleLinter(groups)
        if clusters.isEmpty { return groups.map { $0.rules.map(linter.findings(of:)) } }
        var knowledge = LintKnowledge(clusters: clusters)
        knowledge.metrics = try await metrics()
        // What is asked second hangs on what was answered first, and so on; there are no more rounds
        // than kinds of questions.
        for _ in 0..<Self.maximumRounds {
            var needs: Set<String> = []
            for group in groups {
                for rule in group.rules {
                    if case .needs(let selectors) = linter.step(rule, knowledge) {
                        needs.formUnion(selectors)
                    }
                }
            }
            let room = max(0, maximumQuestions - knowledge.owners.count)
            if needs.isEmpty || room == 0 { break }
            for answer in try await answers(to: Array(needs.sorted().prefix(room))) {
                knowledge.owners[answer.selector] = answer.clusters
            }
        }
        return groups.map { group in
            group.rules.map { rule in
                switch linter.step(rule, knowledge) {
                case .done(let findings): findings
                case .needs: linter.findings(of: rule)
                }
            }
        }
    }

    private static let maximumRounds = 8

    // MARK: Questions

    /// The metrics of each cluster: most rules need no more, and it is one question for each.
    private func metrics() async throws -> [String: Set<String>] {
        var result: [String: Set<String>] = [:]
        for cluster in clusters {
            let value = GoText.quoted(Self.value(of: cluster))
            let name = Labels.metricNameLabel
            result[cluster.name] = try await values(
                name, "{\(name)!=\"\",\(Cluster.label)=\(value)}")
        }
        return result
    }

    private struct Answer: Sendable {
        var selector: String
        /// The names of the clusters.
        var clusters: Set<String>
    }

    private func answers(to selectors: [String]) async throws -> [Answer] {
        try await selectors.answers(atOnce: concurrency) { selector in
            try await answer(to: selector)
        }
    }

    private func answer(to selector: String) async throws -> Answer {
        let values = try await values(Cluster.label, scoped(selector))
        let names = clusters.filter { values.contains(Self.value(of: $0)) }.map(\.name)
        return Answer(selector: selector, clusters: Set(names))
    }

    /// The selector with the condition that a series is of one of the clusters.
    private func scoped(_ selector: String) -> String {
        let pattern = clusters.map { Self.pattern(Self.value(of: $0)) }.joined(separator: "|")
        let condition = "\(Cluster.label)=~\(GoText.quoted(pattern))}"
        return selector.dropLast() + (selector == "{}" ? "" : ",") + condition
    }

    private static func value(of cluster: LintKnowledge.Cluster) -> String {
        cluster.externalLabels[Cluster.label] ?? cluster.name
    }

    /// A pattern that only the text meets.
    private static func pattern(_ text: String) -> String {
        var result = ""
        for character in text {
            if #"\.+*?()|[]{}^$"#.contains(character) { result += "\\" }
            result.append(character)
        }
        return result
    }
}

extension LiveLint {
    /// How many findings there are of each kind, those that there are none of too, for a metric.
    package static func counts(_ findings: [[[LintFinding]]]) -> [LintFinding.Kind: Int] {
        var counts = Dictionary(uniqueKeysWithValues: LintFinding.Kind.allCases.map { ($0, 0) })
        for finding in findings.joined().joined() { counts[finding.kind, default: 0] += 1 }
        return counts
    }
}
