import Evaluation
import Planning
import Testing
import TimeSeries

@Suite struct MergeTests {
    private let a: Labels = ["job": "a"]
    private let b: Labels = ["job": "b"]

    private func merged(
        _ operation: MergeOperation, _ parts: [[GridSeries]], on grid: TimeGrid = instant
    ) throws -> EvaluationOutcome {
        try evaluated(
            .merged(fragment: 0, operation, origin: "it"), over: [parts], on: grid)
    }

    @Test func sumsOfPartsAreThoseOfGroups() throws {
        let outcome = try merged(
            .sum,
            [[series(a, 1, 2)], [series(b, 5, nil), series(a, 10, 20)], [series(a, nil, 0.5)]],
            on: minutes(2))
        #expect(try vector(outcome) == [series(a, 11, 22.5), series(b, 5, nil)])
        #expect(outcome.cancelledSums.isEmpty)
    }

    @Test func whatNoPartHasIsAbsentAndNotZero() throws {
        let outcome = try merged(.sum, [[], [series(a, nil, 3)], []], on: minutes(2))
        #expect(try vector(outcome) == [series(a, nil, 3)])
        #expect(try vector(try merged(.sum, [[], []])).isEmpty)
    }

    @Test func roundingIsCarriedAlongInTheOrderOfParts() throws {
        let parts = [1, 1e16, 1, 1, 1, 1, 1].map { [series(a, $0)] }
        #expect(try vector(try merged(.sum, parts)) == [series(a, 1e16 + 6)])
    }

    @Test(arguments: [([Double](arrayLiteral: 1, .infinity), Double.infinity), ([.nan, 1], .nan)])
    func infinityAndNaNCountAsTheyDoInASum(_ parts: [Double], _ sum: Double) throws {
        let outcome = try merged(.sum, parts.map { [series(a, $0)] })
        #expect(try vector(outcome)[0].values[0].bitPattern == sum.bitPattern || sum.isNaN)
        #expect(outcome.cancelledSums.isEmpty)
    }

    @Test func partsThatCancelOutAreNamed() throws {
        #expect(
            try merged(.sum, [[series(a, 1e100)], [series(a, -1e100)]]).cancelledSums == ["it"])
        #expect(
            try merged(.sum, [[series(a, 1_000_001)], [series(a, -1_000_000.5)]]).cancelledSums
                == ["it"])
        // A thousandth is left, which the parts' rounding does not reach.
        #expect(
            try merged(.sum, [[series(a, 1000)], [series(a, -999)]]).cancelledSums.isEmpty)
        // Nothing cancels where there is one part, or where all are zero.
        #expect(try merged(.sum, [[series(a, 0)], [series(a, 0)]]).cancelledSums.isEmpty)
        #expect(try merged(.sum, [[series(a, 0)], []]).cancelledSums.isEmpty)
    }

    @Test func finitePartsThatOverflowTogetherAreNamed() throws {
        let outcome = try merged(.sum, [[series(a, 1.5e308)], [series(a, 1.5e308)]])
        #expect(outcome.cancelledSums == ["it"])
    }

    @Test func theLeastAndTheGreatestAreNaNOnlyWhereThereIsNothingElse() throws {
        let parts = [[series(a, .nan, .nan, 3, nil)], [series(a, 2, .nan, 1, nil)]]
        let least = try vector(try merged(.min, parts, on: minutes(4)))[0].values
        let greatest = try vector(try merged(.max, parts, on: minutes(4)))[0].values
        #expect(least[0] == 2 && least[1].isNaN && least[2] == 1 && Absent.isAbsent(least[3]))
        #expect(!Absent.isAbsent(least[1]))
        #expect(greatest[0] == 2 && greatest[2] == 3)
    }

    @Test func aGroupIsOneWhereverAnyPartHasSomething() throws {
        let outcome = try merged(
            .group,
            [[series(a, nil, 7, nil)], [series(a, count: 3, histogramsAt: [0])]],
            on: minutes(3))
        #expect(try vector(outcome) == [series(a, 1, 1, nil)])
    }

    @Test func averagesAreSumsOverCounts() throws {
        let outcome = try evaluated(
            .composed(fragment: 0, .avg, origin: "it"),
            over: [
                packed(
                    [[series(a, 6, 1), series(b, 4, nil)], [series(a, 3, nil)]],
                    [[series(a, 2, 2), series(b, 8, nil)], [series(a, 1, nil)]])
            ], on: minutes(2))
        #expect(try vector(outcome) == [series(a, 3, 0.5), series(b, 0.5, nil)])
        #expect(outcome.cancelledSums.isEmpty)
    }

    @Test func anAverageOfAnInfiniteSumIsToBeComputedFromItsSeries() throws {
        let counts = [[series(a, 2)], [series(a, 2)]]
        for sums in [[1, .infinity], [-.infinity, .infinity], [1.5e308, 1.5e308]] as [[Double]] {
            let outcome = try evaluated(
                .composed(fragment: 0, .avg, origin: "avg(x)"),
                over: [packed(sums.map { [series(a, $0)] }, counts)])
            #expect(outcome.cancelledSums == ["avg(x)"])
        }
    }

    @Test func aGroupOfFloatsHereAndHistogramsThereIsDroppedWithAWarning() throws {
        let outcome = try merged(
            .sum, [[series(a, 1, 2)], [series(a, count: 2, histogramsAt: [1])]], on: minutes(2))
        #expect(try vector(outcome) == [series(a, 1, nil)])
        #expect(
            outcome.annotations.warnings == [
                "PromQL warning: encountered a mix of histograms and floats for aggregation"
            ])
    }

    @Test func histogramsAreSummedAndAveraged() throws {
        let parts = try [
            "{{count:3 sum:1 buckets:[1 2]}}", "{{schema:1 count:1 sum:2 buckets:[1]}}",
        ]
        .map { [try series(a, [$0])] }
        let sum = try merged(.sum, parts)
        #expect(try vector(sum).map(\.text) == ["{{count:4 sum:3 buckets:[2 2]}}"])
        let counts = [[series(a, 1)], [series(a, 3)]]
        let mean = try evaluated(
            .composed(fragment: 0, .avg, origin: "avg(x)"), over: [packed(parts, counts)])
        #expect(try vector(mean).map(\.text) == ["{{count:1 sum:0.75 buckets:[0.5 0.5]}}"])
        #expect(mean.cancelledSums.isEmpty)
    }

    @Test func kindsOfHistogramsThatDoNotGoTogetherAreLookedAtWhole() throws {
        let parts = try ["{{count:3 buckets:[1 2]}}", "{{schema:-53 count:1 buckets:[1]}}"]
            .map { [try series(a, [$0])] }
        #expect(try !merged(.sum, parts).cancelledSums.isEmpty)
    }
}
