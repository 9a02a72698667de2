import Caching
import Planning
import PromQL
import Testing
import TimeSeries

@Suite struct RangeLookupTests {
    /// Settled are data older than two minutes.
    private static let freshness: Int64 = 120_000
    private static let step: Int64 = 15_000
    private static let start: Int64 = 1_700_000_000_000

    private func reach(_ query: String) throws -> DataReach {
        let times = QueryTimes(start: 0, end: 0, step: 15_000, defaultSubqueryStep: 60_000)
        return DataReach(of: try parse(query).resolved(in: times), lookback: 300_000)
    }

    private func window(endingAt now: Int64, hours: Int64 = 6, step: Int64 = step) -> TimeGrid {
        let end = now - now % step
        return TimeGrid(start: end - hours * 3_600_000, end: end, step: step)
    }

    @Test func whereNothingIsKnownTheWholeGridIsAsked() throws {
        var server = CachedServer(answer: RangeAnswer.distinct)
        server.reach = try reach("x")
        let grid = window(endingAt: Self.start)
        let round = server.ask(grid, settledUntil: Self.start - Self.freshness)
        #expect(round.pieces == [grid])
        #expect(round.cachedSteps == 0)
        #expect(round.answer == RangeAnswer.distinct(grid))
    }

    @Test func longGridsAreAskedInPiecesThatServersAccept() throws {
        var server = CachedServer(answer: RangeAnswer.distinct)
        server.reach = try reach("x")
        let grid = TimeGrid(start: 7, end: 7 + 24_999 * 1000, step: 1000)
        let round = server.ask(grid, settledUntil: .max)
        #expect(round.pieces.map(\.count) == [11_000, 11_000, 3_000])
        #expect(round.answer == RangeAnswer.distinct(grid))
        let again = server.ask(grid, settledUntil: .max)
        #expect(again.pieces.isEmpty)
        #expect(again.answer == RangeAnswer.distinct(grid))
    }

    @Test func aSlidingWindowAsksForItsTailAlone() throws {
        var server = CachedServer(answer: RangeAnswer.distinct)
        server.reach = try reach("x")
        var cached = 0
        var asked = 0
        var writes = 0
        for refresh in 0..<400 {
            let now = Self.start + Int64(refresh) * Self.step
            let grid = window(endingAt: now)
            let round = server.ask(grid, settledUntil: now - Self.freshness)
            #expect(round.answer == RangeAnswer.distinct(grid))
            #expect(round.pieces.count == 1)
            if refresh == 0 { continue }
            cached += round.cachedSteps
            asked += round.askedSteps
            writes += round.updates.count
        }
        #expect(Double(cached) >= 0.985 * Double(cached + asked))
        // One write for each eight steps, and a few where a block begins.
        #expect(writes <= 400 / 8 + 8, "\(writes) writes")
    }

    @Test func whatIsNotSettledIsAskedAnew() throws {
        var version = 0.0
        var server = CachedServer { grid in .of(grid) { _, _ in version } }
        server.reach = try reach("x")
        let grid = window(endingAt: Self.start)
        let settledUntil = Self.start - Self.freshness
        _ = server.ask(grid, settledUntil: settledUntil)
        version = 1
        server.answer = { grid in .of(grid) { _, _ in version } }
        let round = server.ask(grid, settledUntil: settledUntil)
        let settled = (0..<grid.count).filter { grid.time(at: $0) <= settledUntil }.count
        for series in round.answer.series {
            #expect(series.values == (0..<grid.count).map { $0 < settled ? 0 : 1 })
        }
    }

    @Test(arguments: ["x offset -10m", "x @ 1700003600", "x + x @ 1700003600"])
    func dataAheadOfTheTimesAskedForCounts(_ query: String) throws {
        var server = CachedServer(answer: RangeAnswer.distinct)
        server.reach = try reach(query)
        let grid = TimeGrid(
            start: Self.start - 3_600_000, end: Self.start, step: Self.step)
        _ = server.ask(grid, settledUntil: Self.start)
        let round = server.ask(grid, settledUntil: Self.start)
        #expect(round.cachedSteps == (query == "x offset -10m" ? 201 : 0))
    }

    @Test func aCoarserStepIsServedFromAFinerOneOfTheSamePhase() throws {
        var server = CachedServer(answer: RangeAnswer.distinct)
        server.reach = try reach("x")
        _ = server.ask(window(endingAt: Self.start), settledUntil: Self.start)
        let grid = window(endingAt: Self.start, hours: 5, step: 60_000)
        let round = server.ask(grid, settledUntil: Self.start)
        #expect(round.pieces.isEmpty)
        #expect(round.answer == RangeAnswer.distinct(grid))
        let shifted = TimeGrid(start: grid.start + 1, end: grid.end, step: 60_000)
        let other = server.ask(shifted, settledUntil: Self.start)
        #expect(other.cachedSteps == 0)
        #expect(other.answer == RangeAnswer.distinct(shifted))
    }

    @Test func whatWasServedFromFinerStepsIsKeptAsOwn() throws {
        var server = CachedServer(answer: RangeAnswer.distinct)
        server.reach = try reach("x")
        _ = server.ask(window(endingAt: Self.start), settledUntil: Self.start)
        let fine = Set(server.store.keys)
        let grid = window(endingAt: Self.start, hours: 5, step: 60_000)
        _ = server.ask(grid, settledUntil: Self.start)
        server.store = server.store.filter { !fine.contains($0.key) }
        let round = server.ask(grid, settledUntil: Self.start)
        #expect(round.pieces.isEmpty)
        #expect(round.answer == RangeAnswer.distinct(grid))
    }

