import Rules
import Testing
import TimeSeries

/// Alerts as Prometheus has them, all clusters there.
@Suite struct AlertStateTests {
    private typealias Timeline = RuleTimeline
    private static let one: Labels = ["__name__": "x", "job": "a"]

    private static func alertSample(
        _ state: String, _ value: Double = 1, at second: Int64
    ) -> RuleSample {
        RuleSample(
            labels: ["__name__": "ALERTS", "alertname": "A", "alertstate": state, "job": "a"],
            time: Timeline.at(second), value: .float(value))
    }

    @Test func anAlertWaitsFiresAndIsResolved() throws {
        var line = Timeline([try Timeline.alert("x > 0", for: 120)])
        #expect(line.evaluate(0, [Self.one]).notifications.isEmpty)
        #expect(line.alerts.map(\.state) == [.pending])
        #expect(line.evaluate(60, [Self.one]).notifications.isEmpty)
        let fired = line.evaluate(120, [Self.one]).notifications
        #expect(line.alerts.map(\.state) == [.firing])
        #expect(fired.map(\.labels) == [["alertname": "A", "job": "a"]])
        #expect(fired.map(\.startsAt) == [Timeline.at(120)])
        #expect(fired.map(\.endsAt) == [Timeline.at(120 + 240)])
        #expect(fired.map(\.isResolved) == [false])
        #expect(fired.map(\.expression) == ["x > 0"])
        // The resend delay of a minute is not over after exactly a minute.
        #expect(line.evaluate(180, [Self.one]).notifications.isEmpty)
        #expect(line.evaluate(240, [Self.one]).notifications.count == 1)
        let resolved = line.evaluate(300, []).notifications
        #expect(line.alerts.isEmpty)
        #expect(resolved.map(\.isResolved) == [true])
        #expect(resolved.map(\.endsAt) == [Timeline.at(300)])
        #expect(resolved.map(\.startsAt) == [Timeline.at(120)])
    }

    @Test func whatIsResolvedIsToldForFifteenMinutesAndForgotten() throws {
        var line = Timeline([try Timeline.alert("x > 0")])
        line.evaluate(0, [Self.one])
        #expect(line.firing.count == 1)
        line.evaluate(60, [])
        #expect(line.evaluate(180, []).notifications.map(\.isResolved) == [true])
        line.evaluate(960, [])
        #expect(line.state.rules[0].alerts.count == 1)
        line.evaluate(961, [])
        #expect(line.state.rules[0].alerts.isEmpty)
    }

    @Test func aPendingAlertThatEndsIsForgottenUntold() throws {
        var line = Timeline([try Timeline.alert("x > 0", for: 120)])
        line.evaluate(0, [Self.one])
        #expect(line.evaluate(60, []).notifications.isEmpty)
        #expect(line.state.rules[0].alerts.isEmpty)
        line.evaluate(120, [Self.one])
        #expect(line.alerts.map(\.activeAt) == [Timeline.at(120)])
    }

    @Test func anAlertThatComesBackAfterItsEndBeginsAnew() throws {
        var line = Timeline([try Timeline.alert("x > 0", for: 60)])
        for second in [0, 60] as [Int64] { line.evaluate(second, [Self.one]) }
        line.evaluate(120, [])
        line.evaluate(180, [Self.one])
        #expect(line.alerts.map(\.state) == [.pending])
        #expect(line.alerts.map(\.resolvedAt) == [nil])
    }

    @Test func anAlertKeepsFiringAsLongAsItIsToldTo() throws {
        var line = Timeline([try Timeline.alert("x > 0", keep: 120)])
        line.evaluate(0, [Self.one])
        line.evaluate(60, [])
        line.evaluate(120, [])
        #expect(line.firing.count == 1)
        line.evaluate(180, [])
        #expect(line.firing.isEmpty)
        line.evaluate(240, [Self.one])
        line.evaluate(300, [])
        line.evaluate(360, [Self.one])
        line.evaluate(420, [])
        // The condition held in between, so that the time began anew.
        line.evaluate(480, [])
        #expect(line.firing.count == 1)
    }

    @Test func seriesTellWhatAlertsDoAndEndWithThem() throws {
        var line = Timeline([try Timeline.alert("x > 0", for: 60)], queryOffset: 0)
        let forState: (Double, Int64) -> RuleSample = { value, second in
            RuleSample(
                labels: ["__name__": "ALERTS_FOR_STATE", "alertname": "A", "job": "a"],
                time: Timeline.at(second), value: .float(value))
        }
        let active = Double(Timeline.start)
        let first = line.evaluate(0, [Self.one]).samples
        #expect(first == [Self.alertSample("pending", at: 0), forState(active, 0)])
        let second = line.evaluate(60, [Self.one]).samples
        #expect(second.dropLast() == [Self.alertSample("firing", at: 60), forState(active, 60)])
        #expect(second.last.map(Self.isEnd) == true)
        #expect(second.last?.labels["alertstate"] == "pending")
        let third = line.evaluate(120, []).samples
        #expect(third.count == 2)
        #expect(third.allSatisfy(Self.isEnd))
    }

