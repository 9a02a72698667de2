import Clusters
import PromQL
import TimeSeries

extension Planner {
    /// What an aggregation becomes; `distribution.md` C2 and C3.
    mutating func part(
        ofAggregation aggregation: Aggregation, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        let wasReduced = isReduced
        isReduced = true
        let isOrdered = ordersSeries
        ordersSeries = false
        let becameLabels = becomesLabels
        if aggregation.operator == .countValues { becomesLabels = true }
        let input = try part(of: aggregation.expression, grid: grid)
        isReduced = wasReduced
        becomesLabels = becameLabels
        var parameter = try self.parameter(of: aggregation, input: input, grid: grid)
        // Clusters' answers come in the order of their labels, so the ranking is made again here.
        if isOrdered, parameter.usage == .same { parameter.usage = .enough }
        return try part(ofAggregation: aggregation, input: input, parameter: parameter, grid: grid)
    }

    /// What an aggregation becomes whose arguments are planned.
    mutating func part(
        ofAggregation aggregation: Aggregation, input: Part, parameter: Parameter, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        guard case .local(let local) = input, parameter.usage != .stays,
            !writesGroupLabel(aggregation)
        else {
            return .global(
                try node(of: aggregation, input: input, parameter: parameter, grid: grid))
        }
        var own = aggregation
        own.parameter = parameter.pushed ?? aggregation.parameter
        own.expression = local.expression
        var pushed = local
        pushed.expression = .aggregation(own)
        pushed.external = kept(local.external, by: aggregation.grouping)
        let isPerCluster = pushed.external.contains(Cluster.label)
        if aggregation.operator.keepsSeries { pushed.external = local.external }
        let isTooOld =
            try tooOld(for: pushed.expression, since: aggregation.operator.since) != nil
        if !isTooOld, aggregation.operator == .limitRatio {
            // Which series are drawn depends on all their labels, each for itself.
            pushed.readsExternal = true
            return .local(pushed)
        }
        if !isTooOld, isPerCluster, parameter.usage == .same { return .local(pushed) }
        if !isTooOld,
            let merged = try merged(
                aggregation, pushed: pushed, parameter: parameter, grid: grid)
        {
            return .global(merged)
        }
        return .global(
            try node(of: aggregation, input: input, parameter: parameter, grid: grid))
    }

    /// Whether `count_values` writes where an external label or a group's label belongs.
    private func writesGroupLabel(_ aggregation: Aggregation) -> Bool {
        guard case .string(let name)? = aggregation.parameter?.unparenthesized else {
            return false
        }
        return externalNames.contains(name.value)
            || aggregation.grouping.labels.contains(name.value)
    }

    private func kept(_ external: Set<String>, by grouping: Grouping) -> Set<String> {
        switch grouping {
        case .by(let labels): external.intersection(labels)
        case .without(let labels): external.subtracting(labels)
        }
    }

