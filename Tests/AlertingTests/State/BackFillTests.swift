import Alerting
import Clusters
import Federation
import PromQL
import Rules
import TestSupport
import Testing
import TimeSeries

/// Alerts that are found again by evaluating over the past.
@Suite struct BackFillTests {
    private static let start = RuleGroupState.start

    private static func time(_ minute: Int64) -> Int64 { start + minute * 60_000 }

    /// Both of two processes, one that has always run and one that begins now, go on alike.
    @Test(arguments: 0..<30)
    func alertsAreAsIfTheProcessHadAlwaysRun(_ seed: Int) async throws {
        var random = SeededGenerator(seed: UInt64(8000 + seed))
        let fleet = SimulatedFleet(["eu": SampleStore(), "us": SampleStore()])
        let hold = [60, 180, 300].randomElement(using: &random) ?? 60
        let keep = [0, 120].randomElement(using: &random) ?? 0
        var lived = try RuleGroupState.one("x > 0", hold: Int64(hold), keep: Int64(keep))
        lived.restore(GroupSnapshot(), at: Self.time(0))
        // No longer than is looked back.
        let last = Int64(1 + (hold + keep + 300) / 60)
        var isTrue: [String: Bool] = [:]
        for minute in 1...last {
            for cluster in ["eu", "us"] {
                if Int.random(in: 0..<4, using: &random) == 0 {
                    isTrue[cluster, default: false].toggle()
                }
                fleet.set(
                    isTrue[cluster] == true ? 1 : 0, of: ["__name__": "x"], in: cluster,
                    at: Self.time(minute))
            }
        }
        let query = BackFill(query: fleet.query, fleet: fleet.fleet)
        var begun = try RuleGroupState.one("x > 0", hold: Int64(hold), keep: Int64(keep))
        #expect(await query.run(&begun, before: Self.time(last)))
        for minute in 1...last {
            let names = try await fleet.query(
                .init(expression: "x > 0", times: .instant(Self.time(minute))))
            guard case .elements(let elements, _) = RuleAnswer(names.value, coverage: .complete)
            else {
                Issue.record("a vector has elements")
                return
            }
            let told = lived.evaluate(minute: minute, elements.map(\.labels))
            guard minute == last else { continue }
            let toldAnew = begun.evaluate(minute: minute, elements.map(\.labels))
            // What fires is told at once by the one that begins.
            #expect(Set(toldAnew.map(\.labels)).isSuperset(of: Set(told.map(\.labels))))
            #expect(Set(begun.firing.map(\.labels)).isSubset(of: Set(toldAnew.map(\.labels))))
        }
        func shown(_ state: RuleGroupState) -> [AlertInstance] {
            state.rules[0].activeAlerts.map { alert in
                var alert = alert
                alert.lastSentAt = nil
                alert.validUntil = nil
                return alert
            }
        }
        #expect(shown(begun) == shown(lived), "seed \(seed)")
    }

    @Test func nothingBeginsInThePastForWantOfACluster() async throws {
        let fleet = SimulatedFleet(["eu": SampleStore(), "us": SampleStore()])
        for minute in 0...30 as ClosedRange<Int64> {
            for cluster in ["eu", "us"] {
                for name in ["a", "b"] {
                    fleet.set(
                        1, of: ["__name__": "x", "name": name], in: cluster,
                        at: Self.time(minute))
                }
            }
        }
        let backFill = BackFill(query: fleet.query, fleet: fleet.fleet)
        var state = try RuleGroupState.one("count(x) < 3", hold: 120)
        fleet.away = ["us"]
        #expect(await backFill.run(&state, before: Self.time(30)))
        #expect(state.rules[0].alerts.isEmpty)
        // Where nobody answers nothing is known, and the rule begins anew.
        fleet.away = ["us", "eu"]
        #expect(await backFill.run(&state, before: Self.time(30)) == false)
        #expect(state.rules[0].alerts.isEmpty)
    }

    @Test func rulesWhosePastSaysNothingAreNotAsked() throws {
        func length(_ query: String, hold: Int64, keep: Int64 = 0) throws -> Int64? {
            try RuleGroupState.one(query, hold: hold, keep: keep).replayLength(0)
        }
        #expect(try length("x > 0", hold: 60, keep: 30) == 390_000)
        #expect(try length("x > 0", hold: 0) == nil)
        #expect(try length("{job=\"a\"} > 0", hold: 60) == nil)
        #expect(try length("ALERTS > 0", hold: 60) == nil)
        #expect(try length("x @ end() > 0", hold: 60) == nil)
        let record = Rule(kind: .recording, name: "r", expression: try parse("x"))
        let alert = Rule(
            kind: .alerting(AlertTerms(holdDuration: 60_000)), name: "A",
            expression: try parse("absent(r)"))
        let state = RuleGroupState(RuleGroup(name: "g", file: "f", rules: [record, alert]))
        #expect(state.replayLength(0) == nil)
        #expect(state.replayLength(1) == nil)
    }
}
