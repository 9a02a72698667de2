import Clusters

// Trees written as literals: `["cluster": "eu-1", "prometheus": ["urls": ["http://a"]]]`.

extension ConfigurationNode: ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) {
        self.init(.scalar(value, isQuoted: false), place: .nowhere)
    }

    public init(arrayLiteral elements: ConfigurationNode...) {
        self.init(.sequence(elements), place: .nowhere)
    }

    public init(dictionaryLiteral elements: (String, ConfigurationNode)...) {
        let entries = elements.map { key, value in
            Entry(key: key, keyPlace: .nowhere, value: value)
        }
        self.init(.mapping(entries), place: .nowhere)
    }

    public init(nilLiteral: ()) { self.init(.null, place: .nowhere) }

    /// A text in quotes.
    static func quoted(_ text: String) -> ConfigurationNode {
        ConfigurationNode(.scalar(text, isQuoted: true), place: .nowhere)
    }

    /// The tree with each key and each element of a list on a line of its own, as YAML in block
    /// style has it.
    var inLines: ConfigurationNode {
        var line = 0
        return numbered(&line)
    }

    private func numbered(_ line: inout Int) -> ConfigurationNode {
        var node = self
        node.place = .init(line: max(1, line), column: 1)
        switch content {
        case .null, .scalar: break
        case .sequence(let elements):
            node.content = .sequence(
                elements.map { element in
                    line += 1
                    return element.numbered(&line)
                })
        case .mapping(let entries):
            node.content = .mapping(
                entries.map { entry in
                    line += 1
                    let place = Place(line: line, column: 1)
                    return Entry(
                        key: entry.key, keyPlace: place, value: entry.value.numbered(&line))
                })
        }
        return node
    }

    /// The mapping with further entries.
    static func + (left: ConfigurationNode, right: ConfigurationNode) -> ConfigurationNode {
        guard case .mapping(let first) = left.content, case .mapping(let second) = right.content
        else { preconditionFailure("only mappings can be added") }
        return ConfigurationNode(.mapping(first + second), place: .nowhere)
    }
}

extension ConfigurationNode.Place {
    static let nowhere = ConfigurationNode.Place(line: 1, column: 1)
}

/// Reads one file, `a.yaml` in the directory `etc`.
func reading(_ tree: ConfigurationNode) -> InventoryReader.Reading {
    InventoryReader.read([.init(name: "a.yaml", directory: "etc", root: tree.inLines)])
}
