/// A condition on one label: `job="api"`, `code=~"5.."`. An absent label counts as empty.
public struct Matcher: Hashable, Sendable {
    /// How the label's value is compared; the raw value is PromQL's operator.
    public enum Operator: String, Hashable, Sendable, CaseIterable {
        case equal = "="
        case notEqual = "!="
        case matches = "=~"
        case notMatches = "!~"
    }

    public let name: String
    public let `operator`: Operator
    public let value: String
    private let pattern: Pattern?

    /// Throws where the operator wants a pattern and `value` is none.
    public init(
        _ name: String, _ operator: Operator, _ value: String
    ) throws(Pattern.Failure) {
        self.name = name
        self.operator = `operator`
        self.value = value
        switch `operator` {
        case .equal, .notEqual: pattern = nil
        case .matches, .notMatches: pattern = try Pattern(value)
        }
    }

    /// The condition that the label is exactly `value`.
    public init(_ name: String, equal value: String) {
        self.name = name
        self.operator = .equal
        self.value = value
        pattern = nil
    }

    /// Whether a label with this value (empty where absent) meets the condition.
    public func matches(_ candidate: String) -> Bool {
        switch `operator` {
        case .equal: candidate == value
        case .notEqual: candidate != value
        case .matches: pattern?.matches(candidate) ?? false
        case .notMatches: !(pattern?.matches(candidate) ?? true)
        }
    }

    /// Whether the set meets the condition.
    public func matches(_ labels: Labels) -> Bool { matches(labels[name] ?? "") }

    /// Whether a series without the label meets the condition.
    public var matchesEmpty: Bool { matches("") }

    public static func == (left: Matcher, right: Matcher) -> Bool {
        left.name == right.name && left.operator == right.operator && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(`operator`)
        hasher.combine(value)
    }
}
