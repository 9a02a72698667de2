import PromQL
import TimeSeries

/// Finds quantiles that are none: outside of 0 to 1, mostly because they are meant in percent.
enum QuantileAnalysis {
    static func findings(in expression: Expression) -> [LintFinding] {
        let here = parameter(of: expression).flatMap { parameter -> LintFinding? in
            guard let number = parameter.literal, !(0...1).contains(number) else { return nil }
            return LintFinding(
                .quantileOutOfRange,
                "\(expression.text()): a quantile is between 0 and 1, "
                    + "\(NumberText.general(number)) gives an infinity")
        }
        let inside = expression.children.flatMap(findings(in:))
        return here.map { [$0] + inside } ?? inside
    }

    /// Which quantile is asked for; nil where none is.
    private static func parameter(of expression: Expression) -> Expression? {
        switch expression {
        case .call(let call)
        where ["histogram_quantile", "quantile_over_time"].contains(call.function.name):
            call.arguments.first
        case .aggregation(let aggregation) where aggregation.operator == .quantile:
            aggregation.parameter
        default: nil
        }
    }
}
