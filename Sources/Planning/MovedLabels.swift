import Clusters
import PromQL
import TimeSeries

/// Translates conditions on `exported_…` labels for a cluster whose own series carry an external
/// label's name: a scrape would have moved the own label `x` to `exported_x`, or, where a series
/// has that too, to `exported_exported_x`; but an own value that equals the external one is the
/// external label.
struct MovedLabels {
    private let cluster: ClusterScope

    init(_ cluster: ClusterScope) { self.cluster = cluster }

    /// The conditions on own labels that stand for one on a label as it is after a scrape:
    /// alternatives, of which a series meets at most one.
    func matchers(for matcher: Matcher) throws(PlanningFailure) -> [[Matcher]] {
        let capabilities = cluster.capabilities
        for label in capabilities.doublyConflictingLabels {
            if matcher.name == "exported_" + label {
                return try onceMoved(matcher, label, mayBeTaken: true)
            }
            if matcher.name == "exported_exported_" + label {
                return try twiceMoved(matcher, label)
            }
        }
        for label in capabilities.conflictingLabels where matcher.name == "exported_" + label {
            return try onceMoved(matcher, label, mayBeTaken: false)
        }
        return [[matcher]]
    }

    /// A condition on `exported_x`. Where some series have a label of this name as well
    /// (`mayBeTaken`), theirs counts.
    private func onceMoved(
        _ matcher: Matcher, _ label: String, mayBeTaken: Bool
    ) throws(PlanningFailure) -> [[Matcher]] {
        var result = try moved(matcher, label)
        if matcher.matchesEmpty { result.append([try unmoved(label)]) }
        guard mayBeTaken else { return try simplified(matcher, label) ?? result }
        let free = Matcher(matcher.name, equal: "")
        return [[matcher, try made(matcher.name, .notEqual, "")]] + result.map { $0 + [free] }
    }

    private func twiceMoved(
        _ matcher: Matcher, _ label: String
    ) throws(PlanningFailure) -> [[Matcher]] {
        let once = "exported_" + label
        let taken = try made(once, .notEqual, "")
        var result = try moved(matcher, label).map { $0 + [taken] }
        if matcher.matchesEmpty {
            result.append([Matcher(once, equal: "")])
            result.append([taken, try unmoved(label)])
        }
        return result
    }

    /// The own label is moved, and its value meets the condition.
    private func moved(_ matcher: Matcher, _ label: String) throws(PlanningFailure) -> [[Matcher]] {
        var conditions = [
            try made(label, matcher.operator, matcher.value),
            try made(label, .notEqual, external(label)),
        ]
        if matcher.matchesEmpty { conditions.append(try made(label, .notEqual, "")) }
        return [conditions]
    }

    /// The own label is not moved: it is absent, or equals the external one.
    private func unmoved(_ label: String) throws(PlanningFailure) -> Matcher {
        try made(label, .matches, "|" + Pattern.escaped(external(label)))
    }

    /// One condition that does for the alternatives, where there is one.
    private func simplified(
        _ matcher: Matcher, _ label: String
    ) throws(PlanningFailure) -> [[Matcher]]? {
        guard matcher.matchesEmpty else { return nil }
        // What an absent `exported_x` meets, the external value must meet too.
        if matcher.matches(external(label)) {
            return [[try made(label, matcher.operator, matcher.value)]]
        }
        switch matcher.operator {
        case .equal, .matches:
            let pattern = "(?:\(matcher.value))|" + Pattern.escaped(external(label))
            return [[try made(label, .matches, pattern)]]
        case .notEqual:
            // The external value never appears as `exported_x`, so nothing is excluded.
            return [[]]
        case .notMatches:
            return nil
        }
    }

    private func external(_ label: String) -> String { cluster.externalLabels[label] ?? "" }

    private func made(
        _ label: String, _ operation: Matcher.Operator, _ value: String
    ) throws(PlanningFailure) -> Matcher {
        do {
            return try Matcher(label, operation, value)
        } catch {
            throw .notDistributable(part: label, reason: error.reason)
        }
    }
}
