import Clusters
import PromQL
import TimeSeries

/// Writes an expression as one cluster must be asked it: matchers on the cluster's external labels
/// are decided here and gone, sides that cannot match are folded away, and where the expression
/// reads an external label, or the cluster's own series carry one, the server itself sets it
/// (`distribution.md` C1).
struct ClusterPart {
    let cluster: ClusterScope
    /// Who gives the series the labels that a scrape would have given them.
    private(set) var labelling = Labelling.added
    let externalNames: Set<String>
    /// What stands for the values of external labels where the server sets them, so that the words
    /// are the same for many clusters; empty where the values themselves do.
    var marks: [String: String] = [:]

    enum Labelling {
        /// The gateway adds the external labels to what is answered; nothing has to be moved.
        case added
        /// The gateway moves own labels of external names first, series by series.
        case moved
        /// The server sets them, below everything that reads them.
        case injected
    }

    /// The part of `expression`. The server sets labels only where it must: it costs the server
    /// work for each series, and those before 3.0 lose the order of series by it, by which they
    /// add. `isMerged` says that series of the answer whose labels become equal are put together.
    init(
        _ cluster: ClusterScope, of expression: Expression, readsExternalLabels: Bool,
        isMerged: Bool
    ) {
        self.init(plain: cluster)
        if readsExternalLabels {
            labelling = .injected
        } else if cluster.capabilities.conflictingLabels.isEmpty || dropsOwnLabels(expression) {
            labelling = .added
        } else if keepsOwnLabels(expression) || (isMerged && groupsByMovedLabels(expression)) {
            labelling = .moved
        } else {
            labelling = .injected
        }
    }

    private var injects: Bool { labelling == .injected }

    /// The cluster's part of a cluster-local expression, or nil where it is empty there.
    func part(of expression: Expression) throws(PlanningFailure) -> Expression? {
        switch expression {
        case .number, .string:
            return expression
        case .selector(let selector):
            return united(
                try own(selector).map { .selector($0) }.map { injects ? injected($0) : $0 })
        case .range(var range):
            let own = try own(range.selector)
            guard own.count < 2 else {
                throw .notDistributable(
                    part: expression.text(),
                    reason: "cluster \(cluster.id) needs several selectors for it")
            }
            guard let own = own.first else { return nil }
            range.selector = own
            return .range(range)
        case .subquery(var subquery):
            guard let inner = try part(of: subquery.expression) else { return nil }
            subquery.expression = inner
            return .subquery(subquery)
        case .call(let call):
            return try part(of: call)
        case .aggregation(var aggregation):
            if injects, isIndifferent(aggregation) {
                return try withoutInjection.part(of: expression)
            }
            guard let inner = try part(of: aggregation.expression) else { return nil }
            aggregation.expression = inner
            aggregation.grouping =
                labelling == .moved && !aggregation.operator.keepsSeries
                ? beforeMoving(aggregation.grouping) : own(aggregation.grouping)
            return .aggregation(aggregation)
        case .binary(let operation):
            return try part(of: operation)
        case .unary(var operation):
            guard let inner = try part(of: operation.expression) else { return nil }
            operation.expression = inner
            return .unary(operation)
        case .parenthesized(var group):
            guard let inner = try part(of: group.expression) else { return nil }
            group.expression = inner
            return .parenthesized(group)
        }
    }

    // MARK: Calls

    private func part(of call: Call) throws(PlanningFailure) -> Expression? {
        // A window cannot be put together from several, but what is computed from each can.
        for (index, argument) in call.arguments.enumerated() {
            guard case .range(var range) = argument.unparenthesized else { continue }
            let selectors = try own(range.selector)
            guard selectors.count > 1 else { break }
            var parts: [Expression] = []
            for selector in selectors {
                range.selector = selector
                var one = call
                one.arguments[index] = .range(range)
                parts.append(try ownCall(one))
            }
            return united(parts)
        }
        var own = call
        for (index, argument) in call.arguments.enumerated() {
            let part =
                call.readsTimesOfSamples
                ? try withoutInjection.part(of: argument) : try part(of: argument)
            guard let part else { return nil }
            own.arguments[index] = part
        }
        return try ownCall(own)
    }

    /// A call whose arguments are in the cluster's words, with what its server needs around it.
    private func ownCall(_ call: Call) throws(PlanningFailure) -> Expression {
        var own = call
        // A sample's own time is lost once another function has looked at the series, so labels
        // are set over the call.
        if cluster.hasClosedWindows, !Self.extrapolates.contains(call.function.name) {
            own.arguments = call.arguments.map(openedOnTheLeft)
        }
        let looksAtSamples =
            call.readsTimesOfSamples
            || own.arguments.contains {
                if case .range = $0.unparenthesized { true } else { false }
            }
        return injects && looksAtSamples ? injected(.call(own)) : .call(own)
    }

