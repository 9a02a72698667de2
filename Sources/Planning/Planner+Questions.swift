import PromQL
import TimeSeries

// Queries in two phases: `x > scalar(sum(y))` sends all of `x` here, but `x > 17` only what is
// above. So the scalar is asked first, and its value stands in its place when the query is planned
// again. That is a question more for each cluster, one after the other; it is asked only where the
// second then has less to answer.
extension Planner {
    /// The values of a scalar, where it has been asked; else it will be.
    mutating func answer(to expression: Expression, grid: TimeGrid) -> [Double]? {
        let question = ScalarQuestion(expression: expression, grid: grid)
        if let values = known[question] { return values }
        if !questions.contains(question) { questions.append(question) }
        return nil
    }

    /// The value of a scalar that has only one, where it has been asked; else it will be. Over a
    /// range a scalar is seldom the same at all times, so it is asked only where it must be.
    mutating func constantAnswer(to expression: Expression, grid: TimeGrid) -> Double? {
        if grid.count == 1 { return answer(to: expression, grid: grid)?.first }
        guard expression.isStepInvariant else { return nil }
        return answer(to: expression, grid: TimeGrid(instant: grid.start))?.first
    }

    /// A scalar argument of something local, as it can be sent; nil where it cannot. `before` is
    /// the number of questions before the argument was planned: what it asks itself comes first.
    mutating func substitute(
        for expression: Expression, planned part: Part, before: Int, grid: TimeGrid
    ) -> Expression? {
        guard case .global = part, expression.type == .scalar, questions.count == before,
            let value = constantAnswer(to: expression, grid: grid)
        else { return nil }
        return .substituted(value, for: expression)
    }
}

extension Expression {
    /// A value in place of an expression that has it, in parentheses where it may have a sign.
    static func substituted(_ value: Double, for expression: Expression) -> Expression {
        let number = Expression.number(NumberLiteral(value, source: expression.source))
        return value.sign == .plus && value.isFinite
            ? number : .parenthesized(Parenthesized(number, source: expression.source))
    }

    /// The value of a number, with its sign where one stands before it.
    var literalValue: Double? {
        switch self {
        case .number(let literal): literal.value
        case .parenthesized(let group): group.expression.literalValue
        case .unary(let operation):
            operation.expression.literalValue.map { operation.operator == .minus ? -$0 : $0 }
        default: nil
        }
    }
}
