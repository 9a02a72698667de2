import Clusters
import PromQL
import TimeSeries

/// Writes an expression as one cluster must be asked it: matchers on the cluster's external labels
/// are decided here and gone, sides that cannot match are folded away, and where the expression
/// reads an external label, or the cluster's own series carry one, the server itself sets it
/// (`distribution.md` C1).
struct ClusterPart {
    let cluster: ClusterScope
    /// Whether the server sets the external labels: below everything that reads them.
    let injects: Bool
    private let externalNames: Set<String>

    init(_ cluster: ClusterScope, readsExternalLabels: Bool) {
        self.cluster = cluster
        injects = readsExternalLabels || !cluster.capabilities.conflictingLabels.isEmpty
        externalNames = Set(cluster.externalLabels.pairs.map(\.name))
    }

    /// The cluster's part of a cluster-local expression, or nil where it is empty there.
    func part(of expression: Expression) throws(PlanningFailure) -> Expression? {
        switch expression {
        case .number, .string:
            return expression
        case .selector(let selector):
            guard let own = try own(selector) else { return nil }
            return injects ? injected(.selector(own)) : .selector(own)
        case .range(var range):
            guard let own = try own(range.selector) else { return nil }
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
            aggregation.grouping = own(aggregation.grouping)
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

    /// Whether the aggregation gives the same without any label set: it keeps none that is set or
    /// moved, and nothing below it looks at labels.
    private func isIndifferent(_ aggregation: Aggregation) -> Bool {
        guard case .by(let labels) = aggregation.grouping, !aggregation.operator.keepsSeries else {
            return false
        }
        let moved = cluster.capabilities.conflictingLabels.map { "exported_" + $0 }
        return externalNames.union(moved).isDisjoint(with: labels)
            && isIndifferent(aggregation.expression)
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

    // MARK: Calls

    private func part(of call: Call) throws(PlanningFailure) -> Expression? {
        var own = call
        // A sample's own time is lost once another function has looked at the series, so labels
        // are set over the call.
        let readsSamples = call.function.kind == .sampleTime
        for (index, argument) in call.arguments.enumerated() {
            let argumentPart =
                readsSamples
                ? try withoutInjection.part(of: argument) : try part(of: argument)
            guard var argumentPart else { return nil }
            if cluster.hasClosedWindows, !Self.extrapolates.contains(call.function.name) {
                argumentPart = openedOnTheLeft(argumentPart)
            }
            own.arguments[index] = argumentPart
        }
        let looksAtSamples =
            readsSamples
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

    private init(plain cluster: ClusterScope) {
        self.cluster = cluster
        injects = false
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
            return side
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

    private func own(_ grouping: Grouping) -> Grouping {
        guard !injects else { return grouping }
        switch grouping {
        case .by(let labels): return .by(labels.filter { !externalNames.contains($0) })
        case .without(let labels): return .without(labels.filter { !externalNames.contains($0) })
        }
    }

    // MARK: Selectors

    /// The selector for the cluster's own series, or nil where it cannot match any.
    func own(_ selector: Selector) throws(PlanningFailure) -> Selector? {
        if let label = cluster.capabilities.doublyConflictingLabels.min() {
            throw .doublyConflictingLabel(label: label, cluster: cluster.id)
        }
        var own = selector
        own.matchers = []
        for matcher in selector.matchers {
            if externalNames.contains(matcher.name) {
                if !matcher.matches(cluster.externalLabels) { return nil }
            } else if let label = conflictingLabel(exportedAs: matcher.name) {
                own.matchers += try ownMatchers(matcher, on: label)
            } else {
                own.matchers.append(matcher)
            }
        }
        if own.matchers.allSatisfy(\.matchesEmpty) {
            // Servers refuse a selector that could match everything.
            own.matchers.append(Self.anyName)
        }
        return own
    }

    /// `__name__` that is not empty.
    private static let anyName: Matcher = {
        // The pattern is a constant and compiles.
        (try? Matcher(Labels.metricNameLabel, .matches, ".+"))
            ?? Matcher(Labels.metricNameLabel, equal: "")
    }()

    private func conflictingLabel(exportedAs name: String) -> String? {
        cluster.capabilities.conflictingLabels.first {
            "exported_" + $0 == name && externalNames.contains($0)
        }
    }

    /// A condition on `exported_x` as conditions on the series' own label `x`: that is the value of
    /// `exported_x` unless it equals the external one, when `exported_x` is absent.
    private func ownMatchers(
        _ matcher: Matcher, on label: String
    ) throws(PlanningFailure) -> [Matcher] {
        let external = cluster.externalLabels[label] ?? ""
        func made(_ operation: Matcher.Operator, _ value: String) throws(PlanningFailure)
            -> Matcher
        {
            do {
                return try Matcher(label, operation, value)
            } catch {
                throw .notDistributable(part: matcher.name, reason: error.reason)
            }
        }
        let copy = try made(matcher.operator, matcher.value)
        guard matcher.matchesEmpty else {
            return [copy, try made(.notEqual, external)]
        }
        // What an absent `exported_x` meets, the external value must meet too.
        if matcher.matches(external) { return [copy] }
        switch matcher.operator {
        case .equal, .matches:
            return [
                try made(.matches, "(?:\(matcher.value))|" + Pattern.escaped(external))
            ]
        case .notEqual:
            // The value never appears as `exported_x`, so nothing is excluded.
            return []
        case .notMatches:
            throw .notDistributable(
                part: "\(matcher.name)!~\(Labels.quoted(matcher.value))",
                reason: "the pattern excludes \(external), the cluster's own \(label)")
        }
    }

    // MARK: Setting labels on the server

    /// The series with their external labels set by the server; own labels of these names move to
    /// `exported_…`, as a scrape would have done.
    private func injected(_ expression: Expression) -> Expression {
        var result = expression
        for (name, value) in cluster.externalLabels.pairs {
            if cluster.capabilities.conflictingLabels.contains(name) {
                let exported = "exported_" + name
                result = relabelled(result, exported, to: "$1", where: name, matches: "(.+)")
                result = relabelled(
                    result, exported, to: "", where: name, matches: Pattern.escaped(value))
            }
            let literal = value.replacing("$", with: "$$")
            result = relabelled(result, name, to: literal, where: "", matches: "")
        }
        return result
    }

    private func relabelled(
        _ expression: Expression, _ label: String, to replacement: String, where source: String,
        matches pattern: String
    ) -> Expression {
        guard let function = Function.named("label_replace") else {
            preconditionFailure("label_replace is a row of the function table")
        }
        let texts = [label, replacement, source, pattern]
        return .call(
            Call(
                function: function,
                arguments: [expression] + texts.map { .string(StringLiteral($0)) }))
    }
}

extension String {
    /// The text with each `target` replaced. (The standard library has it only with Foundation.)
    fileprivate func replacing(_ target: Character, with replacement: String) -> String {
        map { $0 == target ? replacement : String($0) }.joined()
    }
}

extension Expression {
    /// The expression without parentheses around it.
    var unparenthesized: Expression {
        var current = self
        while case .parenthesized(let group) = current { current = group.expression }
        return current
    }
}

extension DurationExpression {
    /// The milliseconds of a duration after `Expression.resolved`, which leaves only literals.
    var literalMilliseconds: Int64 {
        switch self {
        case .milliseconds(let value): return value
        default: preconditionFailure("durations are literal once an expression is resolved")
        }
    }
}

extension ClusterScope {
    /// A selector in the cluster's own words, without the conditions on its external labels; nil
    /// where it cannot match any series of the cluster.
    public func ownSelector(_ selector: Selector) throws(PlanningFailure) -> Selector? {
        try ClusterPart(self, readsExternalLabels: false).own(selector)
    }
}
