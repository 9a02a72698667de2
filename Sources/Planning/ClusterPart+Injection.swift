import Clusters
import PromQL
import TimeSeries

// How a server sets the labels that a scrape would have set: with `label_replace`.
extension ClusterPart {
    /// The series with their external labels set by the server; own labels of these names move to
    /// `exported_…`, as a scrape would have done.
    func injected(_ expression: Expression) -> Expression {
        var result = expression
        for (name, value) in cluster.externalLabels.pairs {
            if cluster.capabilities.doublyConflictingLabels.contains(name) {
                result = movedTwice(result, name, value)
            } else if cluster.capabilities.conflictingLabels.contains(name) {
                let exported = "exported_" + name
                result = Self.relabelled(result, exported, to: "$1", where: name, matches: "(.+)")
                result = Self.relabelled(
                    result, exported, to: "", where: name, matches: Pattern.escaped(value))
            }
            let literal = marks[name] ?? value.replacementText
            result = Self.relabelled(result, name, to: literal, where: "", matches: "")
        }
        return result
    }

    /// The series with an own label moved to `exported_…`, or, where that is taken, to the same
    /// with two prefixes. A server looks at one label at a time, so both are joined first.
    private func movedTwice(
        _ expression: Expression, _ name: String, _ value: String
    ) -> Expression {
        let exported = "exported_" + name
        let both = "__isthmus_both__"
        // A character that no label value should hold keeps the two apart.
        let separator = "\u{1}"
        var result = joined(expression, [exported, name], by: separator, into: both)
        let own = Pattern.escaped(value)
        for (target, prefix) in [
            (exported, ""), ("exported_" + exported, "[^\(separator)]+"),
        ] {
            result = Self.relabelled(
                result, target, to: "$1", where: both, matches: "\(prefix)\(separator)(.+)")
            result = Self.relabelled(
                result, target, to: "", where: both, matches: "\(prefix)\(separator)\(own)")
        }
        return Self.relabelled(result, both, to: "", where: "", matches: "")
    }

    private func joined(
        _ expression: Expression, _ sources: [String], by separator: String, into label: String
    ) -> Expression {
        guard let function = Function.named("label_join") else {
            preconditionFailure("label_join is a row of the function table")
        }
        return .call(
            Call(
                function: function,
                arguments: [expression]
                    + ([label, separator] + sources).map { .string(StringLiteral($0)) }))
    }

    /// The series with a label set by `label_replace`.
    static func relabelled(
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
    /// The text as `label_replace` has to be given it to write it.
    var replacementText: String { replacing("$", with: "$$") }

    /// The text with each `target` replaced. (The standard library has it only with Foundation.)
    fileprivate func replacing(_ target: Character, with replacement: String) -> String {
        map { $0 == target ? replacement : String($0) }.joined()
    }
}
