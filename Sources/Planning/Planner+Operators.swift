import Clusters
import PromQL
import TimeSeries

extension Planner {
    // MARK: Aggregations

    /// What an aggregation becomes; `distribution.md` C2 and C3.
    mutating func part(
        ofAggregation aggregation: Aggregation, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        var own = aggregation
        var parameter: Part?
        var parameterIsConstant = true
        if let expression = aggregation.parameter {
            let part = try part(of: expression, grid: grid)
            switch (part, expression.unparenthesized) {
            case (.constant(let constant), _): own.parameter = constant
            case (_, .string): break
            default: parameterIsConstant = false
            }
            parameter = part
        }
        let input = try part(of: aggregation.expression, grid: grid)
        guard case .local(let local) = input, parameterIsConstant else {
            return .global(
                try node(of: aggregation, input: input, parameter: parameter, grid: grid))
        }
        own.expression = local.expression
        var pushed = local
        pushed.expression = .aggregation(own)
        pushed.external = kept(local.external, by: aggregation.grouping)
        let isPerCluster = pushed.external.contains(Cluster.label)
        let keepsSeries = aggregation.operator.keepsSeries
        if keepsSeries { pushed.external = local.external }
        let isTooOld =
            try tooOld(for: pushed.expression, since: aggregation.operator.since) != nil

        if case .string(let name)? = aggregation.parameter?.unparenthesized,
            externalNames.contains(name.value) || aggregation.grouping.labels.contains(name.value)
        {
            // count_values writes where an external label or a group's label belongs.
        } else if aggregation.operator == .limitRatio {
            // Which series are drawn depends on all their labels, and on the server's hash.
            if let old = try tooOld(for: pushed.expression, since: aggregation.operator.since) {
                throw .unsupported(
                    part: "limit_ratio", cluster: old.id, since: PrometheusVersion(2, 54))
            }
            pushed.readsExternal = true
            return .local(pushed)
        } else if isPerCluster, !isTooOld {
            return .local(pushed)
        } else if !isTooOld,
            let merged = try merged(
                aggregation, pushed: pushed, parameter: parameter, grid: grid)
        {
            return .global(merged)
        }
        return .global(
            try node(of: aggregation, input: input, parameter: parameter, grid: grid))
    }

    /// The aggregation put together from the clusters' partial answers, or nil where partial
    /// answers do not hold what is needed.
    private mutating func merged(
        _ aggregation: Aggregation, pushed: Local, parameter: Part?, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode? {
        let origin = Expression.aggregation(aggregation).text()
        switch aggregation.operator {
        case .sum, .avg:
            // A group that mixes floats and histograms inside one cluster is missing in its
            // answer; servers that do not say so leave no choice but to look at all series.
            let mayHideMixedGroups = try scope(of: pushed.expression).contains {
                $0.capabilities.hasNativeHistograms && $0.isOlder(than: PrometheusVersion(2, 48))
            }
            if exactAggregations.contains(origin) || mayHideMixedGroups { return nil }
            guard aggregation.operator == .avg else {
                return .merged(
                    fragment: try fragment(of: pushed, grid: grid, isMerged: true), .sum,
                    origin: origin)
            }
            return .average(
                sum: try fragment(of: pushed, as: .sum, grid: grid),
                count: try fragment(of: pushed, as: .count, grid: grid), origin: origin)
        case .count, .countValues:
            return .merged(
                fragment: try fragment(of: pushed, grid: grid, isMerged: true), .sum, origin: origin
            )
        case .min:
            return .merged(
                fragment: try fragment(of: pushed, grid: grid, isMerged: true), .min, origin: origin
            )
        case .max:
            return .merged(
                fragment: try fragment(of: pushed, grid: grid, isMerged: true), .max, origin: origin
            )
        case .group:
            return .merged(
                fragment: try fragment(of: pushed, grid: grid, isMerged: true), .group,
                origin: origin)
        case .topk, .bottomk:
            // The k best of all are among each cluster's k best.
            let candidates = PlanNode.fragment(try fragment(of: pushed, grid: grid))
            return .aggregation(
                AggregationNode(
                    aggregation, input: candidates,
                    parameter: try parameter.map { part throws(PlanningFailure) in
                        try materialized(part, grid: grid)
                    }))
        case .stddev, .stdvar, .quantile, .limitk, .limitRatio:
            return nil
        }
    }

    private mutating func fragment(
        of local: Local, as operation: AggregationOperator, grid: TimeGrid
    ) throws(PlanningFailure) -> Int {
        var own = local
        if case .aggregation(var aggregation) = own.expression {
            aggregation.operator = operation
            own.expression = .aggregation(aggregation)
        }
        return try fragment(of: own, grid: grid, isMerged: true)
    }

    /// The aggregation computed here.
    private mutating func node(
        of aggregation: Aggregation, input: Part, parameter: Part?, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        var parameterNode: PlanNode?
        if let parameter { parameterNode = try materialized(parameter, grid: grid) }
        return .aggregation(
            AggregationNode(
                aggregation, input: try materialized(input, grid: grid),
                parameter: parameterNode))
    }

    private func kept(_ external: Set<String>, by grouping: Grouping) -> Set<String> {
        switch grouping {
        case .by(let labels): external.intersection(labels)
        case .without(let labels): external.subtracting(labels)
        }
    }

    // MARK: Binary operators

    mutating func part(
        ofBinary operation: BinaryOperation, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        let left = try part(of: operation.left, grid: grid)
        let right = try part(of: operation.right, grid: grid)
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
            let matching = operation.matching ?? VectorMatching()
            if var local = joined(leftLocal, rightLocal, operation.operator, matching) {
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
                    right: try materialized(right, grid: grid),
                    returnsBool: operation.returnsBool, matching: operation.matching,
                    source: operation.source)))
    }

    /// Whether the servers in scope compute the operation as the union would. Trimming of
    /// histograms is computed by servers alone, of a release that has it.
    private func serversKnow(
        _ operation: BinaryOperation, _ expression: Expression
    ) throws(PlanningFailure) -> Bool {
        if operation.operator == .atan2 {
            // Servers before 3.0 keep the metric's name.
            return try tooOld(for: expression, since: PrometheusVersion(3, 0)) == nil
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
    private func joined(
        _ left: Local, _ right: Local, _ operation: BinaryOperator, _ matching: VectorMatching
    ) -> Local? {
        // A filled side need not be there at all, so a cluster cannot leave it out.
        guard matching.fillLeft == nil, matching.fillRight == nil else { return nil }
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
        switch operation.isSet ? .manyToMany : matching.cardinality {
        case .oneToOne: result.external = leftMatched
        case .manyToOne: result.external = left.external
        case .oneToMany: result.external = right.external
        case .manyToMany:
            // The series of `or` come from either side.
            if operation == .or, left.external != right.external { return nil }
        }
        return result
    }
}

extension AggregationOperator {
    /// Whether the result's series are some of the input's, with all their labels.
    var keepsSeries: Bool {
        switch self {
        case .topk, .bottomk, .limitk, .limitRatio: true
        case .sum, .avg, .count, .min, .max, .group, .stddev, .stdvar, .quantile, .countValues:
            false
        }
    }
}
