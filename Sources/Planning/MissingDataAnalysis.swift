import PromQL
import TimeSeries

/// Finds out what missing clusters mean for an expression's answer, from the expression alone.
public struct MissingDataAnalysis: Sendable {
    /// The names of external labels.
    let externalNames: Set<String>
    /// The label that tells every cluster from all others.
    let identifyingName: String
    /// What is known of metrics that rules record from the clusters' answers.
    let recorded: [String: MissingDataEffect]

    public init(
        externalNames: Set<String>, identifyingName: String,
        recorded: [String: MissingDataEffect] = [:]
    ) {
        self.externalNames = externalNames
        self.identifyingName = identifyingName
        self.recorded = recorded
    }

    /// What missing clusters mean for the answer.
    public func effect(of expression: Expression) -> MissingDataEffect {
        var result = partEffect(of: expression)
        result.isOneClustersOwn = isSeparated(result.carried)
        return result
    }

    private func partEffect(of expression: Expression) -> MissingDataEffect {
        switch expression {
        case .number, .string: return .none
        case .selector(let selector): return effect(of: selector)
        case .range(let range): return effect(of: range.selector)
        case .subquery(let subquery): return effect(of: subquery.expression)
        case .parenthesized(let group): return effect(of: group.expression)
        case .unary(let operation):
            var result = effect(of: operation.expression)
            if operation.operator == .minus {
                result.value = result.value.flipped
                result.isNonNegative = false
            }
            return result
        case .aggregation(let aggregation): return effect(of: aggregation)
        case .binary(let operation): return effect(of: operation)
        case .call(let call): return effect(of: call)
        }
    }

    /// An expression whose elements prove, whatever is missing, that the element of the same labels
    /// is not in the answer of `expression` in truth: the opposite of a comparison that missing data
    /// cannot undo. Nil where there is none.
    public func witnessOfAbsence(of expression: Expression) -> Expression? {
        guard case .binary(var operation) = expression.unparenthesized,
            let opposite = operation.operator.opposite, !operation.returnsBool,
            // Where both sides are vectors, another pair may stand behind the same labels.
            operation.left.type == .scalar || operation.right.type == .scalar,
            case let found = effect(of: expression), found.canAppear,
            !isSeparated(found.carried)
        else { return nil }
        operation.operator = opposite
        let witness = Expression.binary(operation)
        return effect(of: witness).presence == .certain ? witness : nil
    }

    // MARK: Data

    /// Whether elements are told apart by cluster, so that none mixes data of several.
    func isSeparated(_ carried: Set<String>) -> Bool { carried.contains(identifyingName) }

    private func effect(of selector: Selector) -> MissingDataEffect {
        // The gateway's own series are there whoever is missing.
        if selector.isReserved { return MissingDataEffect(carried: externalNames) }
        let name = selector.namedMetric
        let own = MissingDataEffect(carried: externalNames, canAppear: true)
        // Clusters may have series of the same name as well.
        return name.flatMap { recorded[$0] }.map { own.united(with: $0) } ?? own
    }

    // MARK: Calls

    /// Functions whose value never falls when that of their argument rises.
    private static let rising: Set<String> = [
        "ceil", "floor", "round", "sgn", "exp", "deg", "rad", "asinh", "atan", "sinh", "tanh",
        "clamp", "clamp_min", "clamp_max",
    ]

    /// The same for arguments that are not below zero, where others make these NaN.
    private static let risingAboveZero: Set<String> = ["abs", "sqrt", "ln", "log2", "log10"]

    /// Functions over a window whose value never falls when samples rise, where no sample is added.
    private static let risingOverTime: Set<String> = [
        "max_over_time", "min_over_time", "avg_over_time", "sum_over_time", "last_over_time",
        "first_over_time", "quantile_over_time",
    ]

    /// Functions that never give less than zero where they are about counters.
    private static let nonNegative: Set<String> = [
        "rate", "increase", "irate", "resets", "changes", "count_over_time", "present_over_time",
        "stddev_over_time", "stdvar_over_time", "mad_over_time", "abs", "sqrt", "exp",
    ]

    private func effect(of call: Call) -> MissingDataEffect {
        let name = call.function.name
        switch call.function.kind {
        case .constant, .query: return .none
        case .vector, .sort: return effect(of: call.arguments[0])
        case .scalarArithmetic: return scalars(call.arguments)
        case .scalar:
            // It is NaN unless there is exactly one element, so that anything may become of it.
            let inner = effect(of: call.arguments[0])
            return inner.isNone ? .none : MissingDataEffect(value: .either)
        case .absent, .absentOverTime:
            let inner = effect(of: call.arguments[0])
            if inner.isNone { return .none }
            // A label that a condition fixes is in the answer, and only data with it counts.
            let fixed = call.arguments[0].labelsOfAbsence.pairs.map(\.name)
            return MissingDataEffect(
                carried: externalNames.intersection(fixed),
                presence: inner.canAppear ? .deficit : .certain,
                canAppear: inner.presence != .certain, isNonNegative: true)
        case .overRange: return windowed(call)
        case .calendar:
            guard let argument = call.arguments.first else { return .none }
            return computed(effect(of: argument))
        case .elementwise:
            var result = withParameters(call)
            let rises =
                Self.rising.contains(name)
                || result.isNonNegative && Self.risingAboveZero.contains(name)
            if !rises, result.value != .exact { result.value = .either }
            result.isNonNegative =
                Self.nonNegative.contains(name)
                || result.isNonNegative && ["ceil", "floor", "round", "sgn"].contains(name)
                || name == "clamp_min" && call.arguments[1].isNonNegativeNumber
            return result
        case .sampleTime: return computed(effect(of: call.arguments[0]))
        case .buckets: return buckets(call)
        case .labels: return relabelled(call)
        case .info:
            var result = effect(of: call.arguments[0])
            if result.isNone { return result }
            // Labels come from series of any cluster.
            result.carried = []
            result.presence = max(result.presence, .eitherWay)
            return result
        }
    }