    /// The aggregation computed here.
    private mutating func node(
        of aggregation: Aggregation, input: Part, parameter: Parameter, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode {
        .aggregation(
            AggregationNode(
                aggregation, input: try materialized(input, grid: grid),
                parameter: try node(of: parameter, grid: grid)))
    }

    private mutating func node(
        of parameter: Parameter, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode? {
        guard let part = parameter.part else { return nil }
        return try materialized(part, grid: grid)
    }

    // MARK: Parameters

    /// The first argument of an aggregation that has two.
    struct Parameter {
        /// For computing here; nil where the aggregation has none.
        var part: Part?
        /// For sending, where it is a scalar.
        var pushed: Expression?
        var usage = Usage.same

        enum Usage {
            /// What is sent is what the query says.
            case same
            /// What is sent makes the clusters give enough to compute it here.
            case enough
            /// Nothing can be sent.
            case stays
        }
    }

    private mutating func parameter(
        of aggregation: Aggregation, input: Part, grid: TimeGrid
    ) throws(PlanningFailure) -> Parameter {
        guard let expression = aggregation.parameter else { return Parameter() }
        let questionCount = questions.count
        let part = try part(of: expression, grid: grid)
        var result = Parameter(part: part)
        if case .constant(let constant) = part {
            result.pushed = constant
            // What the union refuses is refused here: old servers would answer something.
            if let value = constant.literalValue, !aggregation.operator.accepts([value]) {
                result.usage = .stays
            }
            return result
        }
        if case .string = expression.unparenthesized { return result }
        result.usage = .stays
        guard case .local(let local) = input else { return result }
        let isAskable = questions.count == questionCount
        switch aggregation.operator {
        case .topk, .bottomk, .limitk:
            guard isAskable, let values = answer(to: expression, grid: grid),
                aggregation.operator.accepts(values), let greatest = values.max()
            else { return result }
            result.pushed = .substituted(greatest, for: expression)
            result.usage = values.allSatisfy { $0 == greatest } ? .same : .enough
        case .quantile
        where !kept(local.external, by: aggregation.grouping)
            .contains(Cluster.label):
            // It is computed here whatever it is.
            result.usage = .enough
        case .quantile, .limitRatio:
            guard isAskable, let value = constantAnswer(to: expression, grid: grid),
                aggregation.operator.accepts([value])
            else { return result }
            result.pushed = .substituted(value, for: expression)
            result.usage = .same
        default: break
        }
        return result
    }

    // MARK: Partial answers

    /// The aggregation put together from the clusters' partial answers, or nil where partial
    /// answers do not hold what is needed.
    private mutating func merged(
        _ aggregation: Aggregation, pushed: Local, parameter: Parameter, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode? {
        let origin = Expression.aggregation(aggregation).text()
        switch aggregation.operator {
        case .sum, .avg, .stddev, .stdvar:
            if becomesLabels || exactAggregations.contains(origin) { return nil }
            return try added(aggregation, pushed, origin: origin, grid: grid)
        case .count, .countValues:
            return .merged(
                fragment: try fragment(of: pushed, grid: grid, isMerged: true), .sum,
                origin: origin, input: aggregation.seriesSource)
        case .min:
            return .merged(
                fragment: try fragment(of: pushed, grid: grid, isMerged: true), .min,
                origin: origin, input: aggregation.seriesSource)
        case .max:
            return .merged(
                fragment: try fragment(of: pushed, grid: grid, isMerged: true), .max,
                origin: origin, input: aggregation.seriesSource)
        case .group:
            return .merged(
                fragment: try fragment(of: pushed, grid: grid, isMerged: true), .group,
                origin: origin, input: aggregation.seriesSource)
        case .topk, .bottomk, .limitk:
            // The k best of all are among each cluster's k best.
            let candidates = try fragment(of: pushed, grid: grid)
            return .aggregation(
                AggregationNode(
                    aggregation, input: .candidates(fragment: candidates, origin: nil),
                    parameter: try node(of: parameter, grid: grid)))
        case .quantile:
            return try quantile(pushed, of: aggregation, parameter: parameter, grid: grid)
        case .limitRatio:
            return nil
        }
    }

    /// What histograms in a group, or terms that cancel out, make wrong: it may be planned again.
    private mutating func added(
        _ aggregation: Aggregation, _ pushed: Local, origin: String, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode? {
        let operation = aggregation.operator
        let isOfFloats = operation == .stddev || operation == .stdvar
        if try mayHideHistograms(pushed, before: isOfFloats ? .remarks : .annotations) {
            return nil
        }
        guard let composition = Composition(rawValue: operation.rawValue) else {
            return .merged(
                fragment: try fragment(of: pushed, grid: grid, isMerged: true), .sum,
                origin: origin, input: aggregation.seriesSource)
        }
        return try composed(composition, pushed, origin: origin, grid: grid)
    }

    private mutating func composed(
        _ composition: Composition, _ pushed: Local, origin: String, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode? {
        guard case .aggregation(let aggregation) = pushed.expression,
            !aggregation.grouping.labels.contains(PackedPieces.label)
        else { return nil }
        return .composed(
            fragment: try fragment(of: pushed, packing: composition.pieces, grid: grid),
            composition, origin: origin, input: aggregation.seriesSource)
    }

    /// At a single time the values of each group are all that a quantile needs; over a range a
    /// value that changes would be a series for each time.
    private mutating func quantile(
        _ pushed: Local, of origin: Aggregation, parameter: Parameter, grid: TimeGrid
    ) throws(PlanningFailure) -> PlanNode? {
        guard grid.count == 1, case .aggregation(var aggregation) = pushed.expression,
            !aggregation.grouping.labels.contains(QuantileNode.label),
            let node = try node(of: parameter, grid: grid)
        else { return nil }
        aggregation.operator = .countValues
        aggregation.parameter = .string(StringLiteral(QuantileNode.label))
        var counted = pushed
        counted.expression = .aggregation(aggregation)
        if try mayHideHistograms(counted, before: .remarks) { return nil }
        return .quantile(
            QuantileNode(
                fragment: try fragment(of: counted, grid: grid, isMerged: true),
                parameter: node, sources: AggregationSources(of: origin)))
    }

    /// Releases that say more of histograms than those before.
    private enum Milestone {
        /// Groups of mixed types are dropped with a warning.
        case annotations
        /// Aggregations of floats say that they ignored a histogram.
        case remarks

        var version: PrometheusVersion {
            switch self {
            case .annotations: PrometheusVersion(2, 48)
            case .remarks: PrometheusVersion(3, 0)
            }
        }
    }

    /// Whether a server may leave histograms out of a group without saying so; then there is no
    /// choice but to look at all series.
    private mutating func mayHideHistograms(
        _ pushed: Local, before milestone: Milestone
    ) throws(PlanningFailure) -> Bool {
        guard fleet.hasClusterOlder(than: milestone.version) else { return false }
        return try scope(of: pushed.expression) {
            $0.capabilities.hasNativeHistograms && $0.isOlder(than: milestone.version)
        }
    }
}

extension Aggregation {
    /// Where its series stand in the query.
    fileprivate var seriesSource: SourceRange { expression.unparenthesized.source }
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

    /// Whether an instant query's series come in the order of their values.
    var ranks: Bool { self == .topk || self == .bottomk }

    /// Whether no parameter is one that fails the query.
    fileprivate func accepts(_ parameters: [Double]) -> Bool {
        switch self {
        case .topk, .bottomk, .limitk:
            parameters.allSatisfy { $0 > -0x1p63 && $0 < 0x1p63 }
        case .limitRatio: parameters.allSatisfy { !$0.isNaN }
        default: true
        }
    }
}
