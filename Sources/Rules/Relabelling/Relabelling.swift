import TimeSeries

/// Steps that rewrite label sets one after another, or drop them: `alert_relabel_configs`,
/// `write_relabel_configs`. The semantics are Prometheus's (`model/relabel`).
public struct Relabelling: Hashable, Sendable {
    public var steps: [RelabelStep]

    public init(_ steps: [RelabelStep] = []) { self.steps = steps }

    public var isEmpty: Bool { steps.isEmpty }

    /// The labels after all steps; nil where a step drops them. Of `defaults` those labels are added
    /// before the steps that the set does not have.
    public func relabelled(_ labels: Labels, defaults: Labels = Labels()) -> Labels? {
        if isEmpty { return defaults.isEmpty ? labels : defaults.setting(labels) }
        var editing = LabelEditing(labels)
        for (name, value) in defaults.pairs where editing[name].isEmpty { editing.set(name, value) }
        for step in steps {
            guard step.apply(to: &editing) else { return nil }
        }
        return editing.labels
    }
}

/// One step of relabelling.
public struct RelabelStep: Hashable, Sendable {
    /// The labels whose values are joined by the separator; a missing one's value is empty.
    public var source: [String]
    public var separator: String
    public var action: Action

    public enum Action: Hashable, Sendable {
        /// Where the joined values match, sets the target; both texts are expanded by the match. An
        /// empty text removes the label.
        case replace(RelabelPattern, target: String, replacement: String)
        /// Drops what does not match.
        case keep(RelabelPattern)
        /// Drops what matches.
        case drop(RelabelPattern)
        /// Drops where the joined values are not the target's.
        case keepEqual(target: String)
        /// Drops where the joined values are the target's.
        case dropEqual(target: String)
        /// Sets the target to the rest of a hash of the joined values.
        case hashModulus(UInt64, target: String)
        /// Copies each label whose name matches to the name that the text expands to.
        case labelMap(RelabelPattern, replacement: String)
        /// Removes labels whose names match.
        case labelDrop(RelabelPattern)
        /// Removes labels whose names do not match.
        case labelKeep(RelabelPattern)
        /// Sets the target to the joined values in small letters.
        case lowercase(target: String)
        case uppercase(target: String)
    }

    public init(source: [String] = [], separator: String = ";", action: Action) {
        self.source = source
        self.separator = separator
        self.action = action
    }

    /// Returns whether the set is kept.
    func apply(to labels: inout LabelEditing) -> Bool {
        let value = source.map { labels[$0] }.joined(separator: separator)
        switch action {
        case .keep(let pattern): return pattern.matches(value)
        case .drop(let pattern): return !pattern.matches(value)
        case .keepEqual(let target): return labels[target] == value
        case .dropEqual(let target): return labels[target] != value
        case .replace(let pattern, let target, let replacement):
            guard let match = pattern.match(of: value) else { break }
            labels.set(match.expanded(target), match.expanded(replacement))
        case .lowercase(let target): labels.set(target, TextCases.lower(value))
        case .uppercase(let target): labels.set(target, TextCases.upper(value))
        case .hashModulus(let modulus, let target):
            // Nothing is divided by zero, whoever made the step.
            labels.set(target, String(MD5.lowerHalf(of: value) % max(1, modulus)))
        case .labelMap(let pattern, let replacement):
            for (name, value) in labels.all {
                guard let match = pattern.match(of: name) else { continue }
                labels.set(match.expanded(replacement), value)
            }
        case .labelDrop(let pattern):
            for (name, _) in labels.all where pattern.matches(name) { labels.set(name, "") }
        case .labelKeep(let pattern):
            for (name, _) in labels.all where !pattern.matches(name) { labels.set(name, "") }
        }
        return true
    }
}

/// A label set while steps change it, in Prometheus's order: what it began with by name, then what
/// was set in the order of its setting. The order decides which of two labels wins that are mapped
/// to one name.
struct LabelEditing {
    private var first: [(name: String, value: String)]
    private var added: [(name: String, value: String)] = []

    init(_ labels: Labels) { first = labels.pairs }

    /// Empty for a label that is not there.
    subscript(_ name: String) -> String {
        (added.first { $0.name == name } ?? first.first { $0.name == name })?.value ?? ""
    }

    /// All labels as they are now.
    var all: [(name: String, value: String)] { first + added }

    var labels: Labels {
        var builder = LabelsBuilder()
        for (name, value) in all { builder.set(name, value) }
        return builder.labels()
    }

    /// Sets a label; an empty value removes it. A text that is no name sets nothing: Prometheus
    /// does so too, except in `labelmap`, where it makes a label that nothing can be done with.
    mutating func set(_ name: String, _ value: String) {
        if name.isEmpty { return }
        first.removeAll { $0.name == name }
        if value.isEmpty {
            added.removeAll { $0.name == name }
        } else if let place = added.firstIndex(where: { $0.name == name }) {
            added[place].value = value
        } else {
            added.append((name, value))
        }
    }
}
