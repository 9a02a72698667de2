import Planning
import PromQL
import Testing

/// Times in these tests are seconds; the lookback is 300 s.
@Suite struct DataReachTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var query: String
        /// Relative to the evaluation time.
        var moving: ClosedRange<Int64>?
        var fixed: ClosedRange<Int64>?

        init(
            _ query: String, _ moving: ClosedRange<Int64>?, fixed: ClosedRange<Int64>? = nil
        ) {
            self.query = query
            self.moving = moving
            self.fixed = fixed
        }

        var testDescription: String { query }
    }

    static let rows = [
        Row("x", -300...0),
        Row("x offset 1m", -360...(-60)),
        Row("x offset -10m", 300...600),
        Row("x @ 1000", nil, fixed: 700...1000),
        Row("x @ 1000 offset 1m", nil, fixed: 640...940),
        Row("rate(x[5m])", -300...0),
        Row("rate(x[10m] offset 1m)", -660...(-60)),
        Row("rate(x[5m] @ 1000)", nil, fixed: 700...1000),
        Row("increase(x[5m] anchored)", -600...0),
        Row("increase(x[5m] smoothed)", -600...300),
        Row("x smoothed", -300...300),
        Row("x anchored", -300...0),
        Row("max_over_time(x[1h:1m])", -3900...0),
        Row("max_over_time(rate(x[5m])[1h:1m] offset 10m)", -4500...(-600)),
        Row("max_over_time((x offset -20m)[10m:1m])", 300...1200),
        Row("max_over_time((x @ 1000)[10m:1m])", nil, fixed: 700...1000),
        Row("max_over_time(x[10m:1m] @ 5000)", nil, fixed: 4100...5000),
        Row(
            "max_over_time(max_over_time(x[1m:10s] offset 1m)[2m:10s] @ 9000)", nil,
            fixed: 8460...8940),
        Row("x + y offset 1h", -3900...0),
        Row("sum by (a) (x offset -1m) / on (a) (y @ 50)", -240...60, fixed: -250...50),
        Row("topk(scalar(sum(k offset 1d)), x)", -86700...0),
        Row("-(x)", -300...0),
        Row("vector(time())", nil),
        Row("absent_over_time(x[7m])", -420...0),
        Row("predict_linear(x[1h], 3600)", -3600...0),
    ]

    private func reach(_ query: String) throws -> DataReach {
        let options = ParseOptions(experimentalFunctions: true, extendedRangeSelectors: true)
        let times = QueryTimes(
            start: 2_000_000, end: 3_000_000, step: 1000, defaultSubqueryStep: 60_000)
        let expression = try parse(query, options: options).resolved(in: times)
        return DataReach(of: expression, lookback: 300_000)
    }

    @Test(arguments: rows)
    func aQueryLooksAtItsWindows(_ row: Row) throws {
        func milliseconds(_ range: ClosedRange<Int64>) -> ClosedRange<Int64> {
            range.lowerBound * 1000...range.upperBound * 1000
        }
        let reach = try reach(row.query)
        #expect(reach.moving == row.moving.map(milliseconds))
        #expect(reach.fixed == row.fixed.map(milliseconds))
        #expect(reach.isTimeLocal)
    }

    @Test(arguments: ["sort(x)", "info(x offset 5m)", "sum(info(rate(x[5m] @ 1000)))"])
    func whatDependsOnAllTimesOfTheQueryIsNeverSettled(_ query: String) throws {
        let reach = try reach(query)
        #expect(!reach.isTimeLocal)
        #expect(!reach.isSettled(at: 0, until: .max - 1))
        #expect(reach.earliest(at: 0) == .min)
    }

    @Test func infoSeriesAreLookedAtWhenTheQueryIs() throws {
        let reach = try reach("info(rate(x[1m]))")
        #expect(reach.moving == -300_000...0)
        #expect(reach.isTimeLocal)
    }

    @Test func theLatestDataIsThatOfTheFixedTimeWhereThatIsLater() throws {
        let reach = try reach("x + y @ 5000")
        #expect(reach.latest(at: 1_000_000) == 5_000_000)
        #expect(reach.latest(at: 6_000_000) == 6_000_000)
        #expect(reach.earliest(at: 1_000_000) == 700_000)
        #expect(reach.earliest(at: 6_000_000) == 4_700_000)
        #expect(!reach.isSettled(at: 1_000_000, until: 4_999_999))
        #expect(reach.isSettled(at: 1_000_000, until: 5_000_000))
    }

    @Test func whatLooksAtNothingIsAlwaysSettled() throws {
        let reach = try reach("vector(1)")
        #expect(reach.isSettled(at: .max, until: .min))
        #expect(reach.earliest(at: 0) == nil)
    }

    @Test func farTimesDoNotOverflow() throws {
        let reach = try reach("x offset -100y")
        #expect(reach.latest(at: .max - 5) == .max)
        #expect(try self.reach("x offset 200y").earliest(at: .min + 5) == .min)
    }
}
