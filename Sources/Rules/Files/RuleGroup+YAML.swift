import Clusters
import PromQL
import TimeSeries

extension RuleGroup {
    /// The group as an element of a rule file's list, readable again.
    public var yaml: String {
        var lines = ["- name: \(Self.quoted(name))"]
        if let interval { lines.append("  interval: \(DurationText.text(milliseconds: interval))") }
        if let queryOffset {
            lines.append("  query_offset: \(DurationText.text(milliseconds: queryOffset))")
        }
        if limit != 0 { lines.append("  limit: \(limit)") }
        lines += Self.mapping("labels", labels, indent: "  ")
        lines.append(rules.isEmpty ? "  rules: []" : "  rules:")
        for rule in rules { lines += rule.yaml.map { "  " + $0 } }
        return lines.joined(separator: "\n") + "\n"
    }

    fileprivate static func mapping(
        _ name: String, _ texts: [RuleText], indent: String
    ) -> [String] {
        if texts.isEmpty { return [] }
        return ["\(indent)\(name):"]
            + texts.map { "\(indent)  \(quoted($0.name)): \(quoted($0.text))" }
    }

    /// In double quotes: YAML knows Go's escapes but for those of single bytes beyond ASCII, which
    /// Go never writes for a text.
    fileprivate static func quoted(_ text: String) -> String { GoText.quoted(text) }
}

extension Rule {
    fileprivate var yaml: [String] {
        let key = alert == nil ? "record" : "alert"
        var lines = [
            "- \(key): \(RuleGroup.quoted(name))",
            "  expr: \(RuleGroup.quoted(expression.text()))",
        ]
        if let alert {
            if alert.holdDuration != 0 {
                lines.append("  for: \(DurationText.text(milliseconds: alert.holdDuration))")
            }
            if alert.keepFiringFor != 0 {
                lines.append(
                    "  keep_firing_for: \(DurationText.text(milliseconds: alert.keepFiringFor))")
            }
        }
        lines += RuleGroup.mapping("labels", labels, indent: "  ")
        if let alert {
            lines += RuleGroup.mapping("annotations", alert.annotations, indent: "  ")
        }
        return lines
    }
}
