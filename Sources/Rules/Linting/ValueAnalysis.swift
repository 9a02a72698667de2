import PromQL
import TimeSeries

/// Finds out from an expression's text between which numbers its values are.
enum ValueAnalysis {
    static func bounds(of expression: Expression) -> ValueBounds {
        switch expression {
        case .number(let literal): literal.value.isNaN ? .any : .exactly(literal.value)
        case .string: .any
        case .selector(let selector): bounds(of: selector)
        case .range(let range): bounds(of: range.selector)
        case .subquery(let subquery): bounds(of: subquery.expression)
        case .call(let call): bounds(of: call)
        case .aggregation(let aggregation): bounds(of: aggregation)
        case .binary(let operation): bounds(of: operation)
        case .unary(let operation):
            operation.operator == .minus
                ? -bounds(of: operation.expression) : bounds(of: operation.expression)
        case .parenthesized(let group): bounds(of: group.expression)
        }
    }

    /// Metrics are what their names say: `_total` and the like are never below zero.
    private static func bounds(of selector: Selector) -> ValueBounds {
        guard let name = selector.fixedName else { return .any }
        if ["up", "probe_success", "scrape_timeout_seconds"].contains(name) {
            return name == "scrape_timeout_seconds" ? .nonNegative : .share
        }
        if name == "ALERTS" { return .exactly(1) }
        let isCount = ["_total", "_count", "_bucket", "_bytes"].contains { name.hasSuffix($0) }
        return isCount ? .nonNegative : .any
    }

    // MARK: Calls

    /// Functions whose values do not hang on those of their argument.
    private static let fixed: [String: ValueBounds] = [
        "absent": .exactly(1), "absent_over_time": .exactly(1), "changes": .nonNegative,
        "cos": ValueBounds(-1, 1), "count_over_time": ValueBounds(1, .infinity),
        "day_of_month": ValueBounds(1, 31), "day_of_week": ValueBounds(0, 6),
        "day_of_year": ValueBounds(1, 366), "days_in_month": ValueBounds(28, 31),
        "exp": .nonNegative, "histogram_count": .nonNegative, "histogram_fraction": .share,
        "histogram_stddev": .nonNegative, "histogram_stdvar": .nonNegative,
        "hour": ValueBounds(0, 23), "increase": .nonNegative, "irate": .nonNegative,
        "mad_over_time": .nonNegative, "minute": ValueBounds(0, 59), "month": ValueBounds(1, 12),
        "pi": .exactly(.pi), "present_over_time": .exactly(1), "rate": .nonNegative,
        "resets": .nonNegative, "sgn": ValueBounds(-1, 1), "sin": ValueBounds(-1, 1),
        "sqrt": .nonNegative, "stddev_over_time": .nonNegative,
        "stdvar_over_time": .nonNegative, "time": .nonNegative,
    ]

    /// Functions whose values are among those of their argument.
    private static let passing: Set<String> = [
        "avg_over_time", "first_over_time", "label_join", "label_replace", "last_over_time",
        "max_over_time", "min_over_time", "scalar", "sort", "sort_by_label",
        "sort_by_label_desc", "sort_desc", "vector",
    ]

    private static func bounds(of call: Call) -> ValueBounds {
        let name = call.function.name
        if let bounds = fixed[name] { return bounds }
        guard let first = call.arguments.first else { return .any }
        let inner = bounds(of: first)
        if passing.contains(name) { return inner }
        func argument(_ index: Int) -> ValueBounds {
            index < call.arguments.count ? bounds(of: call.arguments[index]) : .any
        }
        switch name {
        case "abs":
            if inner.lower >= 0 { return inner }
            return ValueBounds(0, max(-inner.lower, inner.upper))
        case "ceil", "floor":
            return ValueBounds(
                inner.lower.rounded(.down), inner.upper.rounded(.up))
        case "round" where call.arguments.count == 1:
            return ValueBounds(inner.lower.rounded(.down), inner.upper.rounded(.up))
        case "sum_over_time": return inner.summed
        case "clamp":
            return inner.clamped(ValueBounds(argument(1).lower, argument(2).upper))
        case "clamp_max":
            return inner.clamped(ValueBounds(-.infinity, argument(1).upper))
        case "clamp_min":
            return inner.clamped(ValueBounds(argument(1).lower, .infinity))
        default: return .any
        }
    }

