import Clusters
import PromQL
import TimeSeries

extension Planner {
    /// What a binary operation becomes; `distribution.md` C2 and C4.
    mutating func part(
        ofBinary operation: BinaryOperation, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        var questionCount = questions.count
        var left = try part(of: operation.left, grid: grid)
        var right = try part(of: operation.right, grid: grid)
        // A filter leaves less of a vector, and so does an aggregation above.
        if isReduced || (operation.operator.isComparison && !operation.returnsBool) {
            if case .local = left,
                let value = substitute(
                    for: operation.right, planned: right, before: questionCount, grid: grid)
            {
                right = .constant(value)
            }
            questionCount = questions.count
            if case .local = right,
                let value = substitute(
                    for: operation.left, planned: left, before: questionCount, grid: grid)
            {
                left = .constant(value)
            }
        }
        var own = operation
        switch (left, right) {
        case (.constant(let leftConstant), .constant(let rightConstant)):
            own.left = leftConstant
            own.right = rightConstant
            return .constant(.binary(own))
        case (.local(var local), .constant(let constant)):
            own.left = local.expression
            own.right = constant
            local.expression = .binary(own)
            if try serversKnow(operation, local.expression) { return .local(local) }
        case (.constant(let constant), .local(var local)):
            own.left = constant
            own.right = local.expression
            local.expression = .binary(own)
            if try serversKnow(operation, local.expression) { return .local(local) }
        case (.local(let leftLocal), .local(let rightLocal)):
            if var local = try joined(leftLocal, rightLocal, operation) {
                own.left = leftLocal.expression
                own.right = rightLocal.expression
                local.expression = .binary(own)
                if try serversKnow(operation, local.expression) { return .local(local) }
            }
        default:
            break
        }
        return .global(
            .binary(
                BinaryNode(
                    operator: operation.operator, left: try materialized(left, grid: grid),
                    right: try rightNode(of: operation, right, grid: grid),
                    returnsBool: operation.returnsBool, matching: operation.matching,
                    source: operation.source)))
    }

    /// `and` and `unless` only ask whether the right side has a match, so of its series one for
    /// each match is enough.
    private mutating func rightNode(
        of operation: BinaryOperation, _ right: Part, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        guard operation.operator == .and || operation.operator == .unless,
            case .local(let local) = right, let matching = operation.matching
        else { return try materialized(right, grid: grid) }
        let grouping: Grouping
        switch matching.labels {
        case .on(let labels): grouping = .by(labels)
        case .ignoring(let labels):
            // Nothing but the name is left out, so nothing is gained.
            guard !labels.isEmpty else { return try materialized(right, grid: grid) }
            grouping = .without(labels)
        }
        let group = Aggregation(
            operator: .group, expression: operation.right, grouping: grouping)
        return try materialized(
            try part(
                ofAggregation: group, input: .local(local), parameter: Parameter(), grid: grid),
            grid: grid)
    }

    /// Whether the servers in scope compute the operation as the union would. Trimming of
    /// histograms is computed by servers alone, of a release that has it.
    private mutating func serversKnow(
        _ operation: BinaryOperation, _ expression: Expression
    ) throws(PlanningFailure) -> Bool {
        if operation.operator == .atan2 {
            // Servers before 3.0 keep the metric's name.
            return try tooOld(for: expression, since: PrometheusVersion(3, 0)) == nil
        }
        if operation.matching?.isFilled == true {
            return try tooOld(for: expression, since: PrometheusVersion(3, 10)) == nil
        }
        guard operation.operator == .trimLower || operation.operator == .trimUpper else {
            return true
        }
        let since = PrometheusVersion(3, 9)
        if let old = try tooOld(for: expression, since: since) {
            throw .unsupported(
                part: operation.operator.rawValue, cluster: old.id, since: since)
        }
        return true
    }

    /// What two vectors give where matching series are always of one cluster, else nil.
    private mutating func joined(
        _ left: Local, _ right: Local, _ operation: BinaryOperation
    ) throws(PlanningFailure) -> Local? {
        let matching = operation.matching ?? VectorMatching()
        guard externalNames.isDisjoint(with: matching.include) else { return nil }
        // Both sides must look at the same external labels, `cluster` among them: equal inside a
        // cluster, and different between any two.
        let leftMatched: Set<String>
        let rightMatched: Set<String>
        switch matching.labels {
        case .on(let labels):
            leftMatched = left.external.intersection(labels)
            rightMatched = right.external.intersection(labels)
        case .ignoring(let labels):
            leftMatched = left.external.subtracting(labels)
            rightMatched = right.external.subtracting(labels)
        }
        guard leftMatched == rightMatched, leftMatched.contains(Cluster.label) else { return nil }

        var result = left
        result.readsExternal = left.readsExternal || right.readsExternal
        switch operation.operator.isSet ? .manyToMany : matching.cardinality {
        case .oneToOne: result.external = leftMatched
        case .manyToOne: result.external = left.external
        case .oneToMany: result.external = right.external
        case .manyToMany:
            // The series of `or` come from either side.
            if operation.operator == .or, left.external != right.external { return nil }
        }
        if matching.isFilled {
            // A filled series has the labels of the match alone; and where a cluster has nothing of
            // one side, the other is not left out with it.
            guard result.external == leftMatched,
                try haveSameScope(left.expression, right.expression)
            else { return nil }
        }
        return result
    }
}

extension VectorMatching {
    /// Whether a missing side counts as a number.
    fileprivate var isFilled: Bool { fillLeft != nil || fillRight != nil }
}
