import Evaluation
import Planning
import Testing
import TimeSeries

@Suite struct FunctionTests {
    private func result(_ node: PlanNode, _ value: Double = 0) throws -> Double? {
        try vector(node, over: [series(["__name__": "x"], value)]).first?.values[0]
    }

    @Test(
        arguments: [
            ("abs", -3.5, 3.5), ("ceil", 1.2, 2), ("floor", -1.2, -2), ("sgn", -7, -1),
            ("sqrt", 9, 3),
            ("deg", .pi, 180), ("rad", 180, .pi), ("exp", 0, 1), ("ln", 1, 0), ("log2", 8, 3),
            ("log10", 1000, 3), ("round", 2.5, 3), ("round", -2.5, -2),
        ] as [(String, Double, Double)])
    func functionsOfANumber(_ name: String, _ value: Double, _ expected: Double) throws {
        #expect(try result(call(name, .fragment(0)), value) == expected)
    }

    @Test func boundsClampAndTheWrongWayRoundTheyLeaveNothing() throws {
        func clamped(_ value: Double, _ low: Double, _ high: Double) throws -> Double? {
            try result(call("clamp", .fragment(0), .number(low), .number(high)), value)
        }
        #expect(try clamped(5, 0, 3) == 3)
        #expect(try clamped(-5, 0, 3) == 0)
        #expect(try clamped(2, 0, 3) == 2)
        #expect(try clamped(2, 3, 0) == nil)
        #expect(try clamped(.nan, 0, 3)?.isNaN == true)
        #expect(try clamped(2, .nan, 3)?.isNaN == true)
        #expect(try result(call("clamp_max", .fragment(0), .number(3)), 5) == 3)
        #expect(try result(call("clamp_min", .fragment(0), .number(3)), 1) == 3)
    }

    @Test func numbersAreRoundedToMultiples() throws {
        #expect(try result(call("round", .fragment(0), .number(0.1)), 5.25) == 5.3)
        #expect(try result(call("round", .fragment(0), .number(5)), 12.4) == 10)
    }

    @Test(
        arguments: [
            // 29 February 2016, 04:05:06, a Monday.
            ("day_of_month", 1_456_718_706, 29), ("day_of_week", 1_456_718_706, 1),
            ("day_of_year", 1_456_718_706, 60), ("days_in_month", 1_456_718_706, 29),
            ("hour", 1_456_718_706, 4), ("minute", 1_456_718_706, 5), ("month", 1_456_718_706, 2),
            ("year", 1_456_718_706, 2016), ("year", -1, 1969), ("hour", -1, 23),
            ("day_of_week", -86_400, 3), ("days_in_month", 951_782_400, 29),
            // What is no time is the one that Go makes of it.
            ("year", .nan, 292_277_026_596), ("month", .infinity, 12), ("day_of_month", 1e300, 4),
            ("hour", .nan, 15), ("minute", .nan, 30),
        ] as [(String, Double, Double)])
    func calendarsAreInUTC(_ name: String, _ time: Double, _ expected: Double) throws {
        #expect(try result(call(name, .fragment(0)), time) == expected)
    }

    @Test func withoutArgumentACalendarIsAboutTheEvaluationTime() throws {
        let minutesOfHour = try vector(try call("minute"), on: minutes(3))
        #expect(minutesOfHour == [series([:], 0, 1, 2)])
    }

