import Clusters
import PromQL

// What becomes of own labels of external names in an expression: whether they are dropped, kept, or
// looked at on the way.
extension ClusterPart {
    /// The names that own labels of external names move to.
    private var movedNames: Set<String> {
        let once = cluster.capabilities.conflictingLabels.map { "exported_" + $0 }
        let twice = cluster.capabilities.doublyConflictingLabels.map { "exported_exported_" + $0 }
        return Set(once + twice)
    }

    /// Whether the aggregation gives the same without any label set: it keeps none that is set or
    /// moved, and nothing below it looks at labels.
    func isIndifferent(_ aggregation: Aggregation) -> Bool {
        dropsOwnLabels(aggregation) && externalNames.isDisjoint(with: aggregation.grouping.labels)
    }

    /// Whether no label that would have to be moved is left in the result.
    private func dropsOwnLabels(_ aggregation: Aggregation) -> Bool {
        guard case .by(let labels) = aggregation.grouping, !aggregation.operator.keepsSeries else {
            return false
        }
        return movedNames.isDisjoint(with: labels) && isIndifferent(aggregation.expression)
    }

    func dropsOwnLabels(_ expression: Expression) -> Bool {
        switch expression {
        case .number, .string: true
        case .selector, .range: false
        case .subquery(let subquery): dropsOwnLabels(subquery.expression)
        case .call(let call): call.arguments.allSatisfy(dropsOwnLabels)
        case .aggregation(let aggregation):
            dropsOwnLabels(aggregation) || dropsOwnLabels(aggregation.expression)
        case .binary(let operation):
            dropsOwnLabels(operation.left) && dropsOwnLabels(operation.right)
        case .unary(let operation): dropsOwnLabels(operation.expression)
        case .parenthesized(let group): dropsOwnLabels(group.expression)
        }
    }

    /// Whether the answer's series are the cluster's own with all their labels, so that these can
    /// be moved afterwards.
    func keepsOwnLabels(_ expression: Expression) -> Bool {
        switch expression {
        case .number, .string, .selector, .range: true
        case .subquery(let subquery): keepsOwnLabels(subquery.expression)
        case .call(let call):
            [.overRange, .elementwise, .calendar, .sampleTime].contains(call.function.kind)
                && call.arguments.allSatisfy(keepsOwnLabels)
        case .aggregation(let aggregation):
            aggregation.operator.keepsSeries && aggregation.operator != .limitRatio
                && groupsAlikeBeforeMoving(aggregation.grouping)
                && keepsOwnLabels(aggregation.expression)
        case .binary(let operation):
            (operation.left.type == .scalar || operation.right.type == .scalar)
                && keepsOwnLabels(operation.left) && keepsOwnLabels(operation.right)
        case .unary(let operation): keepsOwnLabels(operation.expression)
        case .parenthesized(let group): keepsOwnLabels(group.expression)
        }
    }

    /// Whether groups are the same before labels are moved. Those `without` a label are not: an own
    /// label that says what the external one does tells series apart that the union puts together.
    private func groupsAlikeBeforeMoving(_ grouping: Grouping) -> Bool {
        guard case .by(let labels) = grouping else { return false }
        return movedNames.isDisjoint(with: labels)
    }

    /// Whether the expression is an aggregation by labels that are to be moved, over series with
    /// their own labels.
    func groupsByMovedLabels(_ expression: Expression) -> Bool {
        guard case .aggregation(let aggregation) = expression.unparenthesized,
            case .by = aggregation.grouping, !aggregation.operator.keepsSeries,
            cluster.capabilities.doublyConflictingLabels.isEmpty
        else { return false }
        return isIndifferent(aggregation.expression)
    }

    /// The grouping by the names that labels have before they are moved.
    func beforeMoving(_ grouping: Grouping) -> Grouping {
        guard case .by(let labels) = own(grouping) else { return own(grouping) }
        let ownNames = cluster.capabilities.conflictingLabels
        return .by(
            labels.map { label in ownNames.first { "exported_" + $0 == label } ?? label })
    }

    private func isIndifferent(_ expression: Expression) -> Bool {
        switch expression {
        case .number, .string, .selector, .range: true
        case .subquery(let subquery): isIndifferent(subquery.expression)
        case .call(let call):
            call.function.kind != .labels && call.function.kind != .buckets
                && call.arguments.allSatisfy(isIndifferent)
        case .aggregation(let aggregation): isIndifferent(aggregation)
        case .binary(let operation):
            (operation.left.type == .scalar || operation.right.type == .scalar)
                && isIndifferent(operation.left) && isIndifferent(operation.right)
        case .unary(let operation): isIndifferent(operation.expression)
        case .parenthesized(let group): isIndifferent(group.expression)
        }
    }
}
