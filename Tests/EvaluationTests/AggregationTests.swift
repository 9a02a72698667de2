import Evaluation
import Planning
import PromQL
import TestSupport
import Testing
import TimeSeries

@Suite struct AggregationTests {
    struct Tie: Sendable, CustomTestStringConvertible {
        var operation: AggregationOperator
        var wanted: Double
        /// Of the series a, b, c, …
        var values: [Double]
        /// The series in the order of the answer.
        var kept: String

        init(_ operation: AggregationOperator, _ wanted: Double, _ values: [Double], _ kept: String)
        {
            self.operation = operation
            self.wanted = wanted
            self.values = values
            self.kept = kept
        }

        var testDescription: String { "\(operation.rawValue)(\(wanted), \(values))" }

        /// Followed by hand through the heap of Prometheus 3.
        static let all = [
            Tie(.topk, 2, [1, 1, 1], "ab"),
            Tie(.topk, 2, [1, 1, 2], "cb"),
            Tie(.topk, 2, [0, 1, 1], "cb"),
            Tie(.topk, 3, [1, 1, 1, 2], "dbc"),
            Tie(.topk, 3, [0, 1, 1, 1, 2], "ebc"),
            Tie(.topk, 1, [3, 3, 2], "a"),
            Tie(.bottomk, 2, [2, 2, 1], "cb"),
            Tie(.bottomk, 3, [1, 1, 1], "abc"),
            Tie(.topk, 2, [.nan, .nan, 1], "ca"),
            Tie(.bottomk, 2, [.nan, .nan, 1], "ca"),
            Tie(.topk, 2, [.nan, .nan, .nan], "ab"),
            Tie(.topk, 9, [1, 1, 2, 2], "cdab"),
        ]
    }

    @Test(arguments: Tie.all)
    func ofEqualValuesThoseStayThatPrometheusKeeps(_ tie: Tie) throws {
        let names = "abcdefgh".map(String.init)
        let input = zip(names, tie.values).map { series(["pod": $0], $1) }
        let result = try vector(aggregation(tie.operation, .number(tie.wanted)), over: input)
        #expect(result.map { $0.labels["pod"] ?? "" }.joined() == tie.kept)
    }

    @Test func whatClustersAnswerSideBySideIsRankedByItsLabelsAsInAUnion() throws {
        let parts = ["east", "west"].map { cluster in
            ["b", "a"].map { series(["app": $0, "cluster": cluster], 1) }
        }
        let chosen = try [AggregationOperator.topk, .limitk].map { operation in
            try vector(evaluated(aggregation(operation, .number(2)), over: [parts]))
                .map { "\($0.labels["app"] ?? "") \($0.labels["cluster"] ?? "")" }
        }
        #expect(chosen == [["a east", "a west"], ["a east", "a west"]])
    }

    /// In a union whose series begin with the cluster, so do the groups.
    @Test func groupsAreRankedInTheOrderInWhichTheyAppear() throws {
        let parts = [[series(["pod": "b"], 1)], [series(["pod": "a"], 1)]]
        let node = aggregation(
            .topk, .number(1), of: .merged(fragment: 0, .sum, origin: "it"))
        #expect(try vector(evaluated(node, over: [parts])) == [series(["pod": "b"], 1)])
    }

    @Test func rankingsHoldForAnyCountAndNaNLosesBothWays() throws {
        var generator = SeededGenerator(seed: 7)
        for wanted in [1, 2, 7, 50, 100, 200] {
            let values = (0..<100).map { _ in
                Int.random(in: 0..<10, using: &generator) == 0
                    ? .nan : Double(Int.random(in: -20..<20, using: &generator))
            }
            let input = values.enumerated().map { series(["n": "\($0)"], $1) }
            func ranked(_ operation: AggregationOperator) throws -> [Double] {
                try vector(aggregation(operation, .number(Double(wanted))), over: input)
                    .map { $0.values[0] }
            }
            let numbers = values.filter { !$0.isNaN }.sorted()
            let nans = [Double](repeating: .nan, count: 100 - numbers.count)
            let top = (numbers.reversed() + nans).prefix(wanted)
            let bottom = (numbers + nans).prefix(wanted)
            #expect(try ranked(.topk).map { "\($0)" } == top.map { "\($0)" })
            #expect(try ranked(.bottomk).map { "\($0)" } == bottom.map { "\($0)" })
        }
    }

