import Clusters
import TimeSeries

/// What is wrong in a rule file, or in a unit test of rules.
public struct RuleMistake: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// Nil where the mistake is about the file as a whole.
    public var place: ConfigurationNode.Place?
    /// The rule that it is about, if any.
    public var rule: Subject?
    /// In Prometheus's words where it has some.
    public var problem: String

    public struct Subject: Hashable, Sendable {
        public var group: String
        /// From 1.
        public var number: Int
        public var name: String

        public init(group: String, number: Int, name: String) {
            self.group = group
            self.number = number
            self.name = name
        }
    }

    public init(
        file: String, place: ConfigurationNode.Place?, rule: Subject? = nil, problem: String
    ) {
        self.file = file
        self.place = place
        self.rule = rule
        self.problem = problem
    }

    /// `rules.yaml: 5:9: group "a", rule 1, "B": could not parse expression: …`.
    public var description: String {
        var result = file
        if let place { result += ": \(place.line):\(place.column)" }
        if let rule {
            result +=
                ": group \(GoText.quoted(rule.group)), rule \(rule.number), "
                + GoText.quoted(rule.name)
        }
        return result + ": " + problem
    }
}
