import Clusters
import TimeSeries

/// Reads lists of `relabel_config`, and finds the mistakes that Prometheus finds, in its words.
public struct RelabellingReader {
    private let node: ConfigurationNode
    private let fields: [String: ConfigurationNode]

    /// The steps of a list; those that are refused are not among them.
    public static func read(
        _ node: ConfigurationNode?, _ document: inout DocumentReader
    ) -> Relabelling {
        var result = Relabelling()
        for element in document.elements(of: node, type: "*relabel.Config") {
            let reader = RelabellingReader(element, &document)
            if let step = reader.step(&document) { result.steps.append(step) }
        }
        return result
    }

    private init(_ node: ConfigurationNode, _ document: inout DocumentReader) {
        self.node = node
        fields = document.fields(of: node, type: "relabel.plain", known: Self.keys)
    }

    private static let keys = [
        "source_labels", "separator", "regex", "modulus", "target_label", "replacement", "action",
    ]

    /// What a step says, with the standard values of what it does not say.
    private struct Parts {
        var source: [String]
        var separator: String
        /// Nil where the step names none.
        var pattern: RelabelPattern?
        var modulus: UInt64
        var target: String
        var replacement: String
    }

    private func step(_ document: inout DocumentReader) -> RelabelStep? {
        let before = document.mistakes.count
        let parts = Parts(
            source: source(&document), separator: text("separator", standard: ";", &document),
            pattern: pattern(&document), modulus: modulus(&document),
            target: text("target_label", standard: "", &document),
            replacement: text("replacement", standard: Self.standardReplacement, &document))
        let name = actionName(&document)
        guard document.mistakes.count == before, let name else { return nil }
        if let problem = problem(name, parts) {
            document.refuse(problem, at: node.place)
            return nil
        }
        return RelabelStep(
            source: parts.source, separator: parts.separator, action: action(name, parts))
    }

    private static let standardReplacement = "$1"

    // MARK: Values

    /// A key that holds nothing is an empty text, and no longer has its standard value.
    private func text(
        _ key: String, standard: String, _ document: inout DocumentReader
    ) -> String {
        fields[key].map { document.text(of: $0) } ?? standard
    }

    private func source(_ document: inout DocumentReader) -> [String] {
        var names: [String] = []
        for element in document.elements(of: fields["source_labels"], type: "LabelName") {
            let name = document.text(of: element)
            if name.isEmpty {
                document.refuse(
                    "\(GoText.quoted(name)) is not a valid label name", at: element.place)
            }
            names.append(name)
        }
        return names
    }

    private func pattern(_ document: inout DocumentReader) -> RelabelPattern? {
        guard let node = fields["regex"] else { return nil }
        let text = document.text(of: node)
        do {
            return try RelabelPattern(text)
        } catch {
            // Go's sentence repeats the whole expression where no part of it is to blame.
            let part = error.part == text ? "^(?s:\(text))$" : error.part
            document.refuse("error parsing regexp: \(error.reason): `\(part)`", at: node.place)
            return nil
        }
    }

    private func modulus(_ document: inout DocumentReader) -> UInt64 {
        guard let node = fields["modulus"] else { return 0 }
        if case .scalar(let text, isQuoted: false) = node.content, let number = UInt64(text) {
            return number
        }
        let before = document.mistakes.count
        let number = document.integer(of: node)
        if document.mistakes.count == before, number < 0 {
            document.refuse("cannot unmarshal !!int `\(number)` into uint64", at: node.place)
        }
        return UInt64(max(0, number))
    }

    /// Nil where there is no such action.
    private func actionName(_ document: inout DocumentReader) -> ActionName? {
        guard let node = fields["action"] else { return .replace }
        if case .null = node.content {
            document.refuse("relabel action cannot be empty", at: node.place)
            return nil
        }
        let text = document.text(of: node)
        if let name = ActionName(rawValue: text.lowercased()) { return name }
        document.refuse("unknown relabel action \(GoText.quoted(text))", at: node.place)
        return nil
    }

    // MARK: Actions

    private enum ActionName: String {
        case replace, keep, drop, keepequal, dropequal, hashmod, labelmap, labeldrop, labelkeep
        case lowercase, uppercase

        /// Whether the joined values become, or are compared with, the target's value as they are.
        var takesNoPattern: Bool {
            [.lowercase, .uppercase, .keepequal, .dropequal].contains(self)
        }

        var needsTarget: Bool { takesNoPattern || self == .replace || self == .hashmod }
    }

    /// What is wrong with the step as a whole; the first that Prometheus finds.
    private func problem(_ name: ActionName, _ parts: Parts) -> String? {
        if name == .hashmod, parts.modulus == 0 {
            return "relabel configuration for hashmod requires non-zero modulus"
        }
        if name.needsTarget, parts.target.isEmpty {
            return "relabel configuration for \(name.rawValue) action requires 'target_label' value"
        }
        let hasOwnReplacement = parts.replacement != Self.standardReplacement
        if name.takesNoPattern, hasOwnReplacement {
            return "'replacement' can not be set for \(name.rawValue) action"
        }
        if name == .labelmap, parts.replacement.isEmpty {
            return "\"\" is invalid 'replacement' for labelmap action"
        }
        let hasOwnValues = parts.modulus != 0 || parts.separator != ";" || hasOwnReplacement
        if name == .keepequal || name == .dropequal, parts.pattern != nil || hasOwnValues {
            return "\(name.rawValue) action requires only 'source_labels' and `target_label`, and"
                + " no other fields"
        }
        if name == .labeldrop || name == .labelkeep,
            hasSource || !parts.target.isEmpty || hasOwnValues
        {
            return "\(name.rawValue) action requires only 'regex', and no other fields"
        }
        return nil
    }

    /// An empty list is one, too.
    private var hasSource: Bool {
        if case .sequence? = fields["source_labels"]?.content { true } else { false }
    }

    private func action(_ name: ActionName, _ parts: Parts) -> RelabelStep.Action {
        let pattern = parts.pattern ?? .anything
        let target = parts.target
        return switch name {
        case .replace: .replace(pattern, target: target, replacement: parts.replacement)
        case .keep: .keep(pattern)
        case .drop: .drop(pattern)
        case .keepequal: .keepEqual(target: target)
        case .dropequal: .dropEqual(target: target)
        case .hashmod: .hashModulus(parts.modulus, target: target)
        case .labelmap: .labelMap(pattern, replacement: parts.replacement)
        case .labeldrop: .labelDrop(pattern)
        case .labelkeep: .labelKeep(pattern)
        case .lowercase: .lowercase(target: target)
        case .uppercase: .uppercase(target: target)
        }
    }
}
