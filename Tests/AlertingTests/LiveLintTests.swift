import Alerting
import MetricsTestKit
import PromQL
import Rules
import Synchronization
import Testing
import TimeSeries

@Suite struct LiveLintTests {
    private static let clusters = [
        LintKnowledge.Cluster(name: "east", externalLabels: ["cluster": "east"]),
        LintKnowledge.Cluster(name: "w.est", externalLabels: ["cluster": "w.est"]),
    ]

    private static func group(_ expressions: String...) throws -> RuleGroup {
        RuleGroup(
            name: "g", file: "f",
            rules: try expressions.map {
                Rule(
                    kind: .alerting(AlertTerms()), name: "A", expression: try parse($0))
            })
    }

    private struct Refused: Error {}

    @Test func eachSelectorIsAskedOnceOfTheClustersThatAnswer() async throws {
        let asked = Mutex<[String]>([])
        let lint = LiveLint(clusters: Self.clusters) { label, selector in
            asked.withLock { $0.append("\(label) of \(selector)") }
            if label == "__name__" {
                return selector.contains("w.est") ? ["up"] : ["up", "load"]
            }
            return ["east", "w.est"]
        }
        let findings = try await lint.findings(in: [
            try Self.group("up{job=\"a\"} == 0", "up{job=\"a\"} == 1", "load > 1"),
            try Self.group("load > 2"),
        ])
        #expect(
            asked.withLock { $0.sorted() } == [
                #"__name__ of {__name__!="",cluster="east"}"#,
                #"__name__ of {__name__!="",cluster="w.est"}"#,
                #"cluster of {__name__="up",job="a",cluster=~"east|w\\.est"}"#,
            ])
        let lacking = LintFinding(
            .partlyMissingMetric, "w.est has no load", clusters: ["w.est"])
        #expect(findings == [[[], [], [lacking]], [[lacking]]])
        #expect(LiveLint.counts(findings)[.partlyMissingMetric] == 2)
        #expect(LiveLint.counts(findings)[.missingMetric] == 0)
    }

    @Test func aQuestionThatFailsEndsItAll() async throws {
        let lint = LiveLint(clusters: Self.clusters) { _, _ in throw Refused() }
        await #expect(throws: Refused.self) {
            try await lint.findings(in: [try Self.group("up == 0")])
        }
    }

    @Test func whereNobodyAnswersTheTextAloneIsJudged() async throws {
        let lint = LiveLint(clusters: []) { _, _ in throw Refused() }
        let findings = try await lint.findings(in: [try Self.group("up > 2", "load > 1")])
        #expect(findings.first?.map(\.count) == [1, 0])
    }

    @Test func rulesThatWouldNeedTooManyQuestionsAreJudgedByTheirTextAlone() async throws {
        let asked = Mutex(0)
        var lint = LiveLint(clusters: Self.clusters) { label, _ in
            if label == "__name__" { return ["a"] }
            asked.withLock { $0 += 1 }
            return []
        }
        lint.maximumQuestions = 1
        let findings = try await lint.findings(in: [
            try Self.group("b > 1", "a{x=\"1\"} > 1", "a{y=\"1\"} > 1")
        ])
        #expect(asked.withLock { $0 } == 1)
        #expect(findings.first?.map(\.count) == [1, 0, 0])
    }

    @Test func whatIsFoundIsToldWithTheRulesAndCounted() async throws {
        let group = try Self.group("up > 2", "load > 1", "up == 0")
        let answers = Mutex(true)
        let metrics = TestMetrics()
        let watch = LintWatch(
            groups: { [GroupReport(state: RuleGroupState(group))] },
            lint: {
                LiveLint(clusters: Self.clusters) { _, _ in
                    guard answers.withLock({ $0 }) else { throw Refused() }
                    return ["up"]
                }
            },
            clock: AlertingClock(now: { 0 }, sleep: { _ in }), metrics: metrics)
        #expect(watch.reports.first?.ruleFindings == [[], [], []])
        await watch.look()
        let kinds = watch.reports.first?.ruleFindings.map { $0.map(\.kind) }
        #expect(kinds == [[.neverTrue], [.missingMetric], []])
        let counted = try metrics.expectGauge(
            "isthmus_rule_lint_findings", [("kind", "missing_metric")])
        #expect(counted.lastValue == 1)
        // A look that fails leaves what is known.
        answers.withLock { $0 = false }
        await watch.look()
        #expect(watch.reports.first?.ruleFindings.map { $0.map(\.kind) } == kinds)
    }
}