    @Test func theTimeOfAComputedValueIsTheEvaluationTime() throws {
        let input = [series(["__name__": "x", "a": "1"], 5, nil)]
        #expect(
            try vector(call("timestamp", .fragment(0)), over: input, on: minutes(2))
                == [series(["a": "1"], 0, nil)])
        #expect(
            try vector(call("start_timestamp", .fragment(0)), over: input, on: minutes(2))
                .isEmpty)
    }

    @Test func scalarsAreTheOnlyValueOfAVector() throws {
        let input = [
            series(["a": "1"], 5, 6, nil), series(["a": "2"], nil, 7, nil),
            series(["a": "3"], count: 3, histogramsAt: [0, 1, 2]),
        ]
        guard
            case .scalar(let values, _) = try evaluated(
                call("scalar", .fragment(0)), over: [[input]], on: minutes(3)
            ).value
        else {
            Issue.record("no scalar")
            return
        }
        #expect(values[0] == 5 && values[1].isNaN && values[2].isNaN)
        #expect(
            try vector(call("vector", .time), on: minutes(2)) == [series([:], 0, 60)])
    }

    @Test func scalarsAreComparedAsGoDoes() throws {
        func value(_ name: String, _ left: Double, _ right: Double) throws -> Double {
            guard
                case .scalar(let values, _) = try evaluated(
                    call(name, .number(left), .number(right)), over: []
                ).value
            else { return .nan }
            return values[0]
        }
        #expect(try value("max_of", 1, 2) == 2)
        #expect(try value("min_of", 1, 2) == 1)
        #expect(try value("max_of", .nan, 2).isNaN)
        #expect(try value("max_of", .nan, .infinity) == .infinity)
        #expect(try value("min_of", 0, -0.0).sign == .minus)
    }

    // MARK: Labels

    private func replaced(
        _ labels: Labels, _ destination: String, _ replacement: String, _ source: String,
        _ pattern: String
    ) throws -> Labels? {
        try vector(
            call(
                "label_replace", .fragment(0), .string(destination), .string(replacement),
                .string(source), .string(pattern)), over: [series(labels, 1)]
        ).first?.labels
    }

    @Test func labelsAreReplacedByWhatAPatternFinds() throws {
        let labels: Labels = ["host": "eu-7.example"]
        func text(_ replacement: String) throws -> String? {
            try replaced(labels, "to", replacement, "host", #"(?P<zone>\w+)-(\d+)\.(.*)"#)?["to"]
        }
        #expect(try text("$1/$2") == "eu/7")
        #expect(try text("${1}x") == "eux")
        #expect(try text("$1x") == nil)
        #expect(try text("$zone") == "eu")
        #expect(try text("${zone}-$3") == "eu-example")
        #expect(try text("$$1") == "$1")
        #expect(try text("a$") == "a$")
        #expect(try text("${1") == "${1")
        #expect(try text("$9") == nil)
        #expect(try text("$01") == nil)
        // The pattern has to match the whole value, and an absent label is empty.
        #expect(try replaced(labels, "to", "x", "host", "eu") == labels)
        #expect(try replaced(labels, "to", "x", "none", "") == ["host": "eu-7.example", "to": "x"])
        #expect(try replaced(labels, "host", "", "host", ".*") == [:])
    }

    @Test func labelFunctionsRefuseWhatTheyCannotRead() {
        for (destination, pattern, text) in [
            ("a", "(", "invalid regular expression in label_replace(): ("),
            ("", "x", "invalid destination label name in label_replace(): "),
        ] {
            let failure = #expect(throws: EvaluationFailure.self) {
                try replaced([:], destination, "", "a", pattern)
            }
            #expect(failure?.description == text)
        }
        let failure = #expect(throws: EvaluationFailure.self) {
            try vector(
                call("label_join", .fragment(0), .string("a"), .string("-"), .string("")))
        }
        #expect(failure?.description == "invalid source label name in label_join(): ")
    }

    @Test func relabelledSeriesMustDifferWhereTheyAreAtTheSameTime() throws {
        let node = try call(
            "label_replace", .fragment(0), .string("a"), .string(""), .string("a"), .string(".*"))
        #expect(throws: EvaluationFailure.duplicateLabels) {
            try vector(node, over: [series(["a": "1"], 1), series(["a": "2"], 1)])
        }
        #expect(
            try vector(
                node, over: [series(["a": "1"], 1, nil), series(["a": "2"], nil, 2)],
                on: minutes(2)) == [series([:], 1, 2)])
    }

    // MARK: Native histograms

    @Test func functionsOfNumbersGiveNothingForHistogramsAndTheOtherWayRound() throws {
        let input = [
            series(["a": "f"], 2), series(["a": "h"], count: 1, histogramsAt: [0]),
        ]
        #expect(try vector(call("abs", .fragment(0)), over: input) == [series(["a": "f"], 2)])
        #expect(
            try vector(call("histogram_sum", .fragment(0)), over: input)
                == [series(["a": "h"], 10)])
        #expect(
            try vector(call("histogram_avg", .fragment(0)), over: input)
                == [series(["a": "h"], 2.5)])
        #expect(
            try vector(call("sort", .fragment(0)), over: input) == [series(["a": "f"], 2)])
        let spread = try series(
            ["a": "h"], ["{{schema:-53 count:2 sum:2 custom_values:[0 2 4] buckets:[0 2]}}"])
        #expect(
            try vector(call("histogram_stdvar", .fragment(0)), over: [spread])
                == [series(["a": "h"], 0)])
    }
}
