import Evaluation
import Planning
import PromQL
import Testing
import TimeSeries

@Suite struct BucketTests {
    /// The buckets of one histogram by their bounds.
    private func buckets(
        _ counts: KeyValuePairs<String, Double>, labels: Labels = ["__name__": "x_bucket"]
    ) -> [GridSeries] {
        counts.map { series(labels.setting("le", to: $0.key), $0.value) }
    }

    private func quantile(
        _ ratio: Double, _ counts: KeyValuePairs<String, Double>
    ) throws -> Double? {
        let node = try call("histogram_quantile", .number(ratio), .fragment(0))
        return try vector(node, over: buckets(counts)).first?.values[0]
    }

    @Test func aQuantileIsInterpolatedInsideItsBucket() throws {
        let counts: KeyValuePairs = ["0.5": 10.0, "1": 30, "2": 40, "+Inf": 40]
        #expect(try quantile(0.25, counts) == 0.5)
        #expect(try quantile(0.5, counts) == 0.75)
        #expect(try quantile(0.125, counts) == 0.25)
        #expect(try quantile(1, counts) == 2)
        #expect(try quantile(0, counts) == 0)
    }

    @Test func beyondTheLastBoundAQuantileIsThatBound() throws {
        #expect(try quantile(0.9, ["1": 1, "2": 2, "+Inf": 10]) == 2)
    }

    @Test func aFirstBoundBelowZeroIsItsBucketsQuantile() throws {
        #expect(try quantile(0.1, ["-1": 5, "1": 10, "+Inf": 10]) == -1)
    }

    @Test func whatIsNoHistogramHasNoQuantile() throws {
        #expect(try quantile(0.5, ["1": 1, "2": 2])?.isNaN == true)
        #expect(try quantile(0.5, ["+Inf": 2])?.isNaN == true)
        #expect(try quantile(0.5, ["1": 0, "+Inf": 0])?.isNaN == true)
    }

