/// The keys of one sort of file. A file's tree is checked against it in one pass that finds every
/// mistake.
public struct ConfigurationTable: Sendable {
    public let keys: [ConfigurationKey]
    private let byPath: [String: ConfigurationKey]
    private let bySection: [String: [ConfigurationKey]]

    /// A section's row comes before the rows of its keys.
    public init(_ keys: [ConfigurationKey]) {
        self.keys = keys
        byPath = Dictionary(keys.map { ($0.path, $0) }) { _, _ in
            preconditionFailure("a key has one row")
        }
        bySection = Dictionary(grouping: keys, by: \.section)
    }

    /// The values that absent keys have, in a file that is otherwise empty.
    public func standard(file: String = "") -> CheckedConfiguration {
        check(ConfigurationNode(.mapping([]), place: .init(line: 1, column: 1)), file: file)
    }

    public func check(_ root: ConfigurationNode, file: String) -> CheckedConfiguration {
        var checked = CheckedConfiguration(file: file)
        switch root.content {
        case .mapping(let entries): check(entries, of: "", as: "", at: root.place, &checked)
        case .null: check([], of: "", as: "", at: root.place, &checked)
        default:
            checked.refuse("", at: root.place, Self.expected(.mapping, root))
        }
        for key in keys where !checked.has(key.path) {
            guard let standard = key.standard, !isInList(key) else { continue }
            let node = ConfigurationNode(
                .scalar(standard, isQuoted: false), place: .init(line: 1, column: 1))
            checked.values[key.path] = ScalarReader(key: key, path: key.path).value(node, &checked)
        }
        return checked
    }

    /// Whether the key is one of elements' own: there is no value of it apart from them.
    private func isInList(_ key: ConfigurationKey) -> Bool {
        guard let section = byPath[key.section] else { return false }
        if case .sections = section.kind { return true }
        return isInList(section)
    }

    // MARK: Sections

    /// `section` is the path of the section's row; `shown` is where it stands, with the places of
    /// elements in lists.
    private func check(
        _ entries: [ConfigurationNode.Entry], of section: String, as shown: String,
        at place: ConfigurationNode.Place, _ checked: inout CheckedConfiguration
    ) {
        var seen: [String: ConfigurationNode.Place] = [:]
        for entry in entries {
            let path = Self.path(shown, entry.key)
            if let first = seen[entry.key] {
                checked.refuse(
                    path, at: entry.keyPlace, "duplicate key, first in line \(first.line)")
                continue
            }
            seen[entry.key] = entry.keyPlace
            guard let key = byPath[Self.path(section, entry.key)], key.section == section else {
                checked.refuse(path, at: entry.keyPlace, unknown(entry.key, in: section))
                continue
            }
            checked.places[path] = entry.keyPlace
            check(entry.value, key, as: path, at: entry.keyPlace, &checked)
        }
        for key in bySection[section] ?? [] where key.isRequired && seen[key.name] == nil {
            // A file that has nothing at all is said to be so at its first line.
            checked.refuse(
                Self.path(shown, key.name), at: place,
                "required key is missing: \(key.kind.words) is expected")
        }
    }

    private func unknown(_ name: String, in section: String) -> String {
        let known = (bySection[section] ?? []).map(\.name)
        guard let nearest = NearestName.nearest(to: name, among: known) else {
            return "unknown key; known here: \(known.joined(separator: ", "))"
        }
        return "unknown key; did you mean \(nearest)?"
    }

    private func check(
        _ node: ConfigurationNode, _ key: ConfigurationKey, as path: String,
        at place: ConfigurationNode.Place, _ checked: inout CheckedConfiguration
    ) {
        switch (key.kind, node.content) {
        case (.section, .mapping(let entries)):
            check(entries, of: key.path, as: path, at: place, &checked)
        case (.section, .null):
            check([], of: key.path, as: path, at: place, &checked)
        case (.sections, .sequence(let elements)):
            check(elements, key, as: path, &checked)
        case (.sections, .null): break
        case (.section, _), (.sections, _):
            checked.refuse(path, at: node.place, Self.expected(key.kind, node))
        default:
            checked.values[path] = ValueReader(key: key, path: path).value(node, &checked)
        }
    }

    private func check(
        _ elements: [ConfigurationNode], _ key: ConfigurationKey, as path: String,
        _ checked: inout CheckedConfiguration
    ) {
        checked.values[path] = .number(elements.count)
        for (index, element) in elements.enumerated() {
            let shown = "\(path)[\(index)]"
            checked.places[shown] = element.place
            if case .mapping(let entries) = element.content {
                check(entries, of: key.path, as: shown, at: element.place, &checked)
            } else {
                checked.refuse(shown, at: element.place, Self.expected(.section, element))
            }
        }
    }

    // MARK: Words

    static func path(_ section: String, _ name: String) -> String {
        let isPlain =
            !name.isEmpty && name.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7f }
        let shown = isPlain ? name : name.debugDescription
        return section.isEmpty ? shown : "\(section).\(shown)"
    }

    static func expected(_ kind: ConfigurationKey.Kind, _ node: ConfigurationNode) -> String {
        "\(kind.words) is expected, found \(found(node))"
    }

    /// What a node is, without its text, which may be a secret.
    static func found(_ node: ConfigurationNode) -> String {
        switch node.content {
        case .null: "nothing"
        case .scalar: "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
