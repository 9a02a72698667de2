import Clusters
import TimeSeries

/// Reads documents whose types are Prometheus's own, and finds the mistakes that its YAML decoder
/// finds, all of them in one pass.
public struct DocumentReader: Sendable {
    public let file: String
    public private(set) var mistakes: [RuleMistake] = []

    public init(file: String) { self.file = file }

    public mutating func refuse(
        _ problem: String, at place: ConfigurationNode.Place?, rule: RuleMistake.Subject? = nil
    ) {
        mistakes.append(RuleMistake(file: file, place: place, rule: rule, problem: problem))
    }

    /// The values of a mapping's keys; keys that are not known are mistakes. Empty for nothing.
    public mutating func fields(
        of node: ConfigurationNode, type: String, known: [String]
    ) -> [String: ConfigurationNode] {
        var result: [String: ConfigurationNode] = [:]
        var places: [String: ConfigurationNode.Place] = [:]
        for entry in entries(of: node, into: type) {
            if let first = places[entry.key] {
                refuse(
                    "mapping key \(GoText.quoted(entry.key)) already defined at line "
                        + "\(first.line)", at: entry.keyPlace)
                continue
            }
            places[entry.key] = entry.keyPlace
            guard known.contains(entry.key) else {
                let nearest = NearestName.nearest(to: entry.key, among: known)
                refuse(
                    "field \(entry.key) not found in type \(type)"
                        + (nearest.map { "; did you mean \($0)?" } ?? ""), at: entry.keyPlace)
                continue
            }
            result[entry.key] = entry.value
        }
        return result
    }

    private mutating func entries(
        of node: ConfigurationNode, into type: String
    ) -> [ConfigurationNode.Entry] {
        switch node.content {
        case .mapping(let entries): return entries
        case .null: return []
        case .scalar, .sequence:
            refuse(Self.cannot(node, type), at: node.place)
            return []
        }
    }

    public mutating func elements(
        of node: ConfigurationNode?, type: String
    ) -> [ConfigurationNode] {
        guard let node else { return [] }
        switch node.content {
        case .sequence(let elements): return elements
        case .null: return []
        case .scalar, .mapping:
            refuse(Self.cannot(node, "[]\(type)"), at: node.place)
            return []
        }
    }

    /// A text; empty for nothing.
    public mutating func text(of node: ConfigurationNode?) -> String {
        guard let node else { return "" }
        switch node.content {
        case .scalar(let text, _): return text
        case .null: return ""
        case .sequence, .mapping:
            refuse(Self.cannot(node, "string"), at: node.place)
            return ""
        }
    }

    /// Texts by name, ordered by name.
    public mutating func texts(of node: ConfigurationNode?) -> [PlacedRuleText] {
        guard let node else { return [] }
        var seen: [String: ConfigurationNode.Place] = [:]
        var result: [PlacedRuleText] = []
        for entry in entries(of: node, into: "map[string]string") {
            if let first = seen[entry.key] {
                refuse(
                    "mapping key \(GoText.quoted(entry.key)) already defined at line "
                        + "\(first.line)", at: entry.keyPlace)
                continue
            }
            seen[entry.key] = entry.keyPlace
            result.append(
                PlacedRuleText(
                    text: RuleText(name: entry.key, text: text(of: entry.value)),
                    place: entry.keyPlace))
        }
        return result.sorted {
            $0.text.name.utf8.lexicographicallyPrecedes($1.text.name.utf8)
        }
    }

    /// Milliseconds; nil where there is no such key or it holds nothing or is refused.
    public mutating func duration(of node: ConfigurationNode?) -> Int64? {
        guard let node else { return nil }
        if case .null = node.content { return nil }
        let before = mistakes.count
        let text = text(of: node)
        if mistakes.count > before { return nil }
        guard let milliseconds = DurationText.milliseconds(text) else {
            refuse(RuleDuration.refusal(of: text), at: node.place)
            return nil
        }
        return milliseconds
    }

    public mutating func integer(of node: ConfigurationNode?) -> Int {
        guard let node else { return 0 }
        switch node.content {
        case .null: return 0
        case .scalar(let text, isQuoted: false):
            if let number = TemplateNumberReader.number(text)?.int, !text.hasPrefix("'") {
                return number
            }
        default: break
        }
        refuse(Self.cannot(node, "int"), at: node.place)
        return 0
    }

    public mutating func flag(of node: ConfigurationNode?) -> Bool {
        guard let node else { return false }
        switch node.content {
        case .null: return false
        case .scalar(let text, isQuoted: false):
            if ["true", "True", "TRUE"].contains(text) { return true }
            if ["false", "False", "FALSE"].contains(text) { return false }
        default: break
        }
        refuse(Self.cannot(node, "bool"), at: node.place)
        return false
    }

    /// A number; 0 for nothing.
    public mutating func float(of node: ConfigurationNode?) -> Double {
        guard let node else { return 0 }
        switch node.content {
        case .null: return 0
        case .scalar(let text, isQuoted: false):
            // YAML's own words for what is no ordinary number.
            switch text.lowercased() {
            case ".nan": return .nan
            case ".inf", "+.inf": return .infinity
            case "-.inf": return -.infinity
            default:
                if let number = TemplateNumberReader.number(text)?.float { return number }
            }
        default: break
        }
        refuse(Self.cannot(node, "float64"), at: node.place)
        return 0
    }

    private static func cannot(_ node: ConfigurationNode, _ type: String) -> String {
        let found =
            switch node.content {
            case .null: "!!null"
            case .sequence: "!!seq"
            case .mapping: "!!map"
            case .scalar(let text, let isQuoted):
                "\(tag(text, isQuoted)) `\(text.prefix(10))\(text.count > 10 ? "..." : "")`"
            }
        return "cannot unmarshal \(found) into \(type)"
    }

    private static func tag(_ text: String, _ isQuoted: Bool) -> String {
        if isQuoted { return "!!str" }
        if ["true", "false"].contains(text.lowercased()) { return "!!bool" }
        if Int(text) != nil { return "!!int" }
        return NumberText.read(text) != nil ? "!!float" : "!!str"
    }
}

/// A label or annotation, and where its name stands.
public struct PlacedRuleText: Hashable, Sendable {
    public var text: RuleText
    public var place: ConfigurationNode.Place
}
