import PromQL
import TimeSeries

/// A selector of a rule, and what the rule wants of it.
struct SelectorUse: Hashable {
    var matchers: [Matcher]
    /// Labels that the rule groups or matches its series by.
    var labels: Set<String> = []
    /// Whether another selector may give what this one does not: one beside it in an `or`.
    var isAlternative = false

    /// The metric's name where it is fixed.
    var name: String? { Selector(matchers: matchers).fixedName }

    /// Whether no series can meet the conditions.
    var isContradictory: Bool {
        FiringAnalysis.outcome(of: .selector(Selector(matchers: matchers))).isNever
    }

    /// Whether an expression is about no series at all.
    static func isNone(in expression: Expression) -> Bool {
        switch expression {
        case .selector, .range: false
        default: expression.children.allSatisfy(isNone(in:))
        }
    }

    /// The selectors of an expression whose absence would be a surprise, each once.
    static func all(in expression: Expression) -> [SelectorUse] {
        var uses: [SelectorUse] = []
        collect(expression, labels: [], isAlternative: false, into: &uses)
        var merged: [SelectorUse] = []
        for use in uses {
            guard let place = merged.firstIndex(where: { $0.matchers == use.matchers }) else {
                merged.append(use)
                continue
            }
            merged[place].labels.formUnion(use.labels)
            merged[place].isAlternative = merged[place].isAlternative && use.isAlternative
        }
        return merged
    }

    private static func collect(
        _ expression: Expression, labels: Set<String>, isAlternative: Bool,
        into uses: inout [SelectorUse]
    ) {
        func visit(_ child: Expression, _ labels: Set<String>, _ isAlternative: Bool) {
            collect(child, labels: labels, isAlternative: isAlternative, into: &uses)
        }
        switch expression {
        case .selector(let selector):
            uses.append(
                SelectorUse(
                    matchers: selector.matchers, labels: labels, isAlternative: isAlternative))
        case .range(let range):
            visit(.selector(range.selector), labels, isAlternative)
        case .call(let call):
            // That nothing is there is what these are about.
            if ["absent", "absent_over_time"].contains(call.function.name) { return }
            let made = call.madeLabels
            for argument in call.arguments where !argument.isText {
                visit(argument, labels.subtracting(made), isAlternative)
            }
        case .aggregation(let aggregation):
            var wanted: Set<String> = []
            if case .by(let names) = aggregation.grouping { wanted.formUnion(names) }
            visit(aggregation.expression, wanted, isAlternative)
            if let parameter = aggregation.parameter, !parameter.isText {
                visit(parameter, [], isAlternative)
            }
        case .binary(let operation):
            let isAlternative = isAlternative || operation.operator == .or
            visit(operation.left, labels, isAlternative)
            // What does not exist excludes nothing.
            if operation.operator != .unless { visit(operation.right, labels, isAlternative) }
        default:
            for child in expression.children { visit(child, labels, isAlternative) }
        }
    }
}

extension Call {
    /// Labels that the call makes, so that its argument need not have them.
    fileprivate var madeLabels: Set<String> {
        switch function.name {
        case "label_replace", "label_join":
            if arguments.count > 1, case .string(let name) = arguments[1].bare {
                return [name.value]
            }
            return []
        // What `info` adds is another metric's.
        default: return []
        }
    }
}

extension Expression {
    fileprivate var isText: Bool {
        if case .string = bare { true } else { false }
    }
}
