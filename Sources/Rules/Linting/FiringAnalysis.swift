import PromQL
import TimeSeries

/// Finds out from an expression's text whether it can give anything, and whether it always does.
enum FiringAnalysis {
    enum Outcome: Hashable {
        /// Nothing, for this reason.
        case never(String)
        case depends
        /// Something whatever the data.
        case always
    }

    static func outcome(of expression: Expression) -> Outcome {
        switch expression {
        case .number: .always
        case .string: .depends
        case .selector(let selector): outcome(of: selector)
        case .range(let range): outcome(of: range.selector)
        case .subquery(let subquery): outcome(of: subquery.expression).weakened
        case .call(let call): outcome(of: call)
        case .aggregation(let aggregation):
            aggregation.parameter == nil
                ? outcome(of: aggregation.expression)
                : outcome(of: aggregation.expression).weakened
        case .binary(let operation): outcome(of: operation)
        case .unary(let operation): outcome(of: operation.expression)
        case .parenthesized(let group): outcome(of: group.expression)
        }
    }

    // MARK: Selectors

    private static func outcome(of selector: Selector) -> Outcome {
        for name in Set(selector.matchers.map(\.name)).sorted() {
            let conditions = selector.matchers.filter { $0.name == name }
            guard let wanted = conditions.first(where: { $0.operator == .equal }) else { continue }
            guard let other = conditions.first(where: { !$0.matches(wanted.value) }) else {
                continue
            }
            return .never(
                "no series meets both \(text(wanted)) and \(text(other))")
        }
        return .depends
    }

    private static func text(_ matcher: Matcher) -> String {
        "\(matcher.name)\(matcher.operator.rawValue)\(GoText.quoted(matcher.value))"
    }

    // MARK: Calls

    private static func outcome(of call: Call) -> Outcome {
        let inner = call.arguments.filter { !$0.isScalar }.map(outcome(of:))
        switch call.function.name {
        case "absent", "absent_over_time":
            switch inner.first {
            case .never: return .always
            case .always: return .never("\(text(call)) is about what is always there")
            default: return .depends
            }
        // A number, or none at all: NaN is one too.
        case "scalar", "time", "pi", "vector": return .always
        default: break
        }
        if let never = inner.first(where: \.isNever) { return never }
        // `hour()` is about the time itself.
        return inner.allSatisfy { $0 == .always } && call.function.kind != .overRange
            ? .always : .depends
    }

    private static func text(_ call: Call) -> String { Expression.call(call).text() }

    // MARK: Operators

    private static func outcome(of operation: BinaryOperation) -> Outcome {
        let left = outcome(of: operation.left)
        let right = outcome(of: operation.right)
        switch operation.operator {
        case .or:
            if left == .always || right == .always { return .always }
            return left.isNever && right.isNever ? left : .depends
        case .unless: return left.isNever ? left : .depends
        case .and:
            if left.isNever { return left }
            return right.isNever ? right : .depends
        default: break
        }
        let isFilled = operation.matching?.fillLeft != nil || operation.matching?.fillRight != nil
        if !isFilled {
            if left.isNever { return left }
            if right.isNever { return right }
        }
        if operation.operator.isComparison, !operation.returnsBool {
            return contradiction(in: operation).map(Outcome.never) ?? .depends
        }
        return left == .always && right == .always ? .always : .depends
    }

    /// Why a comparison never holds; nil where it may.
    private static func contradiction(in operation: BinaryOperation) -> String? {
        let left = ValueAnalysis.bounds(of: operation.left)
        let right = ValueAnalysis.bounds(of: operation.right)
        let isExcluded =
            switch operation.operator {
            case .greater: left.upper <= right.lower
            case .greaterOrEqual: left.upper < right.lower
            case .less: left.lower >= right.upper
            case .lessOrEqual: left.lower > right.upper
            case .equal: left.upper < right.lower || left.lower > right.upper
            default: false
            }
        let isAboutNaN =
            operation.operator != .notEqual
            && (operation.left.isNaN || operation.right.isNaN)
        if isAboutNaN { return "nothing compares with NaN but by !=" }
        guard isExcluded else { return nil }
        let (side, bounds) =
            operation.right.isScalar ? ("left", left) : ("right", right)
        var reason =
            "\(Expression.binary(operation).text()) never holds: the \(side) side is "
            + words(bounds)
        if bounds == .share, case .binary(let ratio) = operation.left.bare,
            ratio.operator == .divide, let limit = operation.right.literal, limit >= 2, limit <= 100
        {
            reason += ", is \(NumberText.general(limit)) meant in percent?"
        }
        return reason
    }

    private static func words(_ bounds: ValueBounds) -> String {
        // Without the sign of a zero.
        func text(_ number: Double) -> String { NumberText.general(number + 0) }
        if bounds.lower == bounds.upper { return "always \(text(bounds.lower))" }
        switch (bounds.lower.isFinite, bounds.upper.isFinite) {
        case (true, true): return "between \(text(bounds.lower)) and \(text(bounds.upper))"
        case (true, false): return "never below \(text(bounds.lower))"
        case (false, true): return "never above \(text(bounds.upper))"
        case (false, false): return "no larger than +Inf and no smaller than -Inf"
        }
    }
}

extension FiringAnalysis.Outcome {
    var isNever: Bool {
        if case .never = self { true } else { false }
    }

    /// Where something may be left out.
    fileprivate var weakened: Self { self == .always ? .depends : self }
}

extension Expression {
    /// The number that it is written as; nil where it is none.
    var literal: Double? {
        switch self {
        case .number(let literal): literal.value
        case .unary(let operation):
            operation.expression.literal.map { operation.operator == .minus ? -$0 : $0 }
        case .parenthesized(let group): group.expression.literal
        default: nil
        }
    }

    fileprivate var isNaN: Bool { literal?.isNaN == true }
}