    private static func isEnd(_ sample: RuleSample) -> Bool {
        if case .float(let value) = sample.value { Absent.isAbsent(value) } else { false }
    }

    @Test func samplesHaveTheTimeThatWasAskedAbout() throws {
        var line = Timeline([try Timeline.alert("x > 0")], queryOffset: 30_000)
        #expect(line.state.question(0, at: Timeline.at(60)).time == Timeline.at(30))
        let samples = line.evaluate(60, [Self.one]).samples
        #expect(samples.allSatisfy { $0.time == Timeline.at(30) })
        // The alert itself lives in the time of its evaluation.
        #expect(line.alerts.map(\.firedAt) == [Timeline.at(60)])
    }

    @Test func labelsOfTheRuleWinAndTheAlertsNameWinsOverAll() throws {
        let rule = try Timeline.alert(
            "x > 0",
            labels: [
                RuleText(name: "alertname", text: "other"),
                RuleText(name: "job", text: "of {{ $labels.job }}"),
                RuleText(name: "value", text: "{{ $value }}"),
            ], annotations: [RuleText(name: "summary", text: "{{ $labels.job }} of {{ .Value }}")])
        var line = Timeline([rule], labels: [RuleText(name: "team", text: "one")])
        line.evaluate(0, [["__name__": "x", "job": "a", "team": "zero"]])
        #expect(
            line.alerts.map(\.labels) == [
                ["alertname": "A", "job": "of a", "team": "one", "value": "1"]
            ])
        #expect(line.alerts[0].annotations == [RuleText(name: "summary", text: "a of 1")])
    }

    @Test func alertsOfTheSameLabelsFailAndTooManyEndAll() throws {
        let rule = try Timeline.alert("x > 0", labels: [RuleText(name: "job", text: "same")])
        var line = Timeline([rule])
        let outcome = line.evaluate(0, [["job": "a"], ["job": "b"]])
        #expect(
            outcome.failure
                == "vector contains metrics with the same labelset after applying alert labels")
        #expect(line.state.rules[0].health == .bad)

        var limited = Timeline([try Timeline.alert("x > 0")], limit: 1)
        limited.evaluate(0, [["job": "a"]])
        let failed = limited.evaluate(60, [["job": "a"], ["job": "b"]])
        #expect(failed.failure == "exceeded limit of 1 with 2 alerts")
        #expect(limited.alerts.isEmpty)
    }

    @Test func aFailedEvaluationChangesNothingAndGoesOnTelling() throws {
        var line = Timeline([try Timeline.alert("x > 0", for: 60)])
        line.evaluate(0, [Self.one])
        line.evaluate(60, [Self.one])
        let before = line.alerts
        let outcome = line.evaluate(180, .failure("timeout"))
        #expect(outcome.failure == "timeout")
        #expect(outcome.samples.isEmpty)
        #expect(outcome.notifications.map(\.isResolved) == [false])
        #expect(outcome.notifications.map(\.endsAt) == [Timeline.at(180 + 240)])
        #expect(line.alerts.map(\.activeAt) == before.map(\.activeAt))
        #expect(line.state.rules[0].lastFailure == "timeout")
        line.evaluate(240, [Self.one])
        #expect(line.state.rules[0].health == .good)
        #expect(line.alerts.map(\.firedAt) == before.map(\.firedAt))
    }

    @Test func theIntervalDecidesHowLongATellingHolds() throws {
        var line = Timeline([try Timeline.alert("x > 0")], interval: 300)
        #expect(
            line.evaluate(0, [Self.one]).notifications.map(\.endsAt) == [Timeline.at(1200)])
    }

    @Test func whatATemplateAsksIsAskedFirst() throws {
        let rule = try Timeline.alert(
            "x > 0",
            annotations: [
                RuleText(
                    name: "n", text: #"{{ with query "y" }}{{ . | first | value }}{{ end }}"#)
            ])
        var line = Timeline([rule])
        let step = line.state.evaluate(
            0, at: Timeline.at(0), answer: Timeline.answer([Self.one]))
        #expect(step == .needs([RuleLookup(query: "y", time: Timeline.at(0))]))
        line.lookups["y"] = .samples([TemplateSample(labels: [:], value: .float(7))])
        line.evaluate(0, [Self.one])
        #expect(line.alerts[0].annotations == [RuleText(name: "n", text: "7")])
        line.lookups["y"] = .failure("too much")
        line.evaluate(60, [Self.one])
        #expect(line.alerts[0].annotations[0].text.hasSuffix("error calling query: too much>"))
    }

    // MARK: Recording

    @Test func aRecordedSeriesHasTheRulesNameAndLabelsAndEnds() throws {
        let rule = try Timeline.record(
            "new", "x",
            labels: [RuleText(name: "team", text: "t"), RuleText(name: "pod", text: "")])
        var line = Timeline([rule])
        let samples = line.evaluate(0, [["__name__": "x", "job": "a", "pod": "p"]]).samples
        #expect(samples.map(\.labels) == [["__name__": "new", "job": "a", "team": "t"]])
        let ended = line.evaluate(60, []).samples
        #expect(ended.map(\.labels) == samples.map(\.labels))
        #expect(ended.allSatisfy(Self.isEnd))
        #expect(line.evaluate(120, []).samples.isEmpty)
    }

    @Test func recordingFailsForEqualLabelsAndForTooManySeries() throws {
        var line = Timeline([try Timeline.record("new", "x")], limit: 1)
        let equal = line.evaluate(0, [["__name__": "x", "job": "a"], ["job": "a"]])
        #expect(
            equal.failure
                == "vector contains metrics with the same labelset after applying rule labels")
        let many = line.evaluate(60, [["job": "a"], ["job": "b"]])
        #expect(many.failure == "exceeded limit of 1 with 2 series")
    }

    // MARK: Reloads and restarts

    @Test func alertsGoOnOverAReloadByNameAndLabels() throws {
        var line = Timeline([
            try Timeline.alert("x > 0", for: 120), try Timeline.record("old", "x"),
        ])
        line.evaluate(0, [Self.one])
        line.evaluate(0, Timeline.answer([Self.one]), rule: 1)
        var next = Timeline([try Timeline.alert("x > 5", for: 60)])
        next.state.carry(from: line.state)
        #expect(next.alerts.map(\.activeAt) == [Timeline.at(0)])
        next.evaluate(60, [Self.one])
        #expect(next.firing.count == 1)
        let ended = next.state.finish(at: Timeline.at(60))
        #expect(ended.map(\.labels) == [["__name__": "old", "job": "a"]])
        #expect(next.state.finish(at: Timeline.at(120)).isEmpty)
        #expect(next.state.ends(at: Timeline.at(180)).count == 2)

        var other = Timeline([
            try Timeline.alert("x > 0", labels: [RuleText(name: "a", text: "b")])
        ])
        other.state.carry(from: line.state)
        #expect(other.alerts.isEmpty)
    }

    @Test func aForThatAReloadMadeLongerIsWaitedForAgain() throws {
        var line = Timeline([try Timeline.alert("x > 0", for: 60)])
        line.evaluate(0, [Self.one])
        line.evaluate(60, [Self.one])
        #expect(line.firing.count == 1)
        var longer = Timeline([try Timeline.alert("x > 0", for: 300)])
        longer.state.carry(from: line.state)
        #expect(longer.evaluate(120, [Self.one]).notifications.isEmpty)
        #expect(longer.alerts.map(\.state) == [.pending])
        let fired = longer.evaluate(300, [Self.one]).notifications
        #expect(fired.map(\.startsAt) == [Timeline.at(300)])
        #expect(longer.firing.map(\.activeAt) == [Timeline.at(0)])
    }

    @Test func waitingGoesOnAfterARestart() throws {
        func restored(activeAt: Double, downAt: Int64) throws -> AlertInstance? {
            var line = Timeline([try Timeline.alert("x > 0", for: 1800)], restores: true)
            #expect(line.evaluate(7200, [Self.one]).samples.isEmpty)
            let sample = ForStateSample(
                labels: ["__name__": "ALERTS_FOR_STATE", "alertname": "A", "job": "a"],
                time: Timeline.at(downAt), value: activeAt)
            line.state.restore(0, from: [sample], at: Timeline.at(7200))
            #expect(line.evaluate(7260, [Self.one]).samples.count == 2)
            return line.alerts.first
        }
        let start = Double(Timeline.start)
        // It fired when the process ended: it does again.
        #expect(try restored(activeAt: start, downAt: 3600)?.state == .firing)
        // It waited five minutes of thirty: the outage of 6,900 s does not count.
        let waiting = try restored(activeAt: start, downAt: 300)
        #expect(waiting?.activeAt == Timeline.at(6900))
        // Five minutes were left: it gets ten.
        let nearly = try restored(activeAt: start, downAt: 1500)
        #expect(nearly?.activeAt == Timeline.at(7200 + 600 - 1800))
        // It was over.
        #expect(try restored(activeAt: Absent.value, downAt: 300)?.activeAt == Timeline.at(7200))
    }

    @Test func whatWaitsLittleBeginsAnewAfterARestart() throws {
        let short = Timeline([try Timeline.alert("x > 0", for: 599)], restores: true)
        #expect(short.state.restoration(0, at: Timeline.at(0)) == nil)
        let long = Timeline(
            [
                try Timeline.alert(
                    "x > 0", for: 600,
                    labels: [
                        RuleText(name: "a", text: "b"), RuleText(name: "c", text: "{{ $value }}"),
                    ])
            ], restores: true)
        let restoration = long.state.restoration(0, at: Timeline.at(7200))
        #expect(
            restoration?.matchers == [
                Matcher("__name__", equal: "ALERTS_FOR_STATE"), Matcher("a", equal: "b"),
                Matcher("alertname", equal: "A"),
            ])
        #expect(restoration?.start == Timeline.at(3600))
    }
}
