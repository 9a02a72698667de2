import Evaluation
import Planning
import PromQL
import Testing
import TimeSeries

/// Variances from those of parts, and quantiles from counted values.
@Suite struct CompositionTests {
    private let none = Labels()

    /// What one server says of some values: variance, mean and count.
    private func partial(_ values: [Double]) throws -> (Double, Double, Double) {
        let all = values.enumerated().map { series(["i": "\($0)"], $1) }
        func value(_ node: PlanNode) throws -> Double { try vector(node, over: all)[0].values[0] }
        return (
            try value(aggregation(.stdvar)), try value(aggregation(.avg)), Double(values.count)
        )
    }

    private func composed(
        _ composition: Composition, _ parts: [[Double]]
    ) throws -> EvaluationOutcome {
        let partials = try parts.map(partial)
        return try evaluated(
            .composed(fragment: 0, composition, origin: "it"),
            over: [
                packed(
                    partials.map { [series(none, $0.0)] }, partials.map { [series(none, $0.1)] },
                    partials.map { [series(none, $0.2)] })
            ])
    }

    private func whole(_ parts: [[Double]]) throws -> Double {
        let all = parts.joined().enumerated().map { series(["i": "\($0)"], $1) }
        return try vector(aggregation(.stdvar), over: all)[0].values[0]
    }

    @Test(
        arguments: [
            [[1, 2, 3], [10]], [[0.5], [0.5, 7, 0.25], [1e3, -4]], [[2, 2], [2]],
            [[0.1, 0.1], [0.1]],
            [[1e-8, 3e-8], [2e-8]], [[-5], [5], [0], [0]], [[1e150, 2e150], [-1e150]],
            [[1, .nan], [3]], [[.infinity, 1], [3]],
        ] as [[[Double]]])
    func theVarianceOfPartsIsThatOfTheWhole(_ parts: [[Double]]) throws {
        let outcome = try composed(.stdvar, parts)
        let got = try vector(outcome)[0].values[0]
        let wanted = try whole(parts)
        let isEqual =
            got == wanted || (got.isNaN && wanted.isNaN)
            || (got - wanted).magnitude <= 1e-12 * wanted.magnitude
        #expect(isEqual || !outcome.cancelledSums.isEmpty, "\(got) is not \(wanted)")
        let deviation = try vector(try composed(.stddev, parts))[0].values[0]
        #expect(deviation == got.squareRoot() || got.isNaN)
    }

    @Test(
        arguments: [
            // The last digits of the values are all there is of the variance.
            [[1e9, 1e9 + 1], [1e9 + 2]], [[1e16, 1e16], [1e16 + 2]],
            // Squares overflow.
            [[1e200, -1e200], [1e200]], [[1.7e308], [-1.7e308]],
        ] as [[[Double]]])
    func aVarianceThatDependsOnTheOrderIsNamed(_ parts: [[Double]]) throws {
        #expect(try composed(.stdvar, parts).cancelledSums == ["it"])
    }

    @Test func onePartIsTakenAsItIs() throws {
        let outcome = try composed(.stdvar, [[1e9, 1e9 + 1, 1e9 + 2]])
        #expect(try vector(outcome)[0].values[0] == (try whole([[1e9, 1e9 + 1, 1e9 + 2]])))
        #expect(outcome.cancelledSums.isEmpty)
    }

    @Test func aPartThatLacksItsMeanIsNamed() throws {
        let outcome = try evaluated(
            .composed(fragment: 0, .stdvar, origin: "it"),
            over: [
                packed(
                    [[series(none, 1)], [series(none, 2)]], [[series(none, 1)], []],
                    [[series(none, 3)], [series(none, 3)]])
            ])
        #expect(outcome.cancelledSums == ["it"])
    }

    // MARK: Quantiles

    private func counted(
        _ ratio: Double, _ parts: [[(String, Double)]]
    ) throws -> EvaluationOutcome {
        try evaluated(
            .quantile(QuantileNode(fragment: 0, parameter: .number(ratio))),
            over: [
                parts.map { part in
                    part.map { series([QuantileNode.label: $0.0, "job": "a"], $0.1) }
                }
            ])
    }

    @Test(arguments: [0, 0.1, 0.25, 0.5, 0.9, 1, -1, 2, Double.nan])
    func countedValuesHaveTheQuantilesOfAllSeries(_ ratio: Double) throws {
        let parts = [[("3", 2.0), ("-0", 1), ("NaN", 1)], [("3", 1), ("+Inf", 1), ("0.1", 4)]]
        let values: [Double] = [3, 3, -0.0, .nan, 3, .infinity, 0.1, 0.1, 0.1, 0.1]
        let all = values.enumerated().map { series(["i": "\($0)", "job": "a"], $1) }
        let got = try counted(ratio, parts)
        let wanted = try evaluated(
            aggregation(.quantile, .number(ratio), .by(["job"])), over: [[all]])
        let one = try vector(got)[0]
        let other = try vector(wanted)[0]
        #expect(one.labels == other.labels)
        #expect(
            one.values[0] == other.values[0] || (one.values[0].isNaN && other.values[0].isNaN))
        #expect(got.annotations.warnings == wanted.annotations.warnings)
    }

    @Test func countedHistogramsAreIgnoredWithARemark() throws {
        let outcome = try counted(0.5, [[("{count:1, sum:2}", 3), ("7", 1)]])
        #expect(try vector(outcome)[0].values == [7])
        #expect(
            outcome.annotations.infos
                == ["PromQL info: ignored histogram in quantile aggregation"])
    }
}