    @Test func nothingIsRememberedToo() throws {
        var server = CachedServer { _ in RangeAnswer() }
        server.reach = try reach("x")
        let grid = window(endingAt: Self.start)
        _ = server.ask(grid, settledUntil: Self.start)
        let round = server.ask(grid, settledUntil: Self.start)
        #expect(round.pieces.isEmpty)
        #expect(round.answer == RangeAnswer())
    }

    @Test func blocksThatRetentionReachesAreAskedAnewWhenItMoves() throws {
        var server = CachedServer(answer: RangeAnswer.distinct)
        server.reach = try reach("x")
        let grid = window(endingAt: Self.start)
        server.dataStart = grid.start - 3_600_000
        _ = server.ask(grid, settledUntil: Self.start)
        server.dataStart = grid.start + 60_000
        let round = server.ask(grid, settledUntil: Self.start)
        #expect(round.pieces.count == 1)
        #expect(round.pieces.first?.start == grid.start)
        #expect(round.askedSteps <= 2 * 256)
        #expect(server.ask(grid, settledUntil: Self.start).pieces.isEmpty)
    }

    @Test func smallGapsAreAskedAlong() throws {
        var server = CachedServer(answer: RangeAnswer.distinct)
        server.reach = try reach("x")
        func grid(_ first: Int64, _ last: Int64) -> TimeGrid {
            TimeGrid(start: first * 1000, end: last * 1000, step: 1000)
        }
        _ = server.ask(grid(10, 20), settledUntil: .max)
        _ = server.ask(grid(100, 200), settledUntil: .max)
        let round = server.ask(grid(0, 250), settledUntil: .max)
        #expect(round.pieces == [grid(0, 99), grid(201, 250)])
        #expect(round.answer == RangeAnswer.distinct(grid(0, 250)))
    }

    // MARK: Remarks

    /// Remarks on one time, and on all.
    private func remarking(at times: ClosedRange<Int64>) -> (TimeGrid) -> RangeAnswer {
        { grid in
            var answer = RangeAnswer.distinct(grid)
            let count = (0..<grid.count).count { times.contains(grid.time(at: $0)) }
            if count > 0 { answer.infos = ["PromQL info: something (1:1)"] }
            return answer
        }
    }

    @Test func remarksAreThoseOfTheTimesAskedFor() throws {
        let odd = Self.start - 3_600_000
        let answer = remarking(at: odd...odd)
        var server = CachedServer(answer: answer)
        server.reach = try reach("x")
        _ = server.ask(window(endingAt: Self.start), settledUntil: Self.start)
        for refresh in 0..<300 {
            let now = Self.start + Int64(refresh) * Self.step
            let grid = window(endingAt: now, hours: 1)
            let round = server.ask(grid, settledUntil: now - Self.freshness)
            #expect(round.answer == answer(grid), "refresh \(refresh)")
        }
    }

    @Test func aSlidingWindowWithRemarksAsksForFewStepsAnew() throws {
        let answer = remarking(at: 0...Int64.max)
        var server = CachedServer(answer: answer)
        server.reach = try reach("x")
        var asked = 0
        let refreshes = 1000
        for refresh in 0...refreshes {
            let now = Self.start + Int64(refresh) * Self.step
            let grid = window(endingAt: now)
            let round = server.ask(grid, settledUntil: now - Self.freshness)
            #expect(round.answer == answer(grid))
            #expect(round.pieces.count <= 4)
            // Twice, until it is known that there are remarks.
            if refresh > 1 { asked += round.askedSteps }
        }
        // Of 1441 steps: about 13 at the end, and at the front half of a binary logarithm.
        #expect(asked / refreshes < 40, "\(asked / refreshes) steps a refresh")
    }

    @Test func anAnswerWithWarningsOfTheServerIsNotKept() throws {
        var server = CachedServer { grid in
            var answer = RangeAnswer.distinct(grid)
            answer.warnings = ["remote read: connection refused"]
            return answer
        }
        server.reach = try reach("x")
        let grid = window(endingAt: Self.start)
        let round = server.ask(grid, settledUntil: Self.start)
        #expect(round.answer.warnings == ["remote read: connection refused"])
        #expect(server.ask(grid, settledUntil: Self.start).cachedSteps == 0)
    }

    @Test func samplesThatARemarkCountsAreAddedUp() throws {
        func text(_ count: Int, _ least: String, _ difference: String, _ start: String)
            -> String
        {
            "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see u), "
                + "from buckets \(least) to +Inf, with a max diff of \(difference), over \(count) "
                + "samples from 2023-11-14T2\(start)Z to 2023-11-14T22:13:20Z (1:20)"
        }
        var pieces = 0
        var server = CachedServer { grid in
            var answer = RangeAnswer.distinct(grid)
            pieces += 1
            answer.infos = [
                pieces == 1
                    ? text(3, "0.25", "1e-05", "0:00:00") : text(4, "0.1", "0.5", "1:00:00")
            ]
            return answer
        }
        server.reach = try reach("x")
        let grid = TimeGrid(start: 0, end: 299_000, step: 1000)
        _ = server.ask(
            TimeGrid(start: 0, end: 99_000, step: 1000), settledUntil: .max)
        let round = server.ask(grid, settledUntil: .max)
        #expect(round.askedSteps == 200)
        #expect(round.answer.infos == [text(7, "0.1", "0.5", "0:00:00")])
    }
}
