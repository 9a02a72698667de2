import Clusters
import PromQL
import Rules
import Testing
import TimeSeries

/// Groups: when they are evaluated, in which order, and as text.
@Suite struct RuleGroupTests {
    @Test func aGroupHasItsPlaceInTheInterval() {
        var offsets: Set<Int64> = []
        for number in 0..<50 {
            let schedule = GroupSchedule(name: "g\(number)", file: "f.yaml", interval: 60_000)
            #expect((0..<60_000).contains(schedule.offset))
            offsets.insert(schedule.offset)
            for time in [0, 1, 59_999, 1_700_000_000_123, -5] as [Int64] {
                let slot = schedule.slot(notAfter: time)
                #expect(slot <= time && time - slot < 60_000)
                #expect((slot - schedule.offset) % 60_000 == 0)
            }
        }
        #expect(offsets.count > 40)
        let again = GroupSchedule(name: "g1", file: "f.yaml", interval: 60_000)
        #expect(again == GroupSchedule(name: "g1", file: "f.yaml", interval: 60_000))
        #expect(again != GroupSchedule(name: "g1", file: "other.yaml", interval: 60_000))
    }

    @Test func missedEvaluationsAreCountedAndNotMadeUpFor() {
        let schedule = GroupSchedule(name: "g", file: "f", interval: 10_000)
        let onTime = schedule.next(after: 100_000, at: 110_002)
        #expect(onTime.time == 110_000 && onTime.missed == 0)
        let late = schedule.next(after: 100_000, at: 145_000)
        #expect(late.time == 140_000 && late.missed == 3)
        let early = schedule.next(after: 100_000, at: 109_999)
        #expect(early.time == 110_000 && early.missed == 0)
    }

    private static func group(_ rules: [Rule]) -> RuleGroup {
        RuleGroup(name: "g", file: "f", rules: rules)
    }

    private static func waves(_ rules: [Rule]) -> [[Int]] {
        RuleDependencies(group(rules)).waves
    }

    @Test func rulesWaitForWhatTheyRead() throws {
        let a = try RuleTimeline.record("a", "x")
        let b = try RuleTimeline.record("b", "sum(a) + rate(y[5m])")
        let c = try RuleTimeline.record("c", "z")
        let alert = try RuleTimeline.alert("b > 0")
        #expect(Self.waves([a, b, c, alert]) == [[0, 2], [1], [3]])
        #expect(Self.waves([a, c]) == [[0, 1]])
        #expect(Self.waves([]) == [])
        // What reads the sample of the evaluation before must have read it.
        #expect(Self.waves([b, a]) == [[0], [1]])
        #expect(Self.waves([a, a]) == [[0], [1]])
    }

    @Test func whatMayReadAnythingWaitsForAllAndAllForIt() throws {
        let a = try RuleTimeline.record("a", "x")
        let any = try RuleTimeline.record("b", #"sum({job="a"})"#)
        let c = try RuleTimeline.record("c", "z")
        #expect(Self.waves([a, any, c]) == [[0], [1], [2]])
        let alert = try RuleTimeline.alert("x > 0")
        let many = try RuleTimeline.alert("count(ALERTS) > 1")
        #expect(Self.waves([alert, many, a]) == [[0, 2], [1]])
        let asking = try RuleTimeline.alert(
            "x > 0", annotations: [RuleText(name: "n", text: #"{{ query "a" }}"#)])
        #expect(Self.waves([a, asking]) == [[0], [1]])
    }

    @Test func laterRulesSeeWhatEarlierOnesGaveInTheSameEvaluation() throws {
        let group = Self.group([
            try RuleTimeline.record("a", "x"), try RuleTimeline.alert("a > 0"),
            try RuleTimeline.alert("count(ALERTS) > 0"),
        ])
        var state = RuleGroupState(group)
        var seen: [String] = []
        let outcomes = state.iterate(
            at: 60_000,
            RuleSurroundings(
                answer: { question in
                    let name = question.expression.text()
                    let needed = ["a > 0": "a", "count(ALERTS) > 0": "ALERTS"][name]
                    if let needed, !seen.contains(needed) {
                        return .elements([], .complete)
                    }
                    return RuleTimeline.answer([["job": name]])
                }, lookUp: { _ in .samples([]) },
                append: { seen += $0.compactMap(\.labels.metricName) }))
        #expect(outcomes.map(\.samples.count) == [1, 2, 2])
    }

    @Test func anAnswerIsElementsOrAFailure() {
        let grid = TimeGrid(instant: 5)
        guard
            case .elements(let elements, _) = RuleAnswer(
                .scalar([7], grid: grid), coverage: .complete)
        else {
            Issue.record("a number is an element")
            return
        }
        #expect(elements == [RuleElement(labels: [:], value: .float(7))])
        guard case .failure(let reason) = RuleAnswer(.string("a", time: 5), coverage: .complete)
        else {
            Issue.record("a text is none")
            return
        }
        #expect(reason == "rule result is not a vector or scalar")
    }

    @Test func aGroupIsWrittenAsItsFileHadIt() throws {
        let group = RuleGroup(
            name: "one", file: "f.yaml", interval: 30_000, limit: 5, queryOffset: 60_000,
            labels: [RuleText(name: "team", text: "a \"b\"")],
            rules: [
                try RuleTimeline.record("new", "sum  by(job)(x)"),
                try RuleTimeline.alert(
                    "x>0", for: 90, keep: 3600, labels: [RuleText(name: "l", text: "v")],
                    annotations: [RuleText(name: "summary", text: "line\n{{ $value }}")]),
            ])
        #expect(
            group.yaml == """
                - name: "one"
                  interval: 30s
                  query_offset: 1m
                  limit: 5
                  labels:
                    "team": "a \\"b\\""
                  rules:
                  - record: "new"
                    expr: "sum by (job) (x)"
                  - alert: "A"
                    expr: "x > 0"
                    for: 1m30s
                    keep_firing_for: 1h
                    labels:
                      "l": "v"
                    annotations:
                      "summary": "line\\n{{ $value }}"

                """)
    }

    @Test func theFirstPolicyThatNamesARuleCounts() {
        let strict = RulePolicy(onPartial: .abort)
        let loose = RulePolicy(onPartial: .bestEffort)
        let policies = RulePolicies([
            .init(group: "g", alert: "A", policy: strict), .init(group: "g", policy: loose),
        ])
        #expect(policies.policy(group: "g", rule: "A") == strict)
        #expect(policies.policy(group: "g", rule: "B") == loose)
        #expect(policies.policy(group: "h", rule: "A") == RulePolicy())
    }
}
