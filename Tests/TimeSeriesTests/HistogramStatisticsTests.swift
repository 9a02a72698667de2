import Testing
import TimeSeries

/// Expectations are those of Prometheus's scripts for native histograms.
struct HistogramStatisticsTests {
    private func isNear(_ left: Double, _ right: Double) -> Bool {
        left == right || (left - right).magnitude <= 1e-12 * max(left.magnitude, right.magnitude)
            || left.isNaN && right.isNaN
    }

    @Test(
        arguments: [
            ("{{schema:0 sum:5 count:4 buckets:[1 2 1]}}", 0.5, 1.414213562373095),
            ("{{schema:0 sum:5 count:4 buckets:[1 2 1]}}", 1, 4),
            ("{{schema:0 sum:5 count:4 buckets:[1 2 1]}}", 0, 0.5),
            ("{{schema:0 sum:5 count:4 buckets:[1 2 1]}}", -0.1, -.infinity),
            ("{{schema:0 sum:5 count:4 buckets:[1 2 1]}}", 1.1, .infinity),
            ("{{schema:0 sum:5 count:4 buckets:[1 2 1]}}", .nan, .nan),
            ("{{count:0}}", 0.5, .nan),
            (
                "{{schema:0 count:12 sum:100 z_bucket:2 z_bucket_w:0.001 buckets:[2 3 0 1 4]}}",
                0.1,
                0.0006
            ),
            (
                "{{schema:0 count:12 sum:100 z_bucket:2 z_bucket_w:0.001 n_buckets:[2 3 0 1 4]}}",
                0.9,
                -0.0006
            ),
            ("{{schema:-53 count:5 sum:5 custom_values:[5 10] buckets:[1 4]}}", 0.5, 6.875),
            ("{{schema:-53 count:5 sum:5 custom_values:[5 10] buckets:[1 0 4]}}", 0.9, 10),
            ("{{schema:-53 count:5 sum:5 custom_values:[5 10] buckets:[5]}}", 0.5, 2.5),
            ("{{schema:-53 count:5 sum:5 custom_values:[-5 10] buckets:[5]}}", 0.5, -5),
        ] as [(String, Double, Double)])
    func aQuantileIsInterpolated(_ text: String, _ quantile: Double, _ value: Double) throws {
        let result = try histogram(text).quantile(quantile)
        #expect(isNear(result.value, value), "\(result.value)")
        #expect(result.nan == .none)
    }

    @Test func observationsOfNaNSkewQuantiles() throws {
        let some = try histogram("{{schema:0 count:4 sum:NaN buckets:[2]}}")
        #expect(some.quantile(0.25).value == 0.7071067811865476)
        #expect(some.quantile(0.25).nan == .skewsResult)
        #expect(some.quantile(0.9).value.isNaN)
        #expect(some.quantile(0.9).nan == .isResult)
        let infinite = try histogram("{{schema:0 count:2 sum:NaN buckets:[2]}}")
        #expect(infinite.quantile(0.5).nan == .none)
        #expect(some.fraction(from: 0, to: 1).value == 0.5)
        #expect(some.fraction(from: 0, to: 1).nan == .isLeftOut)
    }

    @Test(
        arguments: [
            (
                "{{schema:0 count:12 sum:100 z_bucket:2 z_bucket_w:0.001 buckets:[2 3 0 1 4]}}", 0,
                0.0005,
                0.08333333333333333
            ),
            (
                "{{schema:0 count:12 sum:100 z_bucket:2 z_bucket_w:0.001 buckets:[2 3 0 1 4]}}",
                -.infinity, .infinity, 1
            ),
            (
                "{{schema:0 count:12 sum:100 z_bucket:2 z_bucket_w:0.001 buckets:[2 3 0 1 4]}}",
                1.5,
                1.5,
                0
            ),
            (
                "{{schema:0 count:12 sum:100 z_bucket:2 z_bucket_w:0.001 buckets:[2 3 0 1 4]}}", 1,
                2,
                0.25
            ),
            ("{{schema:0 count:4 sum:5 buckets:[0 4]}}", 1.414213562373095, 3, 0.5),
            ("{{schema:0 count:4 sum:5 n_buckets:[0 4]}}", -1.414213562373095, 0, 0.5),
            ("{{schema:-53 count:4 sum:5 custom_values:[1 3] buckets:[1 2 1]}}", 0.5, 2, 0.375),
            ("{{count:0}}", 0, 1, .nan), ("{{count:1 buckets:[1]}}", .nan, 1, .nan),
        ] as [(String, Double, Double, Double)])
    func aFractionIsInterpolated(
        _ text: String, _ lower: Double, _ upper: Double, _ value: Double
    ) throws {
        let result = try histogram(text).fraction(from: lower, to: upper)
        #expect(isNear(result.value, value), "\(result.value)")
        #expect(result.nan == .none)
    }

    @Test func theVarianceIsThatOfTheMiddles() throws {
        let exponential = try histogram(
            "{{count:2 sum:1 z_bucket:1 z_bucket_w:0.5 offset:1 buckets:[1]}}")
        #expect(exponential.average == 0.5)
        #expect(
            isNear(
                exponential.variance,
                (0.25 + (2.0.squareRoot() - 0.5) * (2.0.squareRoot() - 0.5)) / 2))
        let custom = try histogram(
            "{{schema:-53 count:1 sum:1 custom_values:[1 3] offset:1 buckets:[1]}}")
        #expect(custom.standardDeviation == 1)
    }

    @Test(
        arguments: [
            (
                "{{count:4 sum:5 buckets:[1 2 1]}}", 2,
                "{{count:3 sum:3.5355339059327378 buckets:[1 2]}}",
                "{{count:1 sum:2.8284271247461903 offset:2 buckets:[1]}}"
            ),
            (
                "{{count:4 sum:5 buckets:[1 2 1]}}", .infinity, "{{count:4 sum:5 buckets:[1 2 1]}}",
                "{{}}"
            ),
            ("{{count:4 sum:5 buckets:[1 2 1]}}", -1, "{{}}", "{{count:4 sum:5 buckets:[1 2 1]}}"),
            (
                "{{count:2 z_bucket:2 z_bucket_w:0.5 counter_reset_hint:gauge}}", 0,
                "{{count:1 sum:-0.25 z_bucket:1 z_bucket_w:0.5 counter_reset_hint:gauge}}",
                "{{count:1 sum:0.25 z_bucket:1 z_bucket_w:0.5 counter_reset_hint:gauge}}"
            ),
            (
                "{{schema:-53 count:4 sum:9 custom_values:[2 4] buckets:[1 2 1]}}", 3,
                "{{schema:-53 count:2 sum:3.5 custom_values:[2 4] buckets:[1 1]}}",
                "{{schema:-53 count:2 sum:7.5 custom_values:[2 4] offset:1 buckets:[1 1]}}"
            ),
        ] as [(String, Double, String, String)])
    func aTrimKeepsOneSide(
        _ text: String, _ value: Double, _ below: String, _ above: String
    ) throws {
        #expect(try histogram(text).trimmed(.above, of: value).description == below)
        #expect(try histogram(text).trimmed(.below, of: value).description == above)
    }
}