    /// Where a value is not known exactly, nothing is known of what is computed from it.
    private func computed(_ inner: MissingDataEffect) -> MissingDataEffect {
        var result = inner
        result.value = inner.value == .exact ? .exact : .either
        result.isNonNegative = false
        return result
    }

    /// The effect on the vector among the arguments; parameters that data decides make values
    /// unknown.
    private func withParameters(_ call: Call) -> MissingDataEffect {
        var result = MissingDataEffect.none
        var parameters: [Expression] = []
        for argument in call.arguments {
            if argument.type == .vector || argument.type == .matrix {
                result = effect(of: argument)
            } else {
                parameters.append(argument)
            }
        }
        if scalars(parameters).value != .exact {
            result.value = .either
            result.carried = []
        }
        return result
    }

    private func scalars(_ expressions: [Expression]) -> MissingDataEffect {
        let areExact = expressions.allSatisfy { effect(of: $0).value == .exact }
        return areExact ? .none : MissingDataEffect(value: .either)
    }

    private func windowed(_ call: Call) -> MissingDataEffect {
        let name = call.function.name
        var result = withParameters(call)
        result.isNonNegative =
            Self.nonNegative.contains(name)
            || result.isNonNegative && Self.risingOverTime.contains(name)
        if result.value == .exact, isSeparated(result.carried) || result.isNone { return result }
        // What is looked at are points that were computed without the missing clusters: some may
        // have another value, and some that are not there may be there in truth.
        let staysPut = result.presence == .certain && !result.canAppear
        switch name {
        case "present_over_time": result.value = .exact
        case "count_over_time":
            result.value =
                result.presence != .certain ? .either : result.canAppear ? .more : .exact
        case "max_over_time" where result.presence == .certain,
            "sum_over_time" where result.presence == .certain && result.isNonNegative:
            result.value =
                result.value == .exact
                ? (result.canAppear ? .more : .exact) : result.value == .more ? .more : .either
        case "min_over_time" where result.presence == .certain:
            result.value =
                result.value == .exact
                ? (result.canAppear ? .less : .exact) : result.value == .less ? .less : .either
        case _ where staysPut && Self.risingOverTime.contains(name): break
        default:
            result.value = staysPut && result.value == .exact ? .exact : .either
        }
        // With another number of points a rate is there or not.
        if !Self.risingOverTime.contains(name),
            !["count_over_time", "present_over_time"].contains(name)
        {
            result.presence = max(result.presence, staysPut ? .certain : .eitherWay)
        }
        return result
    }

    private func buckets(_ call: Call) -> MissingDataEffect {
        var result = withParameters(call)
        result.isNonNegative = false
        if call.function.name == "histogram_quantiles",
            case .string(let label)? =
                call.arguments.dropFirst().first?.unparenthesized
        {
            result.carried.remove(label.value)
        }
        if result.value == .exact, isSeparated(result.carried) || result.isNone { return result }
        result.value = .either
        result.presence = max(result.presence, .eitherWay)
        return result
    }

    private func relabelled(_ call: Call) -> MissingDataEffect {
        var result = effect(of: call.arguments[0])
        guard case .string(let label) = call.arguments[1].unparenthesized else { return .unknown }
        result.carried.remove(label.value)
        // Another element may have the same labels in truth.
        if result.presence != .certain { result.value = .either }
        return result
    }
}

extension BinaryOperator {
    /// The comparison that holds where this one does not, NaN apart.
    var opposite: BinaryOperator? {
        switch self {
        case .greater: .lessOrEqual
        case .lessOrEqual: .greater
        case .less: .greaterOrEqual
        case .greaterOrEqual: .less
        case .equal: .notEqual
        case .notEqual: .equal
        default: nil
        }
    }
}

extension Expression {
    /// The number that a scalar of literals is; nil for all else.
    var literalNumber: Double? {
        switch self {
        case .number(let literal): return literal.value
        case .parenthesized(let group): return group.expression.literalNumber
        case .unary(let operation):
            return operation.expression.literalNumber.map {
                operation.operator == .minus ? -$0 : $0
            }
        case .binary(let operation):
            guard let left = operation.left.literalNumber,
                let right = operation.right.literalNumber
            else { return nil }
            switch operation.operator {
            case .add: return left + right
            case .subtract: return left - right
            case .multiply: return left * right
            case .divide: return left / right
            default: return nil
            }
        default: return nil
        }
    }

    var isNonNegativeNumber: Bool { (literalNumber ?? -1) >= 0 }
}
