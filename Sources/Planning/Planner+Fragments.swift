import Clusters
import PromQL
import TimeSeries

// What each cluster is asked. Clusters that are asked in the same words share one text.
extension Planner {
    /// The fragment that asks every cluster for its part of a local expression. `isMerged` says
    /// that series of the answer whose labels become equal are put together.
    mutating func fragment(
        of local: Local, grid: TimeGrid, wantsSamples: Bool = false, isMerged: Bool = false
    ) throws(PlanningFailure) -> Int {
        try fragment(
            FragmentKey(
                pieces: [local.expression], external: local.external,
                readsExternal: local.readsExternal, grid: grid, wantsSamples: wantsSamples,
                isMerged: isMerged))
    }

    /// The fragment that asks for several aggregations of the same series in one request. `local`
    /// is one of them.
    mutating func fragment(
        of local: Local, packing operators: [AggregationOperator], grid: TimeGrid
    ) throws(PlanningFailure) -> Int {
        guard case .aggregation(var aggregation) = local.expression else {
            preconditionFailure("only aggregations are packed")
        }
        let pieces = operators.map { piece in
            aggregation.operator = piece
            return Expression.aggregation(aggregation)
        }
        // Variances of groups whose labels become equal cannot be told which mean is theirs.
        let isMerged = !operators.contains(.stdvar)
        return try fragment(
            FragmentKey(
                pieces: pieces, external: local.external, readsExternal: local.readsExternal,
                grid: grid, wantsSamples: false, isMerged: isMerged))
    }

    private mutating func fragment(_ key: FragmentKey) throws(PlanningFailure) -> Int {
        if let index = fragments[key] {
            guard fragments.stands(index, before: key.pieces) else { return index }
            var wordings: [Expression] = []
            for representative in groups(of: key.pieces).representatives {
                let wording = try wording(of: key, for: fleet.clusters[representative])
                if let wording { wordings.append(wording.expression) }
            }
            fragments.move(index, to: key.pieces, wordings: wordings)
            return index
        }
        var fragment = Fragment(
            text: key.pieces.map { $0.text() }.joined(separator: ", "), grid: key.grid,
            wantsSamples: key.wantsSamples,
            includesObservations: key.pieces.contains { looksAtObservations($0) },
            questions: key.pieces, requests: [])
        if key.readsExternal, fragment.text.contains(WordingTemplate.markStart) {
            throw .notDistributable(
                part: fragment.text,
                reason: "names that begin with \(WordingTemplate.markStart) are the gateway's own")
        }
        let groups = groups(of: key.pieces)
        var wordings: [Wording?] = []
        var places: [Int] = []
        var reasons: [[Matcher]] = []
        for representative in groups.representatives {
            let wording = try wording(of: key, for: fleet.clusters[representative])
            wordings.append(wording)
            places.append(fragment.wordings.count)
            if let wording { fragment.wordings.append(wording.expression) }
            let reason = wording == nil ? unmet(key.pieces, by: fleet.clusters[representative]) : []
            reasons.append(reason)
        }
        let labels = labels(named: key.external)
        fragment.requests.reserveCapacity(fleet.clusters.count)
        var pruned: [[Matcher]: [ClusterID]] = [:]
        for (index, group) in groups.keys.enumerated() {
            let cluster = fleet.clusters[index]
            guard let wording = wordings[group] else {
                pruned[reasons[group], default: []].append(cluster.id)
                continue
            }
            fragment.requests.append(
                Fragment.Request(
                    cluster: cluster.id, query: wording.query(for: cluster),
                    wording: places[group],
                    addedLabels: wording.labelling == .injected ? Labels() : labels[index],
                    renamedLabels: wording.labelling == .moved
                        ? cluster.externalLabels.keeping(
                            LabelNames(cluster.capabilities.conflictingLabels)) : Labels()))
        }
        fragment.pruned = pruned.map { Fragment.Pruned(matchers: $0.key, clusters: $0.value) }
            .sorted { $0.clusters[0] < $1.clusters[0] }
        return fragments.append(fragment, key)
    }

