/// Reads the value of one key in the form that its row asks for.
struct ValueReader {
    let key: ConfigurationKey
    /// Where it stands.
    let path: String

    /// Nil where there is none or where it was refused.
    func value(
        _ node: ConfigurationNode, _ checked: inout CheckedConfiguration
    ) -> CheckedConfiguration.Value? {
        switch key.kind {
        case .list(let kind): list(node, kind, &checked)
        case .texts: texts(node, &checked)
        case .mapping: mapping(node, path, &checked)
        default: ScalarReader(key: key, path: path).value(node, &checked)
        }
    }

    private func list(
        _ node: ConfigurationNode, _ kind: ConfigurationKey.Kind,
        _ checked: inout CheckedConfiguration
    ) -> CheckedConfiguration.Value? {
        let elements: [ConfigurationNode]
        switch node.content {
        case .sequence(let nodes): elements = nodes
        case .null: elements = []
        default:
            checked.refuse(
                path, at: node.place, ConfigurationTable.expected(key.kind, node))
            return nil
        }
        var row = key
        row.kind = kind
        if case .mapping = kind {
            for (index, element) in elements.enumerated() {
                _ = mapping(element, "\(path)[\(index)]", &checked)
            }
            return .nodes(elements)
        }
        var texts: [PlacedText] = []
        for (index, element) in elements.enumerated() {
            let path = "\(path)[\(index)]"
            let reader = ScalarReader(key: row, path: path)
            if case .text(let text) = reader.value(element, &checked) {
                texts.append(PlacedText(text: text, place: element.place))
            }
        }
        return .list(texts)
    }

    private func texts(
        _ node: ConfigurationNode, _ checked: inout CheckedConfiguration
    ) -> CheckedConfiguration.Value? {
        let entries: [ConfigurationNode.Entry]
        switch node.content {
        case .mapping(let found): entries = found
        case .null: entries = []
        default:
            checked.refuse(
                path, at: node.place, ConfigurationTable.expected(key.kind, node))
            return nil
        }
        var texts: [NamedText] = []
        for entry in entries {
            let path = ConfigurationTable.path(path, entry.key)
            if let first = texts.first(where: { $0.name == entry.key }) {
                checked.refuse(
                    path, at: entry.keyPlace, "duplicate key, first in line \(first.place.line)")
            } else if case .scalar(let text, _) = entry.value.content {
                texts.append(NamedText(name: entry.key, text: text, place: entry.keyPlace))
            } else {
                checked.refuse(
                    path, at: entry.value.place,
                    ConfigurationTable.expected(.text, entry.value))
            }
        }
        return .texts(texts)
    }

    private func mapping(
        _ node: ConfigurationNode, _ path: String, _ checked: inout CheckedConfiguration
    ) -> CheckedConfiguration.Value? {
        switch node.content {
        case .mapping, .null: break
        default:
            checked.refuse(path, at: node.place, ConfigurationTable.expected(.mapping, node))
        }
        return nil
    }
}

/// Reads a value that is one scalar.
struct ScalarReader {
    let key: ConfigurationKey
    /// The key's path, or of an element of its list.
    let path: String

    /// Nil where it was refused.
    func value(
        _ node: ConfigurationNode, _ checked: inout CheckedConfiguration
    ) -> CheckedConfiguration.Value? {
        guard case .scalar(let text, let isQuoted) = node.content else {
            checked.refuse(path, at: node.place, ConfigurationTable.expected(key.kind, node))
            return nil
        }
        switch reading(text, isQuoted: isQuoted) {
        case .success(let value): return value
        case .failure(let refusal):
            checked.refuse(path, at: node.place, refusal.problem)
            return nil
        }
    }

    private struct Refusal: Error {
        var problem: String
    }

    private typealias Reading = Result<CheckedConfiguration.Value, Refusal>

    private func reading(_ text: String, isQuoted: Bool) -> Reading {
        switch key.kind {
        case .text, .secret, .file:
            return text.isEmpty ? refused("must not be empty") : .success(.text(text))
        case .anyText: return .success(.text(text))
        case .url(let form):
            do {
                return .success(.text(try URLText(text, form).text))
            } catch {
                return refused(error.sentence)
            }
        case .duration:
            return found(DurationText.milliseconds(text).map { .duration($0) }, text)
        case .bytes:
            return found(ByteCountText.bytes(text).map { .number($0) }, text)
        case .count(let least):
            let number = Int(text)
            return found((number ?? least - 1) < least ? nil : number.map { .number($0) }, text)
        case .flag:
            return found(isQuoted ? nil : Bool(text).map { .flag($0) }, text)
        case .choice(let names):
            return found(names.contains(text) ? .text(text) : nil, text)
        case .listenAddress:
            return found(ListenAddress(text).map { .address($0) }, text)
        case .section, .sections, .list, .texts, .mapping:
            return refused("\(key.kind.words) is expected, found a text")
        }
    }

    private func found(_ value: CheckedConfiguration.Value?, _ text: String) -> Reading {
        if let value { return .success(value) }
        return refused("\(key.kind.words) is expected, found \(text.prefix(100).debugDescription)")
    }

    private func refused(_ problem: String) -> Reading { .failure(Refusal(problem: problem)) }
}
