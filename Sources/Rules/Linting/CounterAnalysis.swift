import PromQL

/// Finds counters whose value is used as it is: it says how much there was since a process began,
/// and falls to zero with every restart.
enum CounterAnalysis {
    static func findings(in expression: Expression) -> [LintFinding] {
        var names: [String] = []
        collect(expression, into: &names)
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }.map { name in
            LintFinding(
                .bareCounter,
                "\(name) is a counter: only how it grows means something, as rate() and "
                    + "increase() tell it")
        }
    }

    /// Functions of a range that know what a counter is, or do not look at values.
    private static let knowing: Set<String> = [
        "absent_over_time", "changes", "count_over_time", "increase", "irate", "present_over_time",
        "rate", "resets", "ts_of_first_over_time", "ts_of_last_over_time",
    ]

    /// Functions of a vector that do not look at values.
    private static let blind: Set<String> = ["absent", "timestamp"]

    private static func collect(_ expression: Expression, into names: inout [String]) {
        switch expression {
        case .selector(let selector): note(selector, in: &names)
        case .range(let range): note(range.selector, in: &names)
        case .call(let call):
            if blind.contains(call.function.name) { return }
            for argument in call.arguments {
                // A function that knows counters looks at the range that it is given itself.
                if knowing.contains(call.function.name), case .range = argument.bare { continue }
                collect(argument, into: &names)
            }
        case .aggregation(let aggregation):
            // How many there are does not hang on their values.
            if [.count, .group].contains(aggregation.operator) { return }
            collect(aggregation.expression, into: &names)
        case .binary(let operation):
            collect(operation.left, into: &names)
            // Of the right side of these only the labels count.
            if [.and, .unless].contains(operation.operator) { return }
            collect(operation.right, into: &names)
        default:
            for child in expression.children { collect(child, into: &names) }
        }
    }

    private static func note(_ selector: Selector, in names: inout [String]) {
        if let name = selector.fixedName, isCounter(name) { names.append(name) }
    }

    private static func isCounter(_ name: String) -> Bool {
        name.hasSuffix("_total") && !notCounters.contains(name)
    }

    /// Gauges that are called like counters.
    private static let notCounters: Set<String> = ["envoy_cluster_membership_total"]
}
