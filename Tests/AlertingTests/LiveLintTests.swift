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
        let lint = LiveLint(clusters: Self.clusters) { selector in
            asked.withLock { $0.append(selector) }
            return selector.contains("\"up\"") ? ["east", "w.est"] : ["east"]
        }
        let findings = try await lint.findings(in: [
            try Self.group("up == 0", "up == 1", "load > 1"), try Self.group("load > 2"),
        ])
        #expect(
            asked.withLock { $0.sorted() } == [
                #"{__name__="load",cluster=~"east|w\\.est"}"#,
                #"{__name__="up",cluster=~"east|w\\.est"}"#,
            ])
        let lacking = LintFinding(
            .partlyMissingMetric, "w.est has no load", clusters: ["w.est"])
        #expect(findings == [[[], [], [lacking]], [[lacking]]])
        #expect(LiveLint.counts(findings)[.partlyMissingMetric] == 2)
        #expect(LiveLint.counts(findings)[.missingMetric] == 0)
    }

    @Test func aQuestionThatFailsEndsItAll() async throws {
        let lint = LiveLint(clusters: Self.clusters) { _ in throw Refused() }
        await #expect(throws: Refused.self) {
            try await lint.findings(in: [try Self.group("up == 0")])
        }
    }

    @Test func whereNobodyAnswersTheTextAloneIsJudged() async throws {
        let lint = LiveLint(clusters: []) { _ in throw Refused() }
        let findings = try await lint.findings(in: [try Self.group("up > 2", "load > 1")])
        #expect(findings.first?.map(\.count) == [1, 0])
    }

    @Test func rulesThatWouldNeedTooManyQuestionsAreJudgedByTheirTextAlone() async throws {
        let asked = Mutex(0)
        var lint = LiveLint(clusters: Self.clusters) { _ in
            asked.withLock { $0 += 1 }
            return []
        }
        lint.maximumQuestions = 1
        let findings = try await lint.findings(in: [try Self.group("a > 1", "b > 1")])
        #expect(asked.withLock { $0 } == 1)
        #expect(findings.first?.map(\.count) == [1, 0])
    }

    @Test func whatIsFoundIsToldWithTheRulesAndCounted() async throws {
        let group = try Self.group("up > 2", "load > 1", "up == 0")
        let answers = Mutex(true)
        let metrics = TestMetrics()
        let watch = LintWatch(
            groups: { [GroupReport(state: RuleGroupState(group))] },
            lint: {
                LiveLint(clusters: Self.clusters) { selector in
                    guard answers.withLock({ $0 }) else { throw Refused() }
                    return selector.contains("load") ? [] : ["east", "w.est"]
                }
            },
            clock: AlertingClock(now: { 0 }, sleep: { _ in }), metrics: metrics)
        #expect(watch.reports.first?.ruleFindings == [[], [], []])
        await watch.look()
        let kinds = watch.reports.first?.ruleFindings.map { $0.map(\.kind) }
        #expect(kinds == [[.neverTrue], [.missingMetric], []])
        let counted = try metrics.expectMeter(
            "isthmus_rule_lint_findings", [("kind", "missing_metric")])
        #expect(counted.lastValue == 1)
        // A look that fails leaves what is known.
        answers.withLock { $0 = false }
        await watch.look()
        #expect(watch.reports.first?.ruleFindings.map { $0.map(\.kind) } == kinds)
    }
}