    // MARK: Aggregations and operators

    private static func bounds(of aggregation: Aggregation) -> ValueBounds {
        let inner = bounds(of: aggregation.expression)
        switch aggregation.operator {
        case .avg, .min, .max, .topk, .bottomk, .limitk, .limitRatio: return inner
        case .quantile:
            let isShare = ValueBounds.share.contains(
                aggregation.parameter.map(bounds(of:)) ?? .any)
            return isShare ? inner : .any
        case .sum: return inner.summed
        case .count, .countValues: return ValueBounds(1, .infinity)
        case .group: return .exactly(1)
        case .stddev, .stdvar: return .nonNegative
        }
    }

    private static func bounds(of operation: BinaryOperation) -> ValueBounds {
        if operation.matching?.fillLeft != nil || operation.matching?.fillRight != nil {
            return .any
        }
        let left = bounds(of: operation.left)
        let right = bounds(of: operation.right)
        switch operation.operator {
        case .add: return left + right
        case .subtract: return left + -right
        case .multiply: return left * right
        case .divide:
            let isShare = Share.is(operation.left, of: operation.right)
            return isShare ? .share : left / right
        case .or: return left.united(with: right)
        case .and, .unless: return left
        case .greater, .greaterOrEqual, .less, .lessOrEqual, .equal, .notEqual:
            if operation.returnsBool { return .share }
            // A number on the left is not what stays of a comparison with a vector.
            return operation.left.isScalar ? right : left
        case .modulo, .power, .atan2, .trimUpper, .trimLower: return .any
        }
    }
}

extension ValueBounds {
    fileprivate func contains(_ other: ValueBounds) -> Bool {
        lower <= other.lower && other.upper <= upper
    }
}

extension Expression {
    /// Without the parentheses around it.
    var bare: Expression {
        if case .parenthesized(let group) = self { group.expression.bare } else { self }
    }

    /// Whether it is a number rather than a vector.
    var isScalar: Bool {
        switch self {
        case .number: true
        case .call(let call): call.function.returns == .scalar
        case .binary(let operation):
            operation.left.isScalar && operation.right.isScalar
        case .unary(let operation): operation.expression.isScalar
        case .parenthesized(let group): group.expression.isScalar
        default: false
        }
    }
}

extension Selector {
    /// The metric's name where a condition fixes it.
    var fixedName: String? {
        matchers.first {
            $0.name == Labels.metricNameLabel && $0.operator == .equal && !$0.value.isEmpty
        }?.value
    }
}

/// Ratios whose upper part counts some of what the lower part counts: never above one.
enum Share {
    static func `is`(_ part: Expression, of whole: Expression) -> Bool {
        switch (part.bare, whole.bare) {
        case (.aggregation(let part), .aggregation(let whole)):
            guard part.operator == whole.operator, [.sum, .count].contains(part.operator),
                part.grouping.sorted == whole.grouping.sorted
            else { return false }
            // The number of series does not hang on what they count.
            if part.operator == .sum,
                ValueAnalysis.bounds(of: part.expression).lower < 0
            {
                return false
            }
            return isSubset(part.expression, of: whole.expression)
        case (.call, .call): return isSubset(part, of: whole)
        default: return false
        }
    }

    /// Whether the series of one expression are among those of the other, with the same values.
    private static func isSubset(_ part: Expression, of whole: Expression) -> Bool {
        switch (part.bare, whole.bare) {
        case (.selector(let part), .selector(let whole)): return isSubset(part, of: whole)
        case (.range(let part), .range(let whole)):
            return part.range == whole.range && isSubset(part.selector, of: whole.selector)
        case (.call(let part), .call(let whole)):
            guard ["rate", "irate", "increase"].contains(part.function.name),
                part.function.name == whole.function.name, let inner = part.arguments.first,
                let outer = whole.arguments.first
            else { return false }
            return isSubset(inner, of: outer)
        default: return false
        }
    }

    private static func isSubset(_ part: Selector, of whole: Selector) -> Bool {
        part.fixedName != nil && part.time == whole.time && part.sampling == whole.sampling
            && Set(whole.matchers).isSubset(of: part.matchers)
    }
}

extension Grouping {
    fileprivate var sorted: Grouping {
        switch self {
        case .by(let labels): .by(labels.sorted())
        case .without(let labels): .without(labels.sorted())
        }
    }
}
