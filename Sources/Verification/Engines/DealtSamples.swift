import Clusters
import Evaluation
import Planning
import PromQL
import TimeSeries

/// Samples dealt among clusters, beside one server that has all of them.
public struct DealtSamples: Sendable {
    let fleet: MemoryFleet
    private let whole: Engine
    /// As `whole`, with the series in other orders.
    private let reordered: [Engine]
    private let dealt: Engine

    public init(fleet: MemoryFleet) {
        self.fleet = fleet
        whole = .whole(fleet.union, options: fleet.options)
        let series = fleet.union.series
        let middle = series.count / 2
        reordered = [series.reversed(), Array(series[middle...] + series[..<middle])].map {
            .whole(SampleStore($0), options: fleet.options)
        }
        dealt = fleet.engine
    }

    /// Deals each series to one of `count` clusters `c0`, `c1`, … by a hash of its labels; the
    /// cluster's name is its external label. Where `observing`, some of them become the gateway's
    /// own, most with a cluster's label all the same.
    public init(_ store: SampleStore, over count: Int, observing: Bool = false, seed: UInt64 = 0) {
        var stores = [SampleStore](repeating: SampleStore(), count: count)
        var observed = SampleStore()
        for series in store.series {
            let hash = Self.hash(series.labels, seed)
            guard observing, (hash >> 32).isMultiple(of: 3) else {
                stores[Int(hash % UInt64(count))].add(series)
                continue
            }
            var own = series
            if !(hash >> 40).isMultiple(of: 4) {
                own.labels = own.labels.observed(in: ["cluster": "c\(hash % UInt64(count))"])
            }
            observed.add(own)
        }
        self.init(
            fleet: MemoryFleet(
                members: stores.enumerated().map { index, store in
                    .init(
                        id: "c\(index)", externalLabels: ["cluster": "c\(index)"], store: store)
                }, observed: observed))
    }

    /// The same on every run, which `Hashable` is not.
    private static func hash(_ labels: Labels, _ seed: UInt64) -> UInt64 {
        var result = SeededGenerator.mixed(seed &+ 0x9e37_79b9_7f4a_7c15)
        for byte in labels.description.utf8 {
            result = (result ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return SeededGenerator.mixed(result)
    }

    /// What differs between the clusters' answer and that of all samples together; nil where
    /// nothing does.
    public func difference(_ query: String, _ times: QueryTimes) -> String? {
        difference(query, times, of: found(query, times), from: wanted(query, times))
    }

    func difference(
        _ query: String, _ times: QueryTimes, of found: EngineAnswer, from wanted: EngineAnswer
    ) -> String? {
        let comparison = AnswerComparison(
            disturbed: { disturbed(query, times, $0) },
            greatestTime: greatestTime(query, times), labelsAreValues: labelsAreValues(query),
            reordered: {
                choosesSeries(query) ? reordered.map { $0.answer(query, times) } : []
            },
            isRanking: isRanking(query),
            failsSomewhere: { fails(query, times, with: $0) },
            remarks: remarks(query, times))
        return comparison.difference(wanted, found)
    }

    private func labelsAreValues(_ query: String) -> Bool {
        guard let expression = try? parse(query, options: Engine.parseOptions) else {
            return false
        }
        return (expression.descendants + [expression]).contains { part in
            guard case .aggregation(let aggregation) = part else { return false }
            return aggregation.operator == .countValues
        }
    }

    private func choosesSeries(_ query: String) -> Bool {
        guard let expression = try? parse(query, options: Engine.parseOptions) else {
            return false
        }
        return (expression.descendants + [expression]).contains { part in
            guard case .aggregation(let aggregation) = part else { return false }
            return [.topk, .bottomk, .limitk].contains(aggregation.operator)
        }
    }

    private func isRanking(_ query: String) -> Bool {
        guard case .aggregation(let aggregation)? = try? parse(query, options: Engine.parseOptions)
        else { return false }
        return aggregation.operator == .topk || aggregation.operator == .bottomk
    }

    /// The greatest time that a query is about, seconds; 0 where it asks for no times of samples.
    private func greatestTime(_ query: String, _ times: QueryTimes) -> Double {
        guard let expression = try? parse(query, options: Engine.parseOptions),
            (expression.descendants + [expression]).contains(where: \.asksForTimesOfSamples)
        else { return 0 }
        return Double(max(times.start.magnitude, times.end.magnitude)) / 1000
    }

    /// Whether a part of the query fails with a text over all samples together.
    private func fails(_ query: String, _ times: QueryTimes, with text: String) -> Bool {
        guard let expression = try? parse(query, options: Engine.parseOptions) else {
            return false
        }
        return expression.descendants.contains { part in
            guard part.type == .vector || part.type == .scalar,
                case .failure(let failure) = wanted(part.text(), times)
            else { return false }
            return failure.text == text
        }
    }

    /// How remarks are compared. What a subquery holds is asked at other times, and is not tried
    /// alone.
    private func remarks(_ query: String, _ times: QueryTimes) -> RemarkComparison {
        guard let expression = try? parse(query, options: Engine.parseOptions) else {
            return RemarkComparison(
                looksAtPoints: false, isNotAskedEverywhere: false, isRemarkedApart: { _ in false })
        }
        let parts = expression.descendants
        let hasSubquery = (parts + [expression]).contains {
            if case .subquery = $0 { true } else { false }
        }
        return RemarkComparison(
            looksAtPoints: hasSubquery,
            isNotAskedEverywhere: (parts + [expression]).contains(where: isNotAskedEverywhere),
            isRemarkedApart: { words in
                hasSubquery || parts.contains { isRemarked(words, on: $0, times) }
            })
    }

    /// Whether clusters remark something on a part of a query alone, wherever it stands.
    private func isRemarked(_ words: String, on part: Expression, _ times: QueryTimes) -> Bool {
        guard part.type == .vector || part.type == .scalar,
            case .value(_, let remarks) = found(part.text(), times)
        else { return false }
        return remarks.warnings.union(remarks.infos).contains {
            RemarkComparison.words(of: $0) == words
        }
    }

    /// Whether a selector has a condition that the external labels of some cluster do not meet.
    private func isNotAskedEverywhere(_ part: Expression) -> Bool {
        let matchers: [Matcher]
        switch part {
        case .selector(let selector): matchers = selector.matchers
        case .range(let range): matchers = range.selector.matchers
        default: return false
        }
        return fleet.members.contains { member in
            let external = member.scope.externalLabels
            return matchers.contains { external[$0.name] != nil && !$0.matches(external) }
        }
    }

    /// The answer of all samples together.
    func wanted(_ query: String, _ times: QueryTimes) -> EngineAnswer {
        whole.answer(query, times)
    }

    /// The clusters' answer.
    func found(_ query: String, _ times: QueryTimes) -> EngineAnswer { dealt.answer(query, times) }

    /// The answer of all samples together, each of them a little off.
    private func disturbed(
        _ query: String, _ times: QueryTimes, _ disturbance: Disturbance
    ) -> EngineAnswer {
        Engine.whole(disturbance.applied(to: fleet.union), options: fleet.options)
            .answer(query, times)
    }
}

extension Expression {
    fileprivate var asksForTimesOfSamples: Bool {
        guard case .call(let call) = self else { return false }
        return call.function.kind == .sampleTime || call.function.name.hasPrefix("ts_of_")
    }
}

extension Labels {
    /// The labels that the gateway would give a series of its own about a cluster.
    func observed(in external: Labels) -> Labels { exporting(external).setting(external) }
}
