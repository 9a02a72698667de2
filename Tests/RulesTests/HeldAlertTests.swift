import Clusters
import Planning
import Rules
import Testing
import TimeSeries

/// Alerts while clusters are missing: none begins or ends because of that alone.
@Suite struct HeldAlertTests {
    private typealias Timeline = RuleTimeline
    private static let eu: Labels = ["cluster": "eu", "job": "a"]
    private static let us: Labels = ["cluster": "us", "job": "a"]

    private static func gone(_ names: String..., since second: Int64 = 60) -> [MissingCluster] {
        names.map { Timeline.cluster($0, since: second) }
    }

    private static func annotation(_ name: String, _ alert: AlertInstance?) -> String? {
        alert?.toldAnnotations.first { $0.name == name }?.text
    }

    // MARK: One cluster's own

    @Test func theAlertOfAMissingClusterIsHeldAndToldAndTheOthersGoOn() throws {
        var line = Timeline([try Timeline.alert("x > 0")])
        line.evaluate(0, [Self.eu, Self.us])
        let missing = Self.gone("eu")
        let outcome = line.evaluate(120, [], missing: missing)
        #expect(line.firing.map(\.origin) == [Self.eu])
        // The other cluster's alert is over, and at once.
        #expect(
            outcome.notifications.filter(\.isResolved).map { $0.labels["cluster"] } == ["us"])
        let told = outcome.notifications.first { !$0.isResolved }
        #expect(told?.endsAt == Timeline.at(120 + 240))
        #expect(
            told?.annotations == [
                RuleText(
                    name: "federation_held",
                    text: "cluster eu unreachable since 2023-11-14T22:14:20Z")
            ])
        line.evaluate(180, [Self.us], missing: missing)
        #expect(line.firing.map(\.origin) == [Self.eu, Self.us])
        #expect(Self.annotation("federation_held", line.firing.last) == nil)
    }

    @Test func anAlertThatIsBackWithItsClusterWasNeverAway() throws {
        var line = Timeline([try Timeline.alert("x > 0")])
        line.evaluate(0, [Self.eu])
        line.evaluate(60, [], missing: Self.gone("eu"))
        line.evaluate(120, [Self.eu])
        #expect(line.firing.map(\.firedAt) == [Timeline.at(0)])
        #expect(Self.annotation("federation_held", line.firing.first) == nil)
        // Its end was not unknown just before, so that once is enough.
        #expect(line.evaluate(180, []).notifications.map(\.isResolved) == [true])
    }

    @Test func anAlertThatIsGoneWhenItsClusterIsBackIsResolvedAtTheSecondView() throws {
        var line = Timeline([try Timeline.alert("x > 0")])
        line.evaluate(0, [Self.eu])
        line.evaluate(60, [], missing: Self.gone("eu"))
        #expect(line.evaluate(120, []).notifications.allSatisfy { !$0.isResolved })
        #expect(line.firing.count == 1)
        #expect(line.evaluate(180, []).notifications.map(\.isResolved) == [true])
    }

    @Test func waitingCountsOnlyTimesThatAreKnown() throws {
        var line = Timeline([try Timeline.alert("x > 0", for: 180)])
        line.evaluate(0, [Self.eu])
        line.evaluate(60, [Self.eu])
        for second in stride(from: Int64(120), through: 600, by: 60) {
            line.evaluate(second, [], missing: Self.gone("eu", since: 90))
            #expect(line.alerts.map(\.state) == [.pending])
        }
        line.evaluate(660, [Self.eu])
        line.evaluate(720, [Self.eu])
        #expect(line.firing.isEmpty)
        // 60 s before and 120 s after.
        line.evaluate(780, [Self.eu])
        #expect(line.firing.count == 1)
    }

    @Test func keepingOnFiringDoesNotGoOnWhileNothingIsKnown() throws {
        var line = Timeline([try Timeline.alert("x > 0", keep: 120)])
        line.evaluate(0, [Self.eu])
        line.evaluate(60, [])
        for second in stride(from: Int64(120), through: 600, by: 60) {
            line.evaluate(second, [], missing: Self.gone("eu", since: 90))
        }
        line.evaluate(660, [])
        #expect(line.firing.count == 1)
        line.evaluate(720, [])
        #expect(line.firing.count == 1)
        line.evaluate(780, [])
        #expect(line.firing.isEmpty)
    }

    // MARK: What missing data alone could make true

    @Test(arguments: ["count(x) < 3", "absent(x)", "a unless on (job) b", "time() - max(x) > 9"])
    func whatMissingDataCouldMakeTrueDoesNotBegin(_ query: String) throws {
        var line = Timeline([try Timeline.alert(query)])
        for second in stride(from: Int64(60), to: 3660, by: 60) {
            #expect(line.evaluate(second, [[:]], missing: Self.gone("eu")).notifications.isEmpty)
        }
        #expect(line.alerts.isEmpty)
        // Missing for an hour, it is given up.
        line.evaluate(3660, [[:]], missing: Self.gone("eu"))
        #expect(line.firing.count == 1)
    }

    @Test func whereNobodyAnswersNothingBeginsEver() throws {
        var line = Timeline([try Timeline.alert("absent(x)")])
        for second in stride(from: Int64(60), to: 7200, by: 600) {
            line.evaluate(second, [[:]], missing: Self.gone("eu", "us"), hasAnswers: false)
        }
        #expect(line.alerts.isEmpty)
    }

    @Test func anAlertThatFiredBeforeIsHeldWhileItsConditionIsUnknown() throws {
        var line = Timeline([try Timeline.alert("count(x) < 3")])
        line.evaluate(0, [[:]])
        line.evaluate(60, [[:]], missing: Self.gone("eu"))
        #expect(line.firing.map { $0.hold?.clusters.map(\.id.name) } == [["eu"]])
        // Nothing answers to the proof either.
        line.evaluate(120, [], missing: Self.gone("eu"))
        #expect(line.firing.count == 1)
        line.evaluate(180, [[:]])
        #expect(line.firing.map(\.hold) == [nil])
    }

    @Test func aProofEndsAnAlertThoughClustersAreMissing() throws {
        var line = Timeline([try Timeline.alert("count(x) < 3")])
        line.evaluate(0, [[:]])
        line.lookups["count(x) >= 3"] = .samples([
            TemplateSample(labels: [:], value: .float(4))
        ])
        #expect(
            line.evaluate(60, [], missing: Self.gone("eu")).notifications.map(\.isResolved) == [
                true
            ])
    }

    @Test func anAbsenceThatIsNoneIsCertain() throws {
        var line = Timeline([try Timeline.alert("absent(x)")])
        line.evaluate(0, [[:]])
        // Somebody has the metric: whatever the others have.
        #expect(
            line.evaluate(60, [], missing: Self.gone("eu")).notifications.map(\.isResolved) == [
                true
            ])
    }

    // MARK: What can only become truer

    @Test func whatMoreDataCannotUndoFiresAsEver() throws {
        var line = Timeline([try Timeline.alert("count(x) > 3", for: 60)])
        line.evaluate(60, [[:]], missing: Self.gone("eu"))
        line.evaluate(120, [[:]], missing: Self.gone("eu"))
        #expect(line.firing.count == 1)
        #expect(line.firing[0].toldAnnotations.isEmpty)
        // But nobody knows whether it is over.
        line.evaluate(180, [], missing: Self.gone("eu"))
        #expect(line.firing.count == 1)
    }

    // MARK: What could be moved either way

    @Test func aRatioFiresAfterTheGraceAndSaysSo() throws {
        var line = Timeline([
            try Timeline.alert("sum(rate(e[5m])) / sum(rate(t[5m])) > 0.05", for: 120)
        ])
        let missing = Self.gone("eu", "us")
        for second in stride(from: Int64(60), to: 480, by: 60) {
            line.evaluate(second, [[:]], missing: missing)
            #expect(line.firing.isEmpty)
        }
        let outcome = line.evaluate(480, [[:]], missing: missing)
        #expect(line.firing.count == 1)
        #expect(
            outcome.notifications.map(\.annotations) == [
                [RuleText(name: "federation_partial", text: "eu, us")]
            ])
        line.evaluate(540, [], missing: missing)
        #expect(line.firing.count == 1)
        line.evaluate(600, [[:]])
        #expect(line.firing[0].toldAnnotations.isEmpty)
    }

    @Test func oneOfTwentyClustersGoneForADayDoesNotSilenceTheOthers() throws {
        var line = Timeline([try Timeline.alert("avg(errors) > 0.05", for: 300)])
        let day: Int64 = 86_400
        for second in stride(from: Int64(0), to: day, by: 3600) {
            line.evaluate(second, [], missing: Self.gone("eu", since: 0))
        }
        for second in stride(from: day, through: day + 300, by: 60) {
            line.evaluate(second, [[:]], missing: Self.gone("eu", since: 0))
        }
        // Given up long ago, the cluster does not even cost the grace.
        #expect(line.firing.count == 1)
    }

    @Test func completeViewsFireWithoutTheGrace() throws {
        var line = Timeline([try Timeline.alert("avg(x) > 1", for: 120)])
        line.evaluate(0, [[:]])
        line.evaluate(60, [[:]], missing: Self.gone("eu"))
        line.evaluate(120, [[:]])
        #expect(line.firing.count == 1)
    }

    // MARK: Policies

    @Test func abortingFailsAndStillTells() throws {
        var line = Timeline(
            [try Timeline.alert("x > 0")], policy: RulePolicy(onPartial: .abort))
        line.evaluate(0, [Self.us])
        let outcome = line.evaluate(120, [], missing: Self.gone("eu"))
        #expect(outcome.failure == "the answer lacks clusters: eu")
        #expect(outcome.notifications.map(\.isResolved) == [false])
        #expect(line.firing.count == 1)
    }

    @Test func bestEffortTakesTheAnswerAsItIs() throws {
        var line = Timeline(
            [try Timeline.alert("count(x) < 3")], policy: RulePolicy(onPartial: .bestEffort))
        line.evaluate(60, [[:]], missing: Self.gone("eu"))
        #expect(line.firing.count == 1)
        #expect(Self.annotation("federation_partial", line.firing.first) == "eu")
        #expect(
            line.evaluate(120, [], missing: Self.gone("eu")).notifications.map(\.isResolved) == [
                true
            ])
    }

    @Test func afterTheHoldAnAlertStaysOrGoesAsItIsSaid() throws {
        for afterHold in RulePolicy.AfterHold.allCases {
            var line = Timeline(
                [try Timeline.alert("x > 0")],
                policy: RulePolicy(maxHold: 600_000, afterHold: afterHold))
            line.evaluate(0, [Self.eu])
            for second in stride(from: Int64(60), to: 660, by: 60) {
                line.evaluate(second, [], missing: Self.gone("eu"))
                #expect(line.firing.count == 1)
            }
            for second in stride(from: Int64(660), to: 900, by: 60) {
                line.evaluate(second, [], missing: Self.gone("eu"))
            }
            #expect(line.firing.count == (afterHold == .keep ? 1 : 0))
        }
    }

    @Test func onlyTheClustersOfThePolicyHold() throws {
        var line = Timeline(
            [try Timeline.alert("count(x) < 3")], policy: RulePolicy(clusters: ["us"]))
        line.evaluate(60, [[:]], missing: Self.gone("eu"))
        #expect(line.firing.count == 1)
        var other = Timeline(
            [try Timeline.alert("count(x) < 3")], policy: RulePolicy(clusters: ["us"]))
        other.evaluate(60, [[:]], missing: Self.gone("us"))
        #expect(other.alerts.isEmpty)
    }

    // MARK: Recorded series

    @Test func anAlertOverARecordedSeriesKnowsWhatItsSeriesLacks() throws {
        var line = Timeline([
            try Timeline.record("job:up:count", "count by (job) (up)"),
            try Timeline.alert("job:up:count < 3"),
        ])
        let job: Labels = ["job": "a"]
        let missing = Self.gone("eu")
        let recorded = line.evaluate(
            60, Timeline.answer([job], missing: missing), rule: 0)
        #expect(recorded.samples.map(\.isPartial) == [true])
        // The gateway has the recorded series itself: nobody is missing who was asked.
        line.evaluate(60, Timeline.answer([job]), rule: 1)
        #expect(line.state.rules[1].alerts.isEmpty)
        line.evaluate(120, Timeline.answer([job]), rule: 0)
        line.evaluate(120, Timeline.answer([job]), rule: 1)
        #expect(line.state.rules[1].state == .firing)
        line.evaluate(180, Timeline.answer([], missing: missing), rule: 0)
        line.evaluate(180, Timeline.answer([]), rule: 1)
        #expect(line.state.rules[1].state == .firing)
    }

    @Test func alertsThatWereKeptElsewhereAreTakenOn() throws {
        var line = Timeline([try Timeline.alert("x > 0")], restores: true)
        var kept = AlertInstance(
            labels: ["alertname": "A", "cluster": "eu", "job": "a"], origin: Self.eu,
            annotations: [], value: .float(1), activeAt: Timeline.at(0))
        kept.state = .firing
        kept.firedAt = Timeline.at(0)
        var snapshot = GroupSnapshot()
        snapshot.rules[.init(name: "A")] = RuleSnapshot(verdicts: [
            kept.labels: AlertVerdict(
                alert: kept, evidence: AlertEvidence(certainAt: nil, evaluatedAt: Timeline.at(0)))
        ])
        line.state.restore(snapshot, at: Timeline.at(60))
        line.evaluate(60, [], missing: Self.gone("eu"))
        #expect(line.firing.map(\.firedAt) == [Timeline.at(0)])
    }
}
