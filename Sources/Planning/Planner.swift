import Clusters
import PromQL
import TimeSeries

/// Splits a resolved query over clusters. Bottom-up, each node becomes the widest thing it can be:
/// a constant, a text that every cluster evaluates for itself, or something computed here from
/// fragments. The lowest node that clusters cannot evaluate alone stops all above it
/// (`distribution.md` C1 to C4, with the corrections of C0).
public struct Planner {
    let fleet: FleetScope
    /// Texts of aggregations that must not be put together from partial answers.
    let exactAggregations: Set<String>
    /// What is known of scalars that were asked first, one value for each time.
    let known: [ScalarQuestion: [Double]]
    /// How far back servers are told to look, milliseconds; nil where they are told nothing.
    let toldLookback: Int64?
    var fragments = FragmentList()
    var questions: [ScalarQuestion] = []
    /// Whether something above gives less the less series there are, so that it pays to know a
    /// scalar first.
    var isReduced = false
    /// Whether values become labels above: then their last digits count, and what is put together
    /// from partial answers may differ in these.
    var becomesLabels = false
    private var usesFixedTimes = false
    /// Whether the order of the next aggregation's series means something: of an instant query that
    /// is a `topk` or `bottomk`.
    var ordersSeries = false
    var groupsOfMatchers: [[Matcher]: ClusterGroups] = [:]
    var labelsOfNames: [Set<String>: [Labels]] = [:]
    /// Whether conditions may be met by series of the gateway's own.
    var observedMatchers: [[Matcher]: Bool] = [:]

    var externalNames: Set<String> { fleet.externalNames }

    public init(
        fleet: FleetScope, exactAggregations: Set<String> = [],
        known: [ScalarQuestion: [Double]] = [:], toldLookback: Int64? = nil
    ) {
        self.fleet = fleet
        self.exactAggregations = exactAggregations
        self.known = known
        self.toldLookback = toldLookback
    }

    /// `clusters` in inventory order.
    public init(clusters: [ClusterScope], exactAggregations: Set<String> = []) {
        self.init(fleet: FleetScope(clusters), exactAggregations: exactAggregations)
    }

    /// What a node of the query became.
    enum Part {
        /// The same whatever the data: the expression is a scalar of literals and the time.
        case constant(Expression)
        /// Each cluster can evaluate it for itself.
        case local(Local)
        /// Computed here.
        case global(PlanNode)
    }

    /// An expression whose answer over all clusters is the clusters' own answers side by side.
    struct Local {
        var expression: Expression
        /// Which external labels its series carry in the union. `cluster` is always among them.
        var external: Set<String>
        /// Whether it looks at an external label, so that the server must set it.
        var readsExternal = false
    }

    /// Plans `expression`, which is resolved (`Expression.resolved`): its durations, `@` and facts
    /// of the query are literals.
    public mutating func plan(
        _ expression: Expression, grid: TimeGrid
    ) throws(PlanningFailure) -> Plan {
        usesFixedTimes = expression.usesFixedTimes
        let remainder = try remainder(of: expression, grid: grid)
        return Plan(
            fragments: fragments.fragments, remainder: remainder, grid: grid,
            questions: questions)
    }

    private mutating func remainder(
        of expression: Expression, grid: TimeGrid
    ) throws(PlanningFailure) -> Plan.Remainder {
        switch expression.unparenthesized {
        case .string(let literal):
            return .value(.string(literal.value))
        case .range(let range):
            let local = Local(expression: .range(range), external: externalNames)
            return .samples(fragment: try fragment(of: local, grid: grid, wantsSamples: true))
        case .subquery(let subquery):
            let inner = subquery.points(on: grid)
            if subquery.hasNoPoints(on: grid) {
                let nothing = Fragment(
                    text: expression.text(), grid: grid, wantsSamples: true,
                    questions: [expression], requests: [])
                return .samples(fragment: fragments.append(nothing))
            }
            switch try part(of: subquery.expression, grid: inner) {
            case .local(let local):
                var whole = subquery
                whole.expression = local.expression
                let pushed = Local(
                    expression: .subquery(whole), external: local.external,
                    readsExternal: local.readsExternal)
                return .samples(fragment: try fragment(of: pushed, grid: grid, wantsSamples: true))
            case .constant(let constant):
                return .points(input: node(ofConstant: constant), grid: inner)
            case .global(let node):
                return .points(input: node, grid: inner)
            }
        case .aggregation(let aggregation):
            ordersSeries = grid.count == 1 && aggregation.operator.ranks
            return .value(try materialized(try part(of: expression, grid: grid), grid: grid))
        default:
            return .value(try materialized(try part(of: expression, grid: grid), grid: grid))
        }
    }

