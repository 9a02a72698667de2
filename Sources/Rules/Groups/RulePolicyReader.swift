import Clusters
import TimeSeries

/// Reads the list `alerting.policies` of the gateway's configuration.
public enum RulePolicyReader {
    public static func read(
        _ node: ConfigurationNode?, _ document: inout DocumentReader
    ) -> RulePolicies {
        var result = RulePolicies()
        for element in document.elements(of: node, type: "policy") {
            result.entries.append(entry(element, &document))
        }
        return result
    }

    private static func entry(
        _ node: ConfigurationNode, _ document: inout DocumentReader
    ) -> RulePolicies.Entry {
        let fields = document.fields(
            of: node, type: "policy",
            known: [
                "group", "alert", "on_partial", "partial_grace", "max_hold", "after_hold",
                "clusters",
            ])
        var policy = RulePolicy()
        if let value = choice(fields["on_partial"], RulePolicy.OnPartial.self, &document) {
            policy.onPartial = value
        }
        if let value = choice(fields["after_hold"], RulePolicy.AfterHold.self, &document) {
            policy.afterHold = value
        }
        policy.partialGrace = document.duration(of: fields["partial_grace"]) ?? policy.partialGrace
        policy.maxHold = document.duration(of: fields["max_hold"]) ?? policy.maxHold
        if let node = fields["clusters"] {
            var names: Set<String> = []
            for element in document.elements(of: node, type: "string") {
                names.insert(document.text(of: element))
            }
            policy.clusters = names
        }
        func name(_ key: String) -> String? {
            fields[key].map { document.text(of: $0) }
        }
        return RulePolicies.Entry(group: name("group"), alert: name("alert"), policy: policy)
    }

    private static func choice<Choice: RawRepresentable & CaseIterable>(
        _ node: ConfigurationNode?, _ type: Choice.Type, _ document: inout DocumentReader
    ) -> Choice? where Choice.RawValue == String {
        guard let node else { return nil }
        let text = document.text(of: node)
        if let choice = Choice(rawValue: text) { return choice }
        let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        document.refuse(
            "one of \(names) is expected, found \(GoText.quoted(text))", at: node.place)
        return nil
    }
}
