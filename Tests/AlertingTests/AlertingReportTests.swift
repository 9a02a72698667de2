import Alerting
import Rules
import Testing

@Suite struct AlertingReportTests {
    @Test func aGroupThatWasNotEvaluatedHasNoTimes() {
        let group = RuleGroup(name: "g", file: "f")
        let report = GroupReport(state: RuleGroupState(group))
        #expect(report.evaluatedAt == nil)
        #expect(report.ruleDurations.isEmpty)
    }
}
