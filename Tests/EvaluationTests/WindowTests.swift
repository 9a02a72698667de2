import Evaluation
import Planning
import Testing
import TimeSeries

@Suite struct WindowTests {
    private let minute: Int64 = 60_000

    /// What a function gives at some minute over a counter or gauge with a value each minute.
    private func result(
        _ name: String, _ values: [Double?], at time: Int, range: Int64, offset: Int64 = 0
    ) throws -> Double? {
        let input = GridSeries(
            labels: ["__name__": "x_total"], values: values.map { $0 ?? Absent.value })
        let node = try window(name, points: values.count, range: range, offset: offset)
        return try vector(
            node, over: [input], on: TimeGrid(instant: Int64(time) * minute)
        ).first?.values[0]
    }

    @Test func aWindowIsOpenOnTheLeft() throws {
        #expect(try result("count_over_time", [1, 2, 3, 4], at: 3, range: 2 * minute) == 2)
        #expect(try result("count_over_time", [1, 2, 3, 4], at: 3, range: 2 * minute + 1) == 3)
        #expect(try result("sum_over_time", [1, 2, 3, 4], at: 3, range: minute) == 4)
        #expect(try result("sum_over_time", [1, 2, nil, nil], at: 3, range: minute) == nil)
    }

    @Test func anOffsetMovesTheWindow() throws {
        #expect(
            try result("sum_over_time", [1, 2, 4, 8], at: 3, range: 2 * minute, offset: minute)
                == 6)
        #expect(
            try result("sum_over_time", [1, 2, 4, 8], at: 1, range: 2 * minute, offset: -minute)
                == 6)
    }

    @Test func aFixedTimeGivesEachTimeTheSameWindow() throws {
        let node = try window("sum_over_time", points: 4, range: 2 * minute, at: 2 * minute)
        let input = [series(["a": "1"], 1, 2, 4, 8)]
        #expect(
            try vector(node, over: input, on: minutes(3)) == [series(["a": "1"], 6, 6, 6)])
    }

    @Test func aRateIsContinuedToTheWindowsEdges() throws {
        // Samples at 1 to 4 min in (0, 5] min: both edges are a minute away, less than 1.1 of the
        // distance of samples, so all five minutes count.
        let values: [Double?] = [nil, 100, 160, 220, 280, nil]
        #expect(try result("increase", values, at: 5, range: 5 * minute) == 300)
        #expect(try result("rate", values, at: 5, range: 5 * minute) == 1)
        #expect(try result("delta", values, at: 5, range: 5 * minute) == 300)
    }

    @Test func aRateIsContinuedByHalfADistanceWhereTheSeriesEndsInside() throws {
        // Samples at 3 and 4 min in (0, 8] min.
        let values: [Double?] = [nil, nil, nil, 100, 160, nil, nil, nil, nil]
        #expect(try result("increase", values, at: 8, range: 8 * minute) == 120)
    }

    @Test func aCounterIsNotContinuedBelowZero() throws {
        // Going back from 30 at a minute, zero is half a minute away.
        let values: [Double?] = [nil, 30, 90, 150]
        #expect(try result("increase", values, at: 3, range: 3 * minute) == 150)
        #expect(try result("delta", values, at: 3, range: 3 * minute) == 180)
    }

    @Test func aCounterThatFallsHasBegunAnew() throws {
        let values: [Double?] = [0, 100, 10, 30]
        #expect(try result("increase", values, at: 3, range: 3 * minute + 1) != nil)
        #expect(try result("resets", values, at: 3, range: 10 * minute) == 1)
        #expect(try result("changes", values, at: 3, range: 10 * minute) == 3)
        #expect(try result("irate", values, at: 2, range: 10 * minute) == 10.0 / 60)
        #expect(try result("idelta", values, at: 2, range: 10 * minute) == -90)
    }

    @Test(arguments: ["rate", "increase", "delta", "irate", "idelta", "deriv"])
    func oneSampleIsNoChange(_ name: String) throws {
        #expect(try result(name, [1, nil, nil, nil], at: 3, range: 10 * minute) == nil)
    }

    @Test func aSeriesOwnValuesKeepItsName() throws {
        let input = [series(["__name__": "up"], 1, 2)]
        for (name, value) in [("last_over_time", 2.0), ("first_over_time", 1.0)] {
            let node = try window(name, points: 2, range: 10 * minute)
            #expect(
                try vector(node, over: input, on: TimeGrid(instant: minute))
                    == [series(["__name__": "up"], value)])
        }
        let most = try window("max_over_time", points: 2, range: 10 * minute)
        #expect(
            try vector(most, over: input, on: TimeGrid(instant: minute)) == [series([:], 2)])
    }

    @Test func twoMetricsWithoutTheirNamesAreAnErrorAtWhateverTimes() throws {
        let input = [series(["__name__": "a"], 1, nil), series(["__name__": "b"], nil, 2)]
        let node = try window("max_over_time", points: 2, range: 1)
        #expect(throws: EvaluationFailure.duplicateLabels) {
            try vector(node, over: input, on: minutes(2))
        }
    }

    @Test func aRateOfWhatIsNoCounterByItsNameIsRemarkedOn() throws {
        let node = try window("rate", points: 2, range: 10 * minute)
        for (name, isRemarked) in [("queue_length", true), ("x_bucket", false)] {
            let outcome = try evaluated(
                node, over: [[[series(["__name__": name], 1, 2)]]],
                on: TimeGrid(instant: minute))
            #expect(
                outcome.annotations.infos
                    == (isRemarked
                        ? [
                            "PromQL info: metric might not be a counter, name does not end in "
                                + "_total/_sum/_count/_bucket: \"queue_length\""
                        ] : []))
        }
    }

    @Test func factorsOutOfRangeAreAnErrorWhereThereIsSomethingToSmooth() throws {
        let node = try window(
            "double_exponential_smoothing", [.number(0.5), .number(1.5)], points: 2,
            range: 10 * minute)
        let reversed = PlanNode.window(
            try smoothing(node, arguments: [nil, .number(0.5), .number(1.5)]))
        let failure = #expect(throws: EvaluationFailure.self) {
            try vector(reversed, over: [series([:], 1, 2)], on: TimeGrid(instant: minute))
        }
        #expect(
            failure?.description
                == "invalid trend factor. Expected: 0 < tf < 1, got: 1.500000")
        #expect(try vector(reversed, over: [], on: TimeGrid(instant: minute)).isEmpty)
    }

    private func smoothing(_ node: PlanNode, arguments: [PlanNode?]) throws -> WindowNode {
        guard case .window(var window) = node else { throw Unexpected() }
        window.arguments = arguments
        return window
    }

    private struct Unexpected: Error {}

    // MARK: Native histograms

    @Test func countsAndLastValuesTakeHistogramsToo() throws {
        var input = series(["__name__": "h"], count: 3, histogramsAt: [1, 2])
        input.values[0] = 5
        let at = TimeGrid(instant: 2 * minute)
        func result(_ name: String) throws -> GridSeries? {
            try vector(
                window(name, points: 3, range: 10 * minute), over: [input], on: at
            ).first
        }
        #expect(try result("count_over_time") == series([:], 3))
        #expect(try result("present_over_time") == series([:], 1))
        #expect(try result("last_over_time")?.histograms.first?.histogram.sum == 12)
        #expect(try result("first_over_time") == series(["__name__": "h"], 5))
        #expect(try result("ts_of_last_over_time") == series([:], 120))
    }

    @Test func functionsOfFloatsIgnoreHistogramsAndSaySo() throws {
        var input = series(["__name__": "h"], count: 2, histogramsAt: [1])
        input.values[0] = 5
        let outcome = try evaluated(
            window("max_over_time", points: 2, range: 10 * minute), over: [[[input]]],
            on: TimeGrid(instant: minute))
        #expect(try vector(outcome) == [series([:], 5)])
        #expect(
            outcome.annotations.infos == [
                "PromQL info: ignored histograms in a range containing both floats and "
                    + "histograms for metric name \"h\""
            ])
    }

    @Test func aMixGivesAWarningWhereHistogramsWouldBeAdded() throws {
        var input = series(["__name__": "h"], count: 3, histogramsAt: [1, 2])
        let at = TimeGrid(instant: 2 * minute)
        let node = try window("sum_over_time", points: 3, range: 10 * minute)
        #expect(
            try vector(node, over: [input], on: at).first?.histograms.first?.histogram.sum == 23)
        input.values[0] = 5
        let outcome = try evaluated(node, over: [[[input]]], on: at)
        #expect(try vector(outcome).isEmpty)
        #expect(
            outcome.annotations.warnings == [
                "PromQL warning: encountered a mix of histograms and floats for metric name \"h\""
            ])
    }

    @Test(arguments: [
        // A reset between the second and the third, seen by a bucket alone.
        (
            "increase",
            "{{count:9.999999999999998 sum:5.7142857142857135 counter_reset_hint:gauge buckets:[9.999999999999998]}}"
        ),
        (
            "rate",
            "{{count:0.05555555555555555 sum:0.031746031746031744 counter_reset_hint:gauge buckets:[0.05555555555555555]}}"
        ),
        ("irate", "{{count:0.1 sum:0.05 counter_reset_hint:gauge buckets:[0.1]}}"),
        ("delta", "{{count:4.5 sum:3 counter_reset_hint:gauge buckets:[7.5 -3]}}"),
        ("idelta", "{{count:2 sum:1 counter_reset_hint:gauge buckets:[4 -2]}}"),
        ("sum_over_time", "{{count:13 sum:6 buckets:[9 4]}}"),
        ("avg_over_time", "{{count:4.333333333333333 sum:2 buckets:[3 1.3333333333333333]}}"),
        ("changes", "2"), ("resets", "1"),
    ])
    func histogramsInAWindowAreCounters(_ function: String, _ text: String) throws {
        let input = try series(
            ["__name__": "h"],
            [
                "{{count:3 sum:1 buckets:[1 2]}}", "{{count:4 sum:2 buckets:[2 2]}}",
                "{{count:6 sum:3 buckets:[6]}}",
            ])
        let result = try vector(
            window(function, points: 3, range: 3 * minute), over: [input],
            on: TimeGrid(instant: 2 * minute))
        #expect(result.map(\.text) == [text])
    }
}