    /// The words of clusters that are asked alike, and who sets the labels of their answer.
    private struct Wording {
        var expression: Expression
        var text: String
        var labelling: ClusterPart.Labelling
        /// Where the server sets labels, so that each is told its own.
        var template: WordingTemplate?

        func query(for cluster: ClusterScope) -> String {
            template?.filled(cluster.externalLabels) ?? text
        }
    }

    private func wording(
        of key: FragmentKey, for cluster: ClusterScope
    ) throws(PlanningFailure) -> Wording? {
        var parts: [Expression] = []
        var labelling = ClusterPart.Labelling.added
        // Own labels that must be moved are compared with the values themselves, and no other
        // cluster is asked the same.
        let marks =
            key.readsExternal && cluster.capabilities.conflictingLabels.isEmpty
            ? WordingTemplate.marks(for: cluster.externalLabels) : [:]
        for piece in key.pieces {
            var writer = ClusterPart(
                cluster, of: piece, readsExternalLabels: key.readsExternal,
                isMerged: key.isMerged)
            writer.marks = marks
            guard let part = try writer.part(of: piece) else { return nil }
            labelling = writer.labelling
            parts.append(part)
        }
        let whole = packed(parts)
        let text = whole.text(functionNames: cluster.functionNames)
        return Wording(
            expression: whole, text: text, labelling: labelling,
            template: marks.isEmpty ? nil : WordingTemplate(text, labels: cluster.externalLabels))
    }

    /// One expression, or several told apart by a label.
    private func packed(_ parts: [Expression]) -> Expression {
        guard parts.count > 1 else { return parts[0] }
        var result: Expression?
        for (number, part) in parts.enumerated() {
            let piece = ClusterPart.relabelled(
                part, PackedPieces.label, to: "\(number)", where: "", matches: "")
            result =
                result.map { sofar in
                    .binary(
                        BinaryOperation(
                            operator: .or, left: sofar, right: piece,
                            matching: VectorMatching(cardinality: .manyToMany)))
                } ?? piece
        }
        return result ?? parts[0]
    }

    /// For each cluster those of its external labels that have one of the names.
    private mutating func labels(named names: Set<String>) -> [Labels] {
        if let known = labelsOfNames[names] { return known }
        let all = names.isSuperset(of: externalNames)
        let wanted = LabelNames(names)
        let result = fleet.clusters.map {
            names.isEmpty ? Labels() : all ? $0.externalLabels : $0.externalLabels.keeping(wanted)
        }
        labelsOfNames[names] = result
        return result
    }

    // MARK: Groups

    /// Clusters that are asked the expressions in the same words.
    mutating func groups(of expressions: [Expression]) -> ClusterGroups {
        let matchers = matchersOnExternalLabels(of: expressions)
        if let known = groupsOfMatchers[matchers] { return known }
        let groups = fleet.groups(deciding: matchers)
        groupsOfMatchers[matchers] = groups
        return groups
    }

    private func matchersOnExternalLabels(of expressions: [Expression]) -> [Matcher] {
        var result: [Matcher] = []
        for expression in expressions {
            expression.visitSelectors { selector in
                for matcher in selector.matchers
                where externalNames.contains(matcher.name) && !result.contains(matcher) {
                    result.append(matcher)
                }
            }
        }
        return result
    }

    /// The conditions that no series of a cluster meets: those on external labels that have other
    /// values, and names that are the gateway's.
    private func unmet(_ expressions: [Expression], by cluster: ClusterScope) -> [Matcher] {
        let reserved = expressions.flatMap(\.selectors).filter(\.isReserved).flatMap(\.matchers)
            .filter { $0.name == Labels.metricNameLabel && $0.operator == .equal }
        return reserved
            + matchersOnExternalLabels(of: expressions).filter {
                cluster.externalLabels[$0.name] != nil && !$0.matches(cluster.externalLabels)
            }
    }

    // MARK: The gateway's own series