    // MARK: One node

    /// What is the same at all times is planned for one time alone.
    mutating func part(
        of expression: Expression, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        guard isStepInvariant(expression, grid) else {
            return try partOfAnyTime(of: expression, grid: grid)
        }
        let part = try partOfAnyTime(of: expression, grid: TimeGrid(instant: grid.start))
        guard case .global(let node) = part else { return part }
        return .global(.repeated(node, at: grid.start))
    }

    private func isStepInvariant(_ expression: Expression, _ grid: TimeGrid) -> Bool {
        usesFixedTimes && grid.count > 1 && expression.usesFixedTimes
            && expression.isStepInvariant
    }

    /// Where the gateway's own series are looked at, the clusters can do no more than look at theirs:
    /// all above is computed here.
    private mutating func partOfAnyTime(
        of expression: Expression, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        let part = try partOfClusters(of: expression, grid: grid)
        guard case .local(let local) = part, looksAtObservations(local.expression) else {
            return part
        }
        return .global(.fragment(try fragment(of: local, grid: grid)))
    }

    private mutating func partOfClusters(
        of expression: Expression, grid: TimeGrid
    ) throws(PlanningFailure) -> Part {
        switch expression {
        case .number:
            return .constant(expression)
        case .string(let literal):
            return .global(.string(literal.value))
        case .selector(let selector):
            try requireSampling(selector)
            return .local(Local(expression: expression, external: externalNames))
        case .range, .subquery:
            throw .notDistributable(
                part: expression.text(), reason: "a window of samples can only be an argument")
        case .parenthesized(var group):
            switch try part(of: group.expression, grid: grid) {
            case .constant(let inner):
                group.expression = inner
                return .constant(.parenthesized(group))
            case .local(var local):
                group.expression = local.expression
                local.expression = .parenthesized(group)
                return .local(local)
            case .global(let node):
                return .global(node)
            }
        case .unary(var operation):
            switch try part(of: operation.expression, grid: grid) {
            case .constant(let inner):
                operation.expression = inner
                return .constant(.unary(operation))
            case .local(var local):
                operation.expression = local.expression
                local.expression = .unary(operation)
                return .local(local)
            case .global(let node):
                return .global(operation.operator == .minus ? .negated(node) : node)
            }
        case .call(let call):
            return try part(ofCall: call, grid: grid)
        case .aggregation(let aggregation):
            return try part(ofAggregation: aggregation, grid: grid)
        case .binary(let operation):
            return try part(ofBinary: operation, grid: grid)
        }
    }

    /// The node that computes a part here.
    mutating func materialized(_ part: Part, grid: TimeGrid) throws(PlanningFailure) -> PlanNode {
        switch part {
        case .constant(let expression): return node(ofConstant: expression)
        case .local(let local):
            guard isStepInvariant(local.expression, grid) else {
                return .fragment(try fragment(of: local, grid: grid))
            }
            let once = try fragment(of: local, grid: TimeGrid(instant: grid.start))
            return .repeated(.fragment(once), at: grid.start)
        case .global(let node): return node
        }
    }

    /// The node of a constant scalar: literals, `time()`, `pi()` and arithmetic on them.
    func node(ofConstant expression: Expression) -> PlanNode {
        switch expression {
        case .number(let literal): return .number(literal.value)
        case .parenthesized(let group): return node(ofConstant: group.expression)
        case .unary(let operation):
            let inner = node(ofConstant: operation.expression)
            return operation.operator == .minus ? .negated(inner) : inner
        case .binary(let operation):
            return .binary(
                BinaryNode(
                    operator: operation.operator, left: node(ofConstant: operation.left),
                    right: node(ofConstant: operation.right), returnsBool: operation.returnsBool,
                    matching: nil, source: operation.source))
        case .call(let call):
            if call.function.name == "time" { return .time }
            return .call(CallNode(call, arguments: call.arguments.map(node(ofConstant:))))
        case .selector, .range, .subquery, .aggregation, .string:
            preconditionFailure("a constant holds no data")
        }
    }

}
