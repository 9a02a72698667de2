import TimeSeries

/// A regular expression of relabelling: it matches a whole text, and a dot matches a newline too.
public struct RelabelPattern: Hashable, Sendable {
    private let pattern: Pattern

    public init(_ text: String) throws(Pattern.Failure) { pattern = try Pattern(text) }

    /// `(.*)`, which a step has that names none.
    public static let anything: RelabelPattern = {
        do {
            return try RelabelPattern("(.*)")
        } catch {
            preconditionFailure("the pattern that matches anything is one")
        }
    }()

    public var text: String { pattern.text }

    public static func == (left: RelabelPattern, right: RelabelPattern) -> Bool {
        left.text == right.text
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    func matches(_ value: String) -> Bool { pattern.matches(value) }

    func match(of value: String) -> Match? {
        pattern.groups(in: value).map { Match(pattern: pattern, groups: $0) }
    }

    /// What a text has matched.
    struct Match {
        fileprivate let pattern: Pattern
        /// The match itself first.
        fileprivate let groups: [String]

        func expanded(_ template: String) -> String {
            guard template.contains("$") else { return template }
            let bytes = ReplacementText(template: template).expanded(
                number: { pattern.group(named: $0) },
                group: { number in
                    groups.indices.contains(number) ? Array(groups[number].utf8)[...] : nil
                })
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