    /// Whether a selector of the expression may match series of the gateway's own.
    mutating func looksAtObservations(_ expression: Expression) -> Bool {
        guard !fleet.observed.names.isEmpty else { return false }
        var selectors: [Selector] = []
        expression.visitSelectors { selectors.append($0) }
        return selectors.contains { selector in
            if let known = observedMatchers[selector.matchers] { return known }
            let mayMatch = fleet.observed.mayMatch(selector.matchers)
            observedMatchers[selector.matchers] = mayMatch
            return mayMatch
        }
    }

    // MARK: What servers can do

    /// Whether any cluster that can have an answer to an expression is as `isMeant` says. Clusters
    /// that are asked in the same words are alike in what they can do.
    mutating func scope(
        of expression: Expression, contains isMeant: (ClusterScope) -> Bool
    ) throws(PlanningFailure) -> Bool {
        try first(in: expression, where: isMeant) != nil
    }

    private mutating func first(
        in expression: Expression, where isMeant: (ClusterScope) -> Bool
    ) throws(PlanningFailure) -> ClusterScope? {
        var found: Int?
        for index in groups(of: [expression]).representatives
        where isMeant(fleet.clusters[index]) && index < found ?? .max {
            let writer = ClusterPart(plain: fleet.clusters[index])
            if try writer.part(of: expression) != nil { found = index }
        }
        return found.map { fleet.clusters[$0] }
    }

    /// The first cluster in the expression's scope that is older than `version`.
    mutating func tooOld(
        for expression: Expression, since version: PrometheusVersion?
    ) throws(PlanningFailure) -> ClusterScope? {
        guard let version, fleet.hasClusterOlder(than: version) else { return nil }
        return try first(in: expression) { $0.isOlder(than: version) }
    }

    /// Whether each cluster that has one of two expressions has the other too.
    mutating func haveSameScope(
        _ left: Expression, _ right: Expression
    ) throws(PlanningFailure) -> Bool {
        for index in groups(of: [left, right]).representatives {
            let writer = ClusterPart(plain: fleet.clusters[index])
            let hasLeft = try writer.part(of: left) != nil
            let hasRight = try writer.part(of: right) != nil
            if hasLeft != hasRight { return false }
        }
        return true
    }

    mutating func requireSampling(_ selector: Selector) throws(PlanningFailure) {
        guard selector.sampling != .plain else { return }
        let since = PrometheusVersion(3, 7)
        if let old = try tooOld(for: .selector(selector), since: since) {
            throw .unsupported(
                part: selector.sampling == .anchored ? "anchored" : "smoothed", cluster: old.id,
                since: since)
        }
    }
}

/// What makes two fragments the same question.
struct FragmentKey: Hashable {
    var pieces: [Expression]
    /// Which external labels its series carry.
    var external: Set<String>
    var readsExternal: Bool
    var grid: TimeGrid
    var wantsSamples: Bool
    var isMerged: Bool
}

/// The fragments of a plan, each once.
struct FragmentList {
    private(set) var fragments: [Fragment] = []
    private var indices: [FragmentKey: Int] = [:]
    private var indicesOfFragments: [Fragment: Int] = [:]

    subscript(key: FragmentKey) -> Int? { indices[key] }

    /// Questions that differ may still come to the same requests.
    mutating func append(_ fragment: Fragment, _ key: FragmentKey) -> Int {
        let index = append(fragment)
        indices[key] = index
        return index
    }

    mutating func append(_ fragment: Fragment) -> Int {
        if let index = indicesOfFragments[fragment] {
            guard stands(index, before: fragment.questions) else { return index }
            move(index, to: fragment.questions, wordings: fragment.wordings)
            return index
        }
        fragments.append(fragment)
        indicesOfFragments[fragment] = fragments.count - 1
        return fragments.count - 1
    }

    /// Whether a fragment stands in the query before another place of the same question: of one
    /// remark in several places the last place counts.
    func stands(_ index: Int, before questions: [Expression]) -> Bool {
        guard let known = fragments[index].questions.first?.placeInQuery,
            let place = questions.first?.placeInQuery
        else { return false }
        return known.lowerBound < place.lowerBound
    }

    /// Takes the same question at another place of the query.
    mutating func move(_ index: Int, to questions: [Expression], wordings: [Expression]) {
        fragments[index].questions = questions
        fragments[index].wordings = wordings
    }
}
