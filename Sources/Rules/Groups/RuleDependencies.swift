import PromQL
import TimeSeries

/// Which rules of a group must wait for others, so that evaluating several at once gives what
/// evaluating one after the other gives.
public struct RuleDependencies: Hashable, Sendable {
    /// For each rule the earlier ones that must be done before it begins.
    public let predecessors: [Set<Int>]

    /// What a rule reads or writes: metrics by name, or possibly any.
    private enum Metrics {
        case named(Set<String>)
        case any

        func meets(_ other: Set<String>) -> Bool {
            switch self {
            case .named(let names): !names.isDisjoint(with: other)
            case .any: true
            }
        }
    }

    public init(_ group: RuleGroup) {
        let reads = group.rules.map(Self.reads)
        let writes = group.rules.map(Self.writes)
        predecessors = group.rules.indices.map { later in
            Set(
                (0..<later).filter { earlier in
                    reads[later].meets(writes[earlier]) || reads[earlier].meets(writes[later])
                        || group.rules[later].alert == nil && group.rules[earlier].alert == nil
                            && writes[later] == writes[earlier]
                })
        }
    }

    /// The rules in waves: all of a wave may be evaluated at once.
    public var waves: [[Int]] {
        var waveOf: [Int] = []
        for waits in predecessors {
            waveOf.append((waits.map { waveOf[$0] }.max() ?? -1) + 1)
        }
        var result = [[Int]](repeating: [], count: (waveOf.max() ?? -1) + 1)
        for (rule, wave) in waveOf.enumerated() { result[wave].append(rule) }
        return result
    }

    private static func writes(_ rule: Rule) -> Set<String> {
        rule.alert == nil ? [rule.name] : [AlertSeries.alerts, AlertSeries.forState]
    }

    private static func reads(_ rule: Rule) -> Metrics {
        // A template may ask anything.
        let texts = rule.labels + (rule.alert?.annotations ?? [])
        if rule.alert != nil, texts.contains(where: { $0.text.contains("query") }) { return .any }
        return rule.expression.namesEveryMetric ? .named(rule.expression.metricNames) : .any
    }
}

extension Expression {
    /// Whether every selector fixes the metric's name.
    var namesEveryMetric: Bool {
        switch self {
        case .selector(let selector): !selector.metricNames.isEmpty
        case .range(let range): !range.selector.metricNames.isEmpty
        // The series that info() looks up are named by a pattern at most.
        case .call(let call) where call.function.kind == .info: false
        default: children.allSatisfy(\.namesEveryMetric)
        }
    }
}
