import PromQL

extension MissingDataAnalysis {
    func effect(of aggregation: Aggregation) -> MissingDataEffect {
        let inner = effect(of: aggregation.expression)
        let parameter = aggregation.parameter.map { effect(of: $0).value } ?? .exact
        if inner.isNone, parameter == .exact { return inner }
        var result = inner
        result.carried = aggregation.grouping.kept(of: inner.carried)
        if aggregation.operator == .countValues,
            case .string(let label)? = aggregation.parameter?.unparenthesized
        {
            result.carried.remove(label.value)
        }
        if parameter != .exact {
            result.carried = []
            result.value = .either
            result.presence = max(result.presence, .eitherWay)
            result.isNonNegative = false
            return result
        }
        // A group that is one cluster's own is whole or missing.
        if isSeparated(result.carried), inner.value == .exact, inner.presence == .certain {
            result.isNonNegative = aggregation.operator.isNonNegative(over: inner)
            return result
        }
        result.value = value(of: aggregation.operator, over: inner)
        result.isNonNegative = aggregation.operator.isNonNegative(over: inner)
        switch aggregation.operator {
        case .topk, .bottomk, .limitk:
            // More elements push some out.
            result.presence = max(inner.presence, .eitherWay)
            result.canAppear = true
            result.value = inner.value
        case .limitRatio:
            result.value = inner.value
        case .countValues:
            // The values are labels.
            if inner.value != .exact { result.presence = max(inner.presence, .eitherWay) }
        default: break
        }
        return result
    }

    private func value(
        of operation: AggregationOperator, over inner: MissingDataEffect
    ) -> MissingDataEffect.Direction {
        let isWhole = inner.presence == .certain
        switch operation {
        case .group: return .exact
        case .count:
            if isWhole { return .more }
            return inner.canAppear ? .either : .less
        case .countValues: return isWhole && inner.value == .exact ? .more : .either
        case .sum:
            if !isWhole || inner.value == .less || inner.value == .either { return .either }
            return inner.isNonNegative ? .more : inner.canAppear ? .either : inner.value
        case .max:
            return isWhole && (inner.value == .exact || inner.value == .more) ? .more : .either
        case .min:
            return isWhole && (inner.value == .exact || inner.value == .less) ? .less : .either
        case .avg, .stddev, .stdvar, .quantile, .topk, .bottomk, .limitk, .limitRatio:
            return .either
        }
    }
}

extension AggregationOperator {
    fileprivate func isNonNegative(over inner: MissingDataEffect) -> Bool {
        switch self {
        case .count, .group, .countValues, .stddev, .stdvar: true
        case .sum, .avg, .min, .max, .quantile, .topk, .bottomk, .limitk, .limitRatio:
            inner.isNonNegative
        }
    }
}

extension Grouping {
    /// Which of some labels a group keeps.
    fileprivate func kept(of names: Set<String>) -> Set<String> {
        switch self {
        case .by(let labels): names.intersection(labels)
        case .without(let labels): names.subtracting(labels)
        }
    }
}
