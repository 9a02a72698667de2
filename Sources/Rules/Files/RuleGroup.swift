// The first file to read in Rules: alert and recording rules as Prometheus has them (`Files`), the
// language of their texts (`Templates`), and how a group of them goes from one evaluation to the
// next, also while clusters are missing (`Groups`). The module never asks for data, waits, looks at
// a clock or sends anything: whoever drives it does.

import PromQL

/// Rules that are evaluated together, one after the other.
public struct RuleGroup: Hashable, Sendable {
    public var name: String
    /// The file that it stands in. With the name it tells groups apart.
    public var file: String
    /// Milliseconds; nil where the file leaves it to the configuration.
    public var interval: Int64?
    /// How many series or alerts each rule may give; 0 for any number.
    public var limit: Int
    /// How far back the rules look, milliseconds; nil where the file leaves it to the
    /// configuration.
    public var queryOffset: Int64?
    /// Labels of all rules; the rules' own win.
    public var labels: [RuleText]
    public var rules: [Rule]

    public init(
        name: String, file: String, interval: Int64? = nil, limit: Int = 0,
        queryOffset: Int64? = nil, labels: [RuleText] = [], rules: [Rule] = []
    ) {
        self.name = name
        self.file = file
        self.interval = interval
        self.limit = limit
        self.queryOffset = queryOffset
        self.labels = labels
        self.rules = rules
    }

    /// `file;name`, by which Prometheus's metrics tell groups apart.
    public var key: String { "\(file);\(name)" }

    /// The group's labels with a rule's own set on them, ordered by name.
    public func labels(of rule: Rule) -> [RuleText] {
        var byName = Dictionary(labels.map { ($0.name, $0.text) }) { _, last in last }
        for label in rule.labels { byName[label.name] = label.text }
        return byName.map { RuleText(name: $0.key, text: $0.value) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

/// One rule.
public struct Rule: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// What the expression gives becomes series of the rule's name.
        case recording
        /// What the expression gives is alerts.
        case alerting(AlertTerms)
    }

    public var kind: Kind
    /// The metric's name, or the alert's.
    public var name: String
    public var expression: Expression
    /// Set on what the expression gives; an empty text takes the label away. Templates where the
    /// rule is an alert's.
    public var labels: [RuleText]

    public init(
        kind: Kind, name: String, expression: Expression, labels: [RuleText] = []
    ) {
        self.kind = kind
        self.name = name
        self.expression = expression
        self.labels = labels
    }

    /// The terms of an alert; nil for a recording rule.
    public var alert: AlertTerms? {
        if case .alerting(let terms) = kind { terms } else { nil }
    }
}

/// When an alert begins and ends, and what it says.
public struct AlertTerms: Hashable, Sendable {
    /// How long the expression must hold, milliseconds.
    public var holdDuration: Int64
    /// How long it goes on firing when the expression no longer holds, milliseconds.
    public var keepFiringFor: Int64
    /// Templates.
    public var annotations: [RuleText]

    public init(
        holdDuration: Int64 = 0, keepFiringFor: Int64 = 0, annotations: [RuleText] = []
    ) {
        self.holdDuration = holdDuration
        self.keepFiringFor = keepFiringFor
        self.annotations = annotations
    }
}

/// A label or annotation of a rule as its file has it.
public struct RuleText: Hashable, Sendable {
    public var name: String
    public var text: String

    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}