    @Test func aRatioThatIsNoneGivesAnInfinityAndAWarning() throws {
        let counts: KeyValuePairs = ["1": 1.0, "+Inf": 2]
        #expect(try quantile(-0.1, counts) == -.infinity)
        #expect(try quantile(1.1, counts) == .infinity)
        #expect(try quantile(.nan, counts)?.isNaN == true)
        let outcome = try evaluated(
            call("histogram_quantile", .number(.nan), .fragment(0)), over: [[buckets(counts)]])
        #expect(
            outcome.annotations.warnings == [
                "PromQL warning: quantile value should be between 0 and 1, got NaN"
            ])
    }

    @Test func boundsThatAreEqualAsNumbersAreOneBucket() throws {
        #expect(try quantile(0.5, ["1.0": 2, "1": 2, "2": 8, "+Inf": 8]) == 1)
        #expect(try quantile(0.5, ["1e0": 2, "1": 2, "2.0": 8, "Inf": 4, "+Inf": 4]) == 1)
    }

    @Test func countsThatFallAreLiftedAndThatIsTold() throws {
        let node = try call("histogram_quantile", .number(0.5), .fragment(0))
        let outcome = try evaluated(
            node, over: [[buckets(["1": 10, "2": 4, "3": 8, "4": 20, "+Inf": 20])]])
        #expect(try vector(outcome) == [series([:], 1)])
        #expect(
            outcome.annotations.infos == [
                "PromQL info: input to histogram_quantile needed to be fixed for monotonicity "
                    + "(see https://prometheus.io/docs/prometheus/latest/querying/functions/"
                    + "#histogram_quantile), from buckets 2 to 3, with a max diff of 6, over 1 "
                    + "samples from 1970-01-01T00:10:00Z to 1970-01-01T00:10:00Z"
            ])
    }

    @Test func roundingIsNoFall() throws {
        let node = try call("histogram_quantile", .number(0.5), .fragment(0))
        let outcome = try evaluated(
            node, over: [[buckets(["1": 10, "2": 10 - 1e-12, "+Inf": 20])]])
        #expect(outcome.annotations.isEmpty)
        #expect(try vector(outcome) == [series([:], 1)])
    }

    @Test func aBoundThatIsNoNumberIsTold() throws {
        let node = try call("histogram_quantile", .number(0.5), .fragment(0))
        let input =
            buckets(["1": 1, "+Inf": 2]) + buckets(["abc": 1])
            + [series(["job": "a"], 3)]
        let outcome = try evaluated(node, over: [[input]])
        #expect(try vector(outcome) == [series([:], 1)])
        #expect(
            outcome.annotations.warnings == [
                "PromQL warning: bucket label \"le\" is missing or has a malformed value of "
                    + "\"abc\" for metric name \"x_bucket\"",
                "PromQL warning: bucket label \"le\" is missing or has a malformed value of \"\"",
            ])
    }

    @Test func histogramsAreToldApartByAllOtherLabels() throws {
        let node = try call("histogram_quantile", .number(0.5), .fragment(0))
        let input =
            buckets(["1": 1, "+Inf": 1], labels: ["job": "a"])
            + buckets(["2": 1, "+Inf": 1], labels: ["job": "b"])
        #expect(
            try vector(node, over: input)
                == [series(["job": "a"], 0.5), series(["job": "b"], 1)])
        let named =
            buckets(["1": 1, "+Inf": 1], labels: ["__name__": "a"])
            + buckets(["2": 1, "+Inf": 1], labels: ["__name__": "b"])
        #expect(throws: EvaluationFailure.duplicateLabels) { try vector(node, over: named) }
    }

    @Test func severalQuantilesAreToldApartByALabel() throws {
        let node = try call(
            "histogram_quantiles", .fragment(0), .string("q"), .number(0.5), .number(1))
        #expect(
            try vector(node, over: buckets(["1": 1, "2": 2, "+Inf": 2])) == [
                series(["q": "0.5"], 1), series(["q": "1.0"], 2),
            ])
    }

    @Test func theLabelIsTheQuantileOfEachTime() throws {
        let ratio = binary(.time, .divide, .number(120))
        let node = try call("histogram_quantiles", .fragment(0), .string("q"), ratio)
        let input = [series(["le": "2"], 4, 4, 4), series(["le": "+Inf"], 4, 4, 4)]
        #expect(
            try vector(node, over: input, on: minutes(3)) == [
                series(["q": "0.0"], 0, nil, nil), series(["q": "0.5"], nil, 1, nil),
                series(["q": "1.0"], nil, nil, 2),
            ])
    }

    @Test func fractionsAreInterpolatedToo() throws {
        func fraction(_ lower: Double, _ upper: Double) throws -> Double? {
            let node = try call(
                "histogram_fraction", .number(lower), .number(upper), .fragment(0))
            return try vector(node, over: buckets(["1": 10, "2": 30, "+Inf": 40]))
                .first?.values[0]
        }
        #expect(try fraction(0, 1) == 0.25)
        #expect(try fraction(0.5, 1.5) == 0.375)
        #expect(try fraction(-.infinity, .infinity) == 1)
        #expect(try fraction(2, 5) == 0)
        #expect(try fraction(2, .infinity) == 0.25)
        #expect(try fraction(2, 1) == 0)
        #expect(try fraction(.nan, 1)?.isNaN == true)
    }

    @Test func aNativeHistogramBesideAClassicOneLeavesNeither() throws {
        let node = try call("histogram_quantile", .number(0.5), .fragment(0))
        let native = series(["job": "a"], count: 1, histogramsAt: [0])
        let outcome = try evaluated(
            node, over: [[buckets(["1": 1, "+Inf": 1], labels: ["job": "a"]) + [native]]])
        #expect(try vector(outcome).isEmpty)
        #expect(
            outcome.annotations.warnings == [
                "PromQL warning: vector contains a mix of classic and native histograms"
            ])
    }

    @Test func nativeHistogramsHaveQuantilesAndFractions() throws {
        let native = try series(
            ["job": "a"], ["{{schema:-53 count:4 sum:NaN custom_values:[1 3] buckets:[1 2]}}"])
        let outcome = try evaluated(
            call("histogram_quantile", .number(0.5), .fragment(0)), over: [[[native]]])
        #expect(try vector(outcome) == [series(["job": "a"], 2)])
        #expect(
            outcome.annotations.infos == [
                "PromQL info: input to histogram_quantile has NaN observations, result is skewed "
                    + "higher"
            ])
        let fraction = try call("histogram_fraction", .number(1), .number(2), .fragment(0))
        #expect(try vector(fraction, over: [native]) == [series(["job": "a"], 0.25)])
        let both = try call(
            "histogram_quantiles", .fragment(0), .string("q"), .number(0), .number(0.5))
        #expect(
            try vector(both, over: [native]) == [
                series(["job": "a", "q": "0.0"], 0), series(["job": "a", "q": "0.5"], 2),
            ])
    }
}
