import Clusters
import Rules
import TestSupport
import Testing
import TimeSeries

@Suite struct GroupSnapshotTests {
    private typealias Timeline = RuleTimeline

    // MARK: Merging

    @Test(arguments: 0..<100)
    func mergingIsCommutativeAssociativeAndIdempotent(_ seed: Int) {
        var maker = SnapshotMaker(SeededGenerator(seed: UInt64(5000 + seed)))
        let (a, b, c) = (maker.snapshot(), maker.snapshot(), maker.snapshot())
        #expect(a.merged(with: a).bytes == a.bytes)
        #expect(a.merged(with: b).bytes == b.merged(with: a).bytes)
        #expect(
            a.merged(with: b).merged(with: c).bytes == a.merged(with: b.merged(with: c)).bytes)
        #expect(a.merged(with: b).merged(with: b).bytes == a.merged(with: b).bytes)
    }

    @Test func aCertainVerdictNeverLosesToALaterGuess() throws {
        var certain = Timeline([try Timeline.alert("x > 0")])
        certain.evaluate(0, [["cluster": "eu"]])
        var held = certain
        certain.evaluate(60, [])
        for second in stride(from: Int64(60), through: 600, by: 60) {
            held.evaluate(second, [], missing: [Timeline.cluster("eu", since: 30)])
        }
        let merged = held.state.snapshot().merged(with: certain.state.snapshot())
        held.state.adopt(merged, through: Timeline.at(600))
        #expect(held.firing.isEmpty)
        // It is told, with the time at which the other saw it end.
        let outcome = held.evaluate(660, [], missing: [Timeline.cluster("eu", since: 30)])
        #expect(outcome.notifications.map(\.endsAt) == [Timeline.at(60)])
    }

    @Test func whatIsKnownForCertainTooIsNotGivenUpForAnothersView() throws {
        var mine = Timeline([try Timeline.alert("x > 0")])
        var theirs = mine
        mine.evaluate(0, [["cluster": "eu"]])
        theirs.evaluate(0, [])
        mine.state.adopt(theirs.state.snapshot(), through: Timeline.at(0))
        #expect(mine.firing.count == 1)
    }

    @Test func whatAnotherJudgedInTheSameEvaluationIsNotJudgedAgain() throws {
        var theirs = Timeline([try Timeline.alert("x > 0")])
        theirs.evaluate(0, [["cluster": "eu"]])
        theirs.evaluate(60, [], missing: [Timeline.cluster("eu", since: 30)])
        var mine = theirs
        theirs.evaluate(120, [])
        mine.state.adopt(theirs.state.snapshot(), through: Timeline.at(119))
        #expect(mine.firing.first?.certainAt == Timeline.at(0))
        mine.state.adopt(theirs.state.snapshot(), through: Timeline.at(120))
        // Seen once by each, but at one time: it is not over yet.
        mine.evaluate(120, [])
        #expect(mine.firing.count == 1)
        mine.evaluate(180, [])
        #expect(mine.firing.isEmpty)
        // And what the other saw end does not begin in the same evaluation.
        var late = Timeline([try Timeline.alert("x > 0")])
        late.state.adopt(mine.state.snapshot(), through: Timeline.at(180))
        late.evaluate(180, [["cluster": "eu"]])
        #expect(late.alerts.isEmpty)
        late.evaluate(240, [["cluster": "eu"]])
        #expect(late.firing.count == 1)
    }

    @Test func whatIsOldIsLeftOutAndWhatIsFarAheadToo() throws {
        var line = Timeline([try Timeline.alert("x > 0")])
        line.evaluate(0, [["cluster": "eu"]], missing: [Timeline.cluster("us", since: -5)])
        let snapshot = line.state.snapshot()
        #expect(snapshot.pruned(at: Timeline.at(900)) == snapshot)
        #expect(snapshot.pruned(at: Timeline.at(901)).absences.isEmpty)
        #expect(snapshot.pruned(at: Timeline.at(901)).rules == snapshot.rules)
        #expect(snapshot.pruned(at: Timeline.at(604_801)).rules.isEmpty)
        let behind = snapshot.pruned(at: Timeline.at(-901))
        #expect(behind.rules.values.allSatisfy { $0.verdicts.isEmpty })
    }

    // MARK: Restarts

    @Test func aRestoredAlertGoesOnAndIsToldAtOnce() throws {
        let rule = try Timeline.alert("x > 0", for: 120, keep: 300)
        var before = Timeline([rule])
        for second in [0, 60, 120] as [Int64] { before.evaluate(second, [["cluster": "eu"]]) }
        before.evaluate(180, [])
        var after = Timeline([rule], restores: true)
        after.state.restore(
            try GroupSnapshot(bytes: before.state.snapshot().bytes), at: Timeline.at(240))
        let outcome = after.evaluate(240, [])
        #expect(after.firing.map(\.activeAt) == [Timeline.at(0)])
        #expect(after.firing.map(\.firedAt) == [Timeline.at(120)])
        #expect(after.firing.map(\.keepFiringSince) == [Timeline.at(180)])
        #expect(outcome.notifications.map(\.startsAt) == [Timeline.at(120)])
        // Its series are written from the first evaluation on.
        #expect(outcome.samples.count == 2)
        for second in [300, 360, 420] as [Int64] { after.evaluate(second, []) }
        #expect(after.firing.count == 1)
        #expect(after.evaluate(480, []).notifications.map(\.isResolved) == [true])
    }

    @Test func theTimeOfAnOutageDoesNotCountAsWaiting() throws {
        let rule = try Timeline.alert("x > 0", for: 300)
        var before = Timeline([rule])
        for second in [0, 60, 120] as [Int64] { before.evaluate(second, [["cluster": "eu"]]) }
        let kept = before.state.snapshot()
        var after = Timeline([rule], restores: true)
        after.state.restore(kept, at: Timeline.at(1800))
        for second in [1800, 1860, 1920] as [Int64] { after.evaluate(second, [["cluster": "eu"]]) }
        #expect(after.firing.isEmpty)
        after.evaluate(1980, [["cluster": "eu"]])
        #expect(after.firing.count == 1)
        var late = Timeline([rule], restores: true)
        late.state.restore(kept, at: Timeline.at(3780))
        #expect(late.alerts.isEmpty)
    }

    @Test func anEndThatMustBeSeenTwiceIsSeenTwiceAfterARestartToo() throws {
        let rule = try Timeline.alert("x > 0")
        var before = Timeline([rule])
        before.evaluate(0, [["cluster": "eu"]])
        before.evaluate(60, [], missing: [Timeline.cluster("eu", since: 30)])
        var after = Timeline([rule], restores: true)
        after.state.restore(
            try GroupSnapshot(bytes: before.state.snapshot().bytes), at: Timeline.at(120))
        #expect(after.firing.first?.hold?.since == Timeline.at(60))
        after.evaluate(120, [])
        #expect(after.firing.count == 1)
        after.evaluate(180, [])
        #expect(after.firing.isEmpty)
    }

    @Test func rulesAreKnownByNameLabelsAndNumber() throws {
        let severe = RuleText(name: "severity", text: "page")
        let rules = [
            try Timeline.alert("x > 0"), try Timeline.alert("x > 1"),
            try Timeline.alert("x > 0", labels: [severe]),
        ]
        var before = Timeline(rules)
        before.evaluate(0, Timeline.answer([["cluster": "eu"]]), rule: 0)
        before.evaluate(0, Timeline.answer([["cluster": "us"]]), rule: 1)
        before.evaluate(0, Timeline.answer([["cluster": "us"]]), rule: 2)
        let kept = before.state.snapshot()
        // The second has gone, another has come, and the third waits longer now.
        var after = Timeline(
            [
                try Timeline.alert("y > 0", labels: [RuleText(name: "severity", text: "low")]),
                try Timeline.alert("x > 0", for: 3600, labels: [severe]),
                try Timeline.alert("x > 0"),
            ], restores: true)
        after.state.restore(kept, at: Timeline.at(60))
        #expect(after.state.rules[0].alerts.isEmpty)
        #expect(after.state.rules[1].activeAlerts.map(\.origin) == [["cluster": "us"]])
        #expect(after.state.rules[2].activeAlerts.map(\.origin) == [["cluster": "eu"]])
        let allRestored = after.state.rules.allSatisfy(\.isRestored)
        #expect(allRestored)
    }

    @Test func sinceWhenClustersAreMissingIsKept() throws {
        var line = Timeline([try Timeline.alert("x > 0")])
        line.evaluate(60, [], missing: [Timeline.cluster("eu", since: 30)])
        var other = Timeline([try Timeline.alert("x > 0")])
        other.evaluate(60, [], missing: [Timeline.cluster("eu", since: 50)])
        let merged = line.state.snapshot().merged(with: other.state.snapshot())
        let absence = try GroupSnapshot(bytes: merged.bytes).absences[ClusterID("eu")]
        #expect(absence?.since == Timeline.at(50))
        #expect(absence?.lastMissingAt == Timeline.at(60))
        #expect(absence?.externalLabels == ["cluster": "eu"])
    }

    // MARK: Bytes

    @Test(arguments: 0..<100)
    func aSnapshotIsReadAsItWasWritten(_ seed: Int) throws {
        var maker = SnapshotMaker(SeededGenerator(seed: UInt64(6000 + seed)))
        let snapshot = maker.snapshot()
        let read = try GroupSnapshot(bytes: snapshot.bytes)
        #expect(read == snapshot)
        #expect(read.bytes == snapshot.bytes)
    }

    @Test(arguments: 0..<40)
    func damagedBytesFailOrAreReadAndNeverTrap(_ seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(7000 + seed))
        var maker = SnapshotMaker(random)
        let bytes = maker.snapshot().bytes
        for count in bytes.indices {
            #expect(throws: SnapshotFailure.self) {
                try GroupSnapshot(bytes: Array(bytes[..<count]))
            }
        }
        #expect(throws: SnapshotFailure.malformed) { try GroupSnapshot(bytes: bytes + [0]) }
        #expect(throws: SnapshotFailure.version(9)) { try GroupSnapshot(bytes: [9]) }
        var line = Timeline([try Timeline.alert("x > 0")])
        for _ in 0..<200 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: damaged.indices, using: &random)
                damaged[place] = UInt8.random(in: 0...255, using: &random)
            }
            guard let read = try? GroupSnapshot(bytes: damaged) else { continue }
            // What is read is a snapshot like any other.
            #expect(throws: Never.self) { try GroupSnapshot(bytes: read.bytes) }
            line.state.restore(read, at: Timeline.at(0))
            line.state.adopt(read.pruned(at: Timeline.at(0)), through: .max)
        }
    }
}
