import Evaluation
import Planning
import PromQL
import Synchronization
import Testing
import TimeSeries

@Suite struct OutcomeTests {
    @Test func seriesAreOrderedByTheirLabelsAndNoneIsEmpty() throws {
        let input = [
            series(["b": "1"], 1, nil), series(["a": "2"], nil, nil), series(["a": "10"], 3, 4),
        ]
        #expect(try vector(.fragment(0), over: input, on: minutes(2)) == [input[2], input[0]])
    }

    @Test func theSameDataGivesTheSameBytesInWhateverOrderAPartHasIt() throws {
        let one = (0..<20).map { series(["pod": "\($0)"], Double($0)) }
        let result = try vector(.fragment(0), over: one)
        #expect(try vector(.fragment(0), over: one.reversed()) == result)
    }

    @Test func whatClustersTellSideBySideKeepsItsOrderForWhoWantsNone() throws {
        let told = [[series(["a": "2"], 2), series(["a": "1"], 1)], [series(["a": "0"], nil)]]
        func answer(to node: PlanNode) throws -> QueryValue {
            var inputs = EvaluationInputs(fragments: [FragmentAnswer(parts: told)])
            inputs.keepsFragmentsOrder = true
            let plan = Plan(fragments: [], remainder: .value(node), grid: instant)
            return try evaluate(plan, inputs: inputs).value
        }
        #expect(try answer(to: .fragment(0)) == .vector(told[0], grid: instant))
        // What is computed is ordered all the same.
        #expect(
            try answer(to: .negated(.fragment(0)))
                == .vector([series(["a": "1"], -1), series(["a": "2"], -2)], grid: instant))
    }

    @Test func aSortAtTheRootGivesTheOrderOfAnInstantQuery() throws {
        let input = [
            series(["pod": "a"], 2), series(["pod": "b"], .nan), series(["pod": "c"], 3),
            series(["pod": "d"], 1), series(["pod": "e"], 2),
        ]
        func pods(_ node: PlanNode) throws -> [String?] {
            try vector(node, over: input).map { $0.labels["pod"] }
        }
        #expect(try pods(call("sort", .fragment(0))) == ["d", "a", "e", "c", "b"])
        #expect(try pods(call("sort_desc", .fragment(0))) == ["c", "a", "e", "d", "b"])
        // What is computed from it is ordered by labels again.
        #expect(
            try pods(binary(call("sort", .fragment(0)), .multiply, .number(1)))
                == ["a", "b", "c", "d", "e"])
    }

    @Test func aRangeQueryIsOrderedByLabelsWhateverIsAskedAndSaysSo() throws {
        let input = [series(["pod": "b"], 1, 2), series(["pod": "a"], 3, 4)]
        for name in ["sort", "sort_desc"] {
            let outcome = try evaluated(
                call(name, .fragment(0)), over: [[input]], on: minutes(2))
            #expect(try vector(outcome) == [input[1], input[0]])
            #expect(
                outcome.annotations.warnings == [
                    "PromQL warning: sort is ineffective for range queries since results are "
                        + "always ordered by labels"
                ])
        }
    }

    @Test func numbersInLabelsAreSortedAsNumbers() throws {
        let nodes = ["node10", "node9", "node-1", "1", "node9a", "", "node"]
        let input = nodes.enumerated().map { series(["node": $1, "n": "\($0)"], 1) }
        let sorted = try vector(
            call("sort_by_label", .fragment(0), .string("node")), over: input
        ).map { $0.labels["node"] ?? "" }
        #expect(sorted == ["", "1", "node", "node9", "node9a", "node10", "node-1"])
        let descending = try vector(
            call("sort_by_label_desc", .fragment(0), .string("node")), over: input
        ).map { $0.labels["node"] ?? "" }
        #expect(descending == sorted.reversed())
    }

    @Test func seriesOfOneNameAtOtherTimesAreOne() throws {
        let input = [series(["__name__": "a"], 1, nil), series(["__name__": "b"], nil, 2)]
        #expect(
            try vector(call("abs", .fragment(0)), over: input, on: minutes(2))
                == [series([:], 1, 2)])
    }

    @Test func twoSeriesOfOneNameAreAnError() {
        let input = [series(["__name__": "a"], 1), series(["__name__": "b"], 2)]
        for node in [try? call("abs", .fragment(0)), .negated(.fragment(0))] {
            let failure = #expect(throws: EvaluationFailure.self) {
                try vector(node ?? .time, over: input)
            }
            #expect(
                failure?.description == "vector cannot contain metrics with the same labelset")
        }
        #expect(throws: EvaluationFailure.duplicateLabels) {
            try vector(.fragment(0), over: [series(["a": "1"], 1), series(["a": "1"], 2)])
        }
    }

    @Test func whatIsComputedNoLongerMeasuresTheMetric() throws {
        let input = [series(["__name__": "m", "__type__": "gauge", "__unit__": "s", "a": "1"], 2)]
        #expect(try vector(.negated(.fragment(0)), over: input) == [series(["a": "1"], -2)])
        #expect(
            try vector(binary(.fragment(0), .greater, .number(1)), over: input) == input)
        #expect(
            try vector(binary(.fragment(0), .greater, .number(1), bool: true), over: input)
                == [series(["a": "1"], 1)])
    }

    @Test func scalarsAndTextsAreAnswersToo() throws {
        #expect(
            try evaluated(.time, over: [], on: minutes(2)).value
                == .scalar([0, 60], grid: minutes(2)))
        #expect(
            try evaluated(.string("hello"), over: []).value == .string("hello", time: 600_000))
    }

    @Test func absenceHasItsLabelsWhereverThereIsNothing() throws {
        let node = PlanNode.absent(input: .fragment(0), labels: ["job": "api"])
        let input = [
            series(["job": "api"], 1, nil, nil, 4),
            series(["job": "api", "n": "1"], count: 4, histogramsAt: [1]),
        ]
        #expect(
            try vector(node, over: input, on: minutes(4))
                == [series(["job": "api"], nil, nil, 1, nil)])
        #expect(try vector(node, over: [], on: minutes(1)) == [series(["job": "api"], 1)])
    }

    @Test func windowsOfSamplesAreSideBySideInOrder() throws {
        let sampled = ["b", "a"].map {
            SampledSeries(labels: ["job": $0], samples: [.init(time: 5, value: .float(1))])
        }
        let nothing = SampledSeries(labels: ["job": "0"], samples: [])
        let plan = Plan(fragments: [], remainder: .samples(fragment: 0), grid: instant)
        let outcome = try evaluate(
            plan,
            inputs: EvaluationInputs(
                fragments: [
                    FragmentAnswer(
                        parts: [], samples: (sampled + [nothing]).map { SampleColumns($0) })
                ]))
        #expect(outcome.value == .samples([sampled[1], sampled[0]]))
    }

    @Test func theRootSubqueryGivesAllPoints() throws {
        let plan = Plan(
            fragments: [], remainder: .points(input: .fragment(0), grid: minutes(3)),
            grid: instant)
        let histogram = series(["a": "0"], count: 3, histogramsAt: [2])
        let outcome = try evaluate(
            plan,
            inputs: EvaluationInputs(
                fragments: [
                    FragmentAnswer(parts: [[series(["a": "1"], 1, nil, 3)], [histogram]])
                ]))
        #expect(
            outcome.value
                == .samples([
                    SampledSeries(
                        labels: ["a": "0"],
                        samples: [
                            .init(
                                time: 120_000,
                                value: .histogram(histogram.histograms[0].histogram))
                        ]),
                    SampledSeries(
                        labels: ["a": "1"],
                        samples: [
                            .init(time: 0, value: .float(1)),
                            .init(time: 120_000, value: .float(3)),
                        ]),
                ]))
    }

    // MARK: Limits

    @Test func anEvaluationThatNeedsTooMuchFails() {
        let input = (0..<100).map { series(["n": "\($0)"], 1, 2, 3) }
        let limits = EvaluationLimits(maximumSamples: 500)
        let failure = #expect(throws: EvaluationFailure.self) {
            try evaluated(
                .negated(.fragment(0)), over: [[input]], on: minutes(3), limits: limits)
        }
        #expect(
            failure?.description
                == "query processing would load too many samples into memory in query execution")
        #expect(throws: Never.self) {
            try evaluated(.fragment(0), over: [[input]], on: minutes(3), limits: limits)
        }
    }

    @Test func anEvaluationThatIsNoLongerWantedEnds() {
        let looks = Mutex(0)
        let limits = EvaluationLimits {
            looks.withLock {
                $0 += 1
                return $0 > 5
            }
        }
        let column = [Double](repeating: 1, count: 10_000)
        let grid = TimeGrid(start: 0, end: 9_999, step: 1)
        let input = (0..<100).map { GridSeries(labels: ["n": "\($0)"], values: column) }
        #expect(throws: EvaluationFailure.stopped) {
            try evaluated(aggregation(.sum), over: [[input]], on: grid, limits: limits)
        }
        #expect(looks.withLock { $0 } == 6)
    }
}
