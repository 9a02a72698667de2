/// What a file says, key by key, once it was held against its table.
public struct CheckedConfiguration: Sendable {
    /// The file's name, for mistakes.
    public let file: String
    public internal(set) var mistakes: [ConfigurationMistake] = []
    /// The sections and keys that the file has, well written or not.
    var places: [String: ConfigurationNode.Place] = [:]
    /// The values of the well-written keys, and of absent ones the standard values.
    var values: [String: Value] = [:]

    /// A value in the form that its kind asks for.
    enum Value: Hashable, Sendable {
        case text(String)
        /// Milliseconds.
        case duration(Int64)
        case number(Int)
        case flag(Bool)
        case address(ListenAddress)
        case list([PlacedText])
        case texts([NamedText])
        /// Elements of any form, which their own readers read.
        case nodes([ConfigurationNode])
    }

    init(file: String) { self.file = file }
}

/// An element of a list, and where it stands.
public struct PlacedText: Hashable, Sendable {
    public var text: String
    public var place: ConfigurationNode.Place
}

/// A name with a text, and where it stands.
public struct NamedText: Hashable, Sendable {
    public var name: String
    public var text: String
    public var place: ConfigurationNode.Place
}

// MARK: Asking

extension CheckedConfiguration {
    /// Whether the file has the key or section, well written or not.
    public func has(_ path: String) -> Bool { places[path] != nil }

    /// The key's text, URL or path.
    public func text(_ path: String) -> String? {
        if case .text(let text) = values[path] { text } else { nil }
    }

    public func duration(_ path: String) -> Duration? {
        milliseconds(path).map { .milliseconds($0) }
    }

    /// The key's duration in milliseconds.
    public func milliseconds(_ path: String) -> Int64? {
        if case .duration(let milliseconds) = values[path] { milliseconds } else { nil }
    }

    /// The key's number, of bytes or of anything else.
    public func number(_ path: String) -> Int? {
        if case .number(let number) = values[path] { number } else { nil }
    }

    public func flag(_ path: String) -> Bool? {
        if case .flag(let flag) = values[path] { flag } else { nil }
    }

    public func address(_ path: String) -> ListenAddress? {
        if case .address(let address) = values[path] { address } else { nil }
    }

    /// The key's list; empty where there is none.
    public func list(_ path: String) -> [PlacedText] {
        if case .list(let elements) = values[path] { elements } else { [] }
    }

    /// The key's names with texts, in the file's order; empty where there are none.
    public func texts(_ path: String) -> [NamedText] {
        if case .texts(let texts) = values[path] { texts } else { [] }
    }
}

extension CheckedConfiguration {
    /// The paths of a list's sections, as their keys' paths begin.
    public func sections(_ path: String) -> [String] {
        (0..<(number(path) ?? 0)).map { "\(path)[\($0)]" }
    }

    /// The key's mappings, to be read by whoever knows what they mean.
    public func nodes(_ path: String) -> [ConfigurationNode] {
        if case .nodes(let nodes) = values[path] { nodes } else { [] }
    }

    /// Where a key stands.
    public func place(_ path: String) -> ConfigurationNode.Place? { places[path] }
}

// MARK: Finding fault

extension CheckedConfiguration {
    /// Notes a mistake about a key, at a place or where the key stands.
    public mutating func refuse(
        _ path: String, at place: ConfigurationNode.Place? = nil, _ problem: String
    ) {
        mistakes.append(
            ConfigurationMistake(
                file: file, line: (place ?? places[path])?.line, key: path, problem: problem))
    }

    /// Notes a mistake where the file has both keys of one section.
    public mutating func refuseBoth(_ first: String, _ second: String) {
        guard has(first), let place = places[second] else { return }
        let name = first.split(separator: ".").last ?? ""
        refuse(second, at: place, "not together with \(name): one of the two")
    }

    /// Notes a mistake where the file has the section but neither key.
    public mutating func requireOne(of names: [String], in section: String) {
        guard has(section), !names.contains(where: { has("\(section).\($0)") }) else { return }
        refuse(section, "\(names.joined(separator: " or ")) is missing")
    }
}
