import Clusters
import PromQL
import TimeSeries

/// Splits a resolved query over clusters. Bottom-up, each node becomes the widest thing it can be:
/// a constant, a text that every cluster evaluates for itself, or something computed here from
/// fragments. The lowest node that clusters cannot evaluate alone stops all above it
/// (`distribution.md` C1 to C4, with the corrections of C0).
public struct Planner {
    let clusters: [ClusterScope]
    /// Texts of aggregations that must not be put together from partial sums.
    let exactAggregations: Set<String>
    /// All names of external labels of any cluster.
    let externalNames: Set<String>
    var fragments = FragmentList()

    /// `clusters` in inventory order.
    public init(clusters: [ClusterScope], exactAggregations: Set<String> = []) {
        self.clusters = clusters
        self.exactAggregations = exactAggregations
        externalNames = Set(clusters.flatMap { $0.externalLabels.pairs.map(\.name) })
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
        let remainder = try remainder(of: expression, grid: grid)
        return Plan(fragments: fragments.fragments, remainder: remainder, grid: grid)
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
                    text: expression.text(), grid: grid, wantsSamples: true, requests: [])
                return .samples(fragment: fragments.index(of: nothing))
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
        default:
            return .value(try materialized(try part(of: expression, grid: grid), grid: grid))
        }
    }

    // MARK: One node

    mutating func part(
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
            return .fragment(try fragment(of: local, grid: grid))
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

    // MARK: Fragments

    /// The fragment that asks every cluster for its part of a local expression.
    mutating func fragment(
        of local: Local, grid: TimeGrid, wantsSamples: Bool = false, isMerged: Bool = false
    ) throws(PlanningFailure) -> Int {
        var requests: [Fragment.Request] = []
        for cluster in clusters {
            let writer = ClusterPart(
                cluster, of: local.expression, readsExternalLabels: local.readsExternal,
                isMerged: isMerged)
            guard let own = try writer.part(of: local.expression) else { continue }
            let conflicting = LabelNames(cluster.capabilities.conflictingLabels)
            requests.append(
                Fragment.Request(
                    cluster: cluster.id, query: own.text(functionNames: cluster.functionNames),
                    addedLabels: writer.labelling == .injected
                        ? Labels() : cluster.externalLabels.keeping(LabelNames(local.external)),
                    renamedLabels: writer.labelling == .moved
                        ? cluster.externalLabels.keeping(conflicting) : Labels()))
        }
        return fragments.index(
            of: Fragment(
                text: local.expression.text(), grid: grid, wantsSamples: wantsSamples,
                requests: requests))
    }

    // MARK: What servers can do

    /// The clusters that can have an answer to an expression.
    func scope(of expression: Expression) throws(PlanningFailure) -> [ClusterScope] {
        var result: [ClusterScope] = []
        for cluster in clusters {
            let writer = ClusterPart(plain: cluster)
            if try writer.part(of: expression) != nil { result.append(cluster) }
        }
        return result
    }

    /// The first cluster in the expression's scope that is older than `version`.
    func tooOld(
        for expression: Expression, since version: PrometheusVersion?
    ) throws(PlanningFailure) -> ClusterScope? {
        guard let version, clusters.contains(where: { $0.isOlder(than: version) }) else {
            return nil
        }
        return try scope(of: expression).first { $0.isOlder(than: version) }
    }

    func requireSampling(_ selector: Selector) throws(PlanningFailure) {
        guard selector.sampling != .plain else { return }
        let since = PrometheusVersion(3, 7)
        if let old = try tooOld(for: .selector(selector), since: since) {
            throw .unsupported(
                part: selector.sampling == .anchored ? "anchored" : "smoothed", cluster: old.id,
                since: since)
        }
    }
}

/// The fragments of a plan, each once.
struct FragmentList {
    private(set) var fragments: [Fragment] = []
    private var indices: [Fragment: Int] = [:]

    mutating func index(of fragment: Fragment) -> Int {
        if let index = indices[fragment] { return index }
        fragments.append(fragment)
        indices[fragment] = fragments.count - 1
        return fragments.count - 1
    }
}