    @Test func rangesOfRankingsHaveTheirSeriesOrderedByLabels() throws {
        let input = [
            series(["pod": "b"], 3, 1, nil), series(["pod": "a"], 1, 2, 5),
            series(["pod": "c"], 2, 0, 4),
        ]
        #expect(
            try vector(aggregation(.topk, .number(1)), over: input, on: minutes(3))
                == [series(["pod": "a"], nil, 2, 5), series(["pod": "b"], 3, nil, nil)])
    }

    @Test func theCountWantedMayDifferFromTimeToTime() throws {
        let input = (0..<3).map { series(["n": "\($0)"], 1, 2, 3) }
        let count = binary(.time, .divide, .number(60))
        let result = try vector(
            aggregation(.limitk, count), over: input, on: minutes(3))
        #expect(result == [series(["n": "0"], nil, 2, 3), series(["n": "1"], nil, nil, 3)])
    }

    @Test(arguments: [
        (Double.nan, "Parameter value is NaN"), (1e300, "Scalar value 1e+300 overflows int64"),
        (-1e20, "Scalar value -1e+20 underflows int64"),
    ])
    func aCountThatIsNoneIsAnError(_ count: Double, _ text: String) {
        for operation in [AggregationOperator.topk, .bottomk, .limitk] {
            let failure = #expect(throws: EvaluationFailure.self) {
                try vector(aggregation(operation, .number(count)))
            }
            #expect(failure?.description == text)
        }
    }

    @Test func aRatioAndItsComplementDrawEachSeriesOnce() throws {
        let input = (0..<500).map { series(["__name__": "up", "pod": "pod-\($0)"], Double($0)) }
        func drawn(_ ratio: Double) throws -> Set<Labels> {
            Set(try vector(aggregation(.limitRatio, .number(ratio)), over: input).map(\.labels))
        }
        let (some, others) = (try drawn(0.3), try drawn(-0.7))
        #expect(some.isDisjoint(with: others))
        #expect(some.count + others.count == 500)
        #expect((100...200).contains(some.count))
        #expect(try drawn(0).isEmpty)
        #expect(try drawn(1).count == 500)
        #expect(try drawn(-1).count == 500)
    }

    @Test func valuesAreCountedByTheirTexts() throws {
        let input = [6.0, 6, 0.5, .nan, .nan, 1e21].enumerated().map { index, value in
            series(["__name__": "version", "pod": "\(index)", "job": index < 2 ? "a" : "b"], value)
        }
        let node = aggregation(.countValues, .string("v"), .without(["pod"]))
        #expect(
            try vector(node, over: input) == [
                series(["job": "a", "v": "6"], 2), series(["job": "b", "v": "0.5"], 1),
                series(["job": "b", "v": "1000000000000000000000"], 1),
                series(["job": "b", "v": "NaN"], 2),
            ])
    }

    @Test func aCountedValueTakesThePlaceOfTheLabelOfItsName() throws {
        let input = [
            series(["job": "a", "pod": "1"], 6), series(["job": "b", "pod": "2"], 6),
        ]
        #expect(
            try vector(aggregation(.countValues, .string("job"), .by(["job"])), over: input)
                == [series(["job": "6"], 2)])
        // It is set before the labels of `without` go.
        #expect(
            try vector(
                aggregation(.countValues, .string("job"), .without(["job"])), over: input)
                == [series(["pod": "1"], 1), series(["pod": "2"], 1)])
    }

    @Test func anEmptyLabelNameIsAnError() {
        let failure = #expect(throws: EvaluationFailure.self) {
            try vector(aggregation(.countValues, .string("")))
        }
        #expect(failure?.description == "invalid label name \"\"")
    }

    @Test func averagesTooLargeToAddGrowValueByValue() throws {
        let huge = 9.988465674311579e307
        let input = (0..<4).map { series(["n": "\($0)"], huge, .infinity, 1) }
        let result = try vector(aggregation(.avg), over: input, on: minutes(3))
        #expect(result == [series([:], huge, .infinity, 1)])
    }

    @Test func quantilesWarnOfRatiosThatAreNone() throws {
        let input = [series(["n": "0"], 1), series(["n": "1"], 3)]
        for (ratio, value, text) in [
            (2, .infinity, "2"), (-1, -.infinity, "-1"), (1e7, .infinity, "1e+07"),
        ] as [(Double, Double, String)] {
            let outcome = try evaluated(aggregation(.quantile, .number(ratio)), over: [[input]])
            #expect(try vector(outcome) == [series([:], value)])
            #expect(
                outcome.annotations.warnings == [
                    "PromQL warning: quantile value should be between 0 and 1, got \(text)"
                ])
        }
        #expect(
            try vector(aggregation(.quantile, .number(0.25)), over: input) == [series([:], 1.5)])
    }

    // MARK: Native histograms

    @Test func sumsAndAveragesOfFloatsAndHistogramsAreDroppedWithAWarning() throws {
        let input = [
            series(["n": "0"], 1, 2), series(["n": "1"], count: 2, histogramsAt: [1]),
        ]
        for operation in [AggregationOperator.sum, .avg] {
            let outcome = try evaluated(aggregation(operation), over: [[input]], on: minutes(2))
            #expect(try vector(outcome) == [series([:], 1, nil)])
            #expect(
                outcome.annotations.warnings == [
                    "PromQL warning: encountered a mix of histograms and floats for aggregation"
                ])
        }
    }

    @Test(arguments: [
        AggregationOperator.min, .max, .stddev, .stdvar, .quantile, .topk, .bottomk,
    ])
    func otherAggregationsOfFloatsIgnoreHistogramsAndSaySo(
        _ operation: AggregationOperator
    ) throws {
        let input = [series(["n": "0"], 1), series(["n": "1"], count: 1, histogramsAt: [0])]
        let parameter = operation.parameterType.map { _ in PlanNode.number(1) }
        let outcome = try evaluated(aggregation(operation, parameter), over: [[input]])
        #expect(try vector(outcome).count == 1)
        #expect(
            outcome.annotations.infos == [
                "PromQL info: ignored histogram in \(operation.rawValue) aggregation"
            ])
    }

    @Test func countsGroupsAndLimitsTakeHistogramsToo() throws {
        let input = [series(["n": "0"], count: 1, histogramsAt: [0]), series(["n": "1"], 1)]
        #expect(try vector(aggregation(.count), over: input) == [series([:], 2)])
        #expect(try vector(aggregation(.group), over: input) == [series([:], 1)])
        #expect(try vector(aggregation(.limitk, .number(1)), over: input) == [input[0]])
    }

    @Test(arguments: [
        (AggregationOperator.sum, "{{count:6 sum:4 buckets:[3 3]}}"),
        (.avg, "{{count:2 sum:1.3333333333333333 buckets:[1 1]}}"),
    ])
    func histogramsAreSummedAndAveraged(
        _ operation: AggregationOperator, _ text: String
    ) throws {
        let input = try [
            "{{count:3 sum:1 buckets:[1 2]}}", "{{count:1 sum:2 buckets:[1]}}",
            "{{schema:1 count:2 sum:1 buckets:[1 1]}}",
        ].enumerated().map { try series(["n": "\($0)"], [$1]) }
        let outcome = try evaluated(aggregation(operation), over: [[input]])
        #expect(try vector(outcome).map(\.text) == [text])
        #expect(outcome.annotations.isEmpty)
    }

    @Test func anAverageOfHistogramsMayHaveASumThatIsTooLarge() throws {
        let input = try (0..<3).map {
            try series(["n": "\($0)"], ["{{count:1e308 sum:3 buckets:[1e308]}}"])
        }
        let result = try vector(aggregation(.avg), over: input)
        let histogram = try #require(result.first?.histograms.first?.histogram)
        #expect(histogram.sum == 3)
        #expect((histogram.count / 1e308 - 1).magnitude < 1e-15)
    }

    @Test func histogramsOfTwoKindsAreDroppedWithAWarning() throws {
        let input = try ["{{buckets:[1]}}", "{{schema:-53 buckets:[1]}}"].enumerated().map {
            try series(["__name__": "h", "n": "\($0)"], [$1])
        }
        let outcome = try evaluated(aggregation(.sum), over: [[input]])
        #expect(try vector(outcome).isEmpty)
        #expect(
            outcome.annotations.warnings == [
                "PromQL warning: vector contains a mix of histograms with exponential and custom "
                    + "buckets schemas for metric name \"h\""
            ])
    }

    @Test func countValuesCountsHistogramsByTheirText() throws {
        let input = try (0..<2).map { try series(["n": "\($0)"], ["{{count:1 buckets:[1]}}"]) }
        #expect(
            try vector(aggregation(.countValues, .string("v")), over: input) == [
                series(["v": "{count:1, sum:0, (0.5,1]:1}"], 2)
            ])
    }
}
