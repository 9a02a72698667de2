import Clusters
import Yams

/// Reads YAML into the tree that configuration is checked in. The only user of Yams.
struct YAMLTree {
    /// As mistakes show it.
    let file: String
    /// Whether `<<: *other` puts the entries of another mapping in, as Prometheus reads rule files.
    var mergesMappings = false

    /// More than any configuration has. References to anchors can make a small file huge.
    private static let maximumNodes = 100_000

    /// The tree of a file that is one document; an empty file is nothing.
    func tree(of bytes: [UInt8]) throws(ConfigurationMistake) -> ConfigurationNode {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw mistake(nil, "not a text in UTF-8")
        }
        var duplicates = DuplicateKeys(text: text)
        while true {
            do {
                let node = try Parser(yaml: duplicates.text, encoding: .utf8).singleRoot()
                var builder = Builder(
                    names: duplicates.names, mergesMappings: mergesMappings)
                guard let node else {
                    return ConfigurationNode(.null, place: .init(line: 1, column: 1))
                }
                return try builder.tree(of: node)
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                // The parser stops at duplicate keys. They are told apart and read again, so that
                // they are found with all other mistakes.
                guard let key = keys.first, duplicates.rename(key, at: context.mark) else {
                    throw mistake(
                        context.mark.line, "duplicate keys: \(keys.joined(separator: ", "))")
                }
            } catch let refusal as Refusal {
                throw mistake(refusal.mark?.line, refusal.problem)
            } catch let error as YamlError {
                throw mistake(error, in: text)
            } catch {
                throw mistake(nil, "not YAML")
            }
        }
    }

    private func mistake(_ line: Int?, _ problem: String) -> ConfigurationMistake {
        ConfigurationMistake(file: file, line: line, key: "", problem: problem)
    }

    private func mistake(_ error: YamlError, in text: String) -> ConfigurationMistake {
        switch error {
        case .composer(_, let problem, let mark, _) where problem.contains("another document"):
            return mistake(mark.line, "a second document; a file holds one")
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let isTab =
                lines.indices.contains(mark.line - 1)
                && lines[mark.line - 1].prefix { $0 == " " || $0 == "\t" }.contains("\t")
            let hint = isTab ? "; lines are indented by spaces, not by tabs" : ""
            return mistake(mark.line, "not YAML: \(problem)\(hint)")
        case .reader(let problem, let offset, _, _):
            let line = offset.map { text.prefix($0).count { $0.isNewline } + 1 }
            return mistake(line, "not YAML: \(problem)")
        default: return mistake(nil, "not YAML: \(error)")
        }
    }

    /// Why a tree is none for configuration.
    private struct Refusal: Error {
        var mark: Mark?
        var problem: String
    }

    // MARK: The parser's tree into ours

    private struct Builder {
        /// The keys that duplicates stand for.
        let names: [String: String]
        let mergesMappings: Bool
        var count = 0

        mutating func tree(of node: Node) throws -> ConfigurationNode {
            count += 1
            guard count <= YAMLTree.maximumNodes else {
                throw Refusal(mark: node.mark, problem: "more than \(YAMLTree.maximumNodes) values")
            }
            let place = ConfigurationNode.Place(
                line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
            switch node {
            case .scalar(let scalar):
                try refuseUnknown(scalar.tag, node)
                return ConfigurationNode(content(of: scalar), place: place)
            case .sequence(let sequence):
                try refuseUnknown(sequence.tag, node)
                var elements: [ConfigurationNode] = []
                for element in sequence { elements.append(try tree(of: element)) }
                return ConfigurationNode(.sequence(elements), place: place)
            case .mapping(let mapping):
                try refuseUnknown(mapping.tag, node)
                var entries: [ConfigurationNode.Entry] = []
                var merged: [ConfigurationNode] = []
                for (key, value) in mapping {
                    if mergesMappings, key.scalar?.string == "<<", key.scalar?.style == .plain {
                        merged.append(try tree(of: value))
                    } else {
                        entries.append(try entry(key, value))
                    }
                }
                for node in merged { try Self.merge(node, into: &entries, at: mapping.mark) }
                return ConfigurationNode(.mapping(entries), place: place)
            case .alias(let alias):
                throw Refusal(
                    mark: alias.mark, problem: "the anchor *\(alias.anchor.rawValue) is not known")
            }
        }

        /// Puts the entries of a mapping, or of several, in where the keys are not there yet.
        private static func merge(
            _ node: ConfigurationNode, into entries: inout [ConfigurationNode.Entry],
            at mark: Mark?
        ) throws {
            switch node.content {
            case .mapping(let others):
                let own = Set(entries.map(\.key))
                entries += others.filter { !own.contains($0.key) }
            case .sequence(let nodes):
                for node in nodes { try merge(node, into: &entries, at: mark) }
            case .null, .scalar:
                throw Refusal(mark: mark, problem: "map merge requires map or sequence of maps")
            }
        }

        private func content(of scalar: Node.Scalar) -> ConfigurationNode.Content {
            let isPlain = scalar.style == .plain
            if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return .null }
            return .scalar(scalar.string, isQuoted: !isPlain)
        }

        private mutating func entry(_ key: Node, _ value: Node) throws -> ConfigurationNode.Entry {
            guard case .scalar(let scalar) = key else {
                throw Refusal(mark: key.mark, problem: "a key must be a text")
            }
            if scalar.string == "<<", scalar.style == .plain {
                throw Refusal(
                    mark: key.mark,
                    problem: "merge keys (<<) are not understood; write the keys out")
            }
            let place = ConfigurationNode.Place(
                line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
            return ConfigurationNode.Entry(
                key: names[scalar.string] ?? scalar.string, keyPlace: place,
                value: try tree(of: value))
        }

        /// The core schema's tags say nothing new; any other asks for something we do not do.
        private func refuseUnknown(_ tag: Tag, _ node: Node) throws {
            let name = tag.rawValue
            guard !name.isEmpty, name != "!", !name.hasPrefix("tag:yaml.org,2002:") else { return }
            throw Refusal(mark: node.mark, problem: "the tag \(name) is not understood")
        }
    }
}

/// A text in which duplicate keys were given names of their own.
private struct DuplicateKeys {
    private(set) var text: String
    /// The keys that the new names stand for.
    private(set) var names: [String: String] = [:]

    init(text: String) { self.text = text }

    /// Gives the key that stands at the mark another name of the same length, made of letters that
    /// no text uses. False where the key does not stand there as it is, or after too many.
    mutating func rename(_ key: String, at mark: Mark) -> Bool {
        let length = key.unicodeScalars.count
        guard names.count < 1000, length > 0,
            let letter = Unicode.Scalar(0xE000 + UInt32(names.count))
        else { return false }
        var scalars = Array(text.unicodeScalars)
        guard var start = Self.offset(of: mark, in: scalars) else { return false }
        if start < scalars.count, scalars[start] == "\"" || scalars[start] == "'" { start += 1 }
        let end = start + length
        guard end <= scalars.count, scalars[start..<end].elementsEqual(key.unicodeScalars) else {
            return false
        }
        for index in start..<end { scalars[index] = letter }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        text = String(view)
        names[String(repeating: Character(letter), count: length)] = key
        return true
    }

    /// Where a line and column, counted from 1, are in the text.
    private static func offset(of mark: Mark, in scalars: [Unicode.Scalar]) -> Int? {
        var line = 1
        var index = 0
        while line < mark.line {
            guard let end = scalars[index...].firstIndex(of: "\n") else { return nil }
            index = end + 1
            line += 1
        }
        return index + mark.column - 1
    }
}