    /// Functions whose result depends on the window's length too: shortening it would change more
    /// than which samples are in it.
    private static let extrapolates: Set<String> = ["rate", "increase", "delta"]

    /// The same part without the server setting labels.
    private var withoutInjection: ClusterPart { ClusterPart(plain: cluster) }

    /// Never lets the server set a label.
    init(plain cluster: ClusterScope) {
        self.cluster = cluster
        externalNames = Set(cluster.externalLabels.pairs.map(\.name))
    }

    /// A window that leaves out its far edge on a server that would look at it.
    private func openedOnTheLeft(_ expression: Expression) -> Expression {
        switch expression {
        case .range(var range):
            range.range = .milliseconds(range.range.literalMilliseconds - 1)
            return .range(range)
        case .subquery(var subquery):
            subquery.range = .milliseconds(subquery.range.literalMilliseconds - 1)
            return .subquery(subquery)
        case .parenthesized(var group):
            group.expression = openedOnTheLeft(group.expression)
            return .parenthesized(group)
        default:
            return expression
        }
    }

    // MARK: Operators

    private func part(of operation: BinaryOperation) throws(PlanningFailure) -> Expression? {
        let left = try part(of: operation.left)
        let right = try part(of: operation.right)
        switch (operation.operator, left, right) {
        case (.or, let side?, nil), (.or, nil, let side?), (.unless, let side?, nil):
            return side.standing(at: operation.source)
        case (_, let left?, let right?):
            var own = operation
            own.left = left
            own.right = right
            own.matching = operation.matching.map(own(_:))
            return .binary(own)
        default:
            return nil
        }
    }

    private func own(_ matching: VectorMatching) -> VectorMatching {
        guard !injects else { return matching }
        var own = matching
        switch matching.labels {
        case .on(let labels): own.labels = .on(labels.filter { !externalNames.contains($0) })
        case .ignoring(let labels):
            own.labels = .ignoring(labels.filter { !externalNames.contains($0) })
        }
        return own
    }

    func own(_ grouping: Grouping) -> Grouping {
        guard !injects else { return grouping }
        switch grouping {
        case .by(let labels): return .by(labels.filter { !externalNames.contains($0) })
        case .without(let labels): return .without(labels.filter { !externalNames.contains($0) })
        }
    }

    // MARK: Selectors

    /// The selectors that together match the cluster's own series, each series in one of them;
    /// none where no series can match.
    func own(_ selector: Selector) throws(PlanningFailure) -> [Selector] {
        if selector.isReserved { return [] }
        var alternatives: [[Matcher]] = [[]]
        for matcher in selector.matchers {
            if externalNames.contains(matcher.name) {
                if !matcher.matches(cluster.externalLabels) { return [] }
                continue
            }
            let own = try MovedLabels(cluster).matchers(for: matcher)
            alternatives = alternatives.flatMap { sofar in own.map { sofar + $0 } }
        }
        return alternatives.map { matchers in
            var own = selector
            own.matchers = matchers
            if matchers.allSatisfy(\.matchesEmpty) {
                // Servers refuse a selector that could match everything.
                own.matchers.append(Self.anyName)
            }
            return own
        }
    }

    /// What any of the parts gives; no two of them give the same series.
    private func united(_ parts: [Expression]) -> Expression? {
        guard var result = parts.first else { return nil }
        for part in parts.dropFirst() {
            result = .binary(
                BinaryOperation(
                    operator: .or, left: result, right: part,
                    matching: VectorMatching(cardinality: .manyToMany)))
        }
        return parts.count > 1 ? .parenthesized(Parenthesized(result)) : result
    }

    /// `__name__` that is not empty.
    private static let anyName: Matcher = {
        // The pattern is a constant and compiles.
        (try? Matcher(Labels.metricNameLabel, .matches, ".+"))
            ?? Matcher(Labels.metricNameLabel, equal: "")
    }()
}

extension Expression {
    /// The expression without parentheses around it.
    public var unparenthesized: Expression {
        var current = self
        while case .parenthesized(let group) = current { current = group.expression }
        return current
    }
}

extension DurationExpression {
    /// The milliseconds of a duration after `Expression.resolved`, which leaves only literals.
    public var literalMilliseconds: Int64 {
        switch self {
        case .milliseconds(let value): return value
        default: preconditionFailure("durations are literal once an expression is resolved")
        }
    }
}

extension ClusterScope {
    /// A selector in the cluster's own words, without the conditions on its external labels; none
    /// where it cannot match any series of the cluster.
    public func ownSelectors(_ selector: Selector) throws(PlanningFailure) -> [Selector] {
        try ClusterPart(plain: self).own(selector)
    }
}

extension Call {
    /// Whether it gives the times of samples themselves: `timestamp` of anything but a selector is
    /// the time of the evaluation.
    fileprivate var readsTimesOfSamples: Bool {
        guard function.kind == .sampleTime, let argument = arguments.first,
            case .selector = argument.unparenthesized
        else { return false }
        return true
    }
}
