/// A file that a configuration file names: whoever can look at files says whether it is there.
public struct FileReference: Hashable, Sendable {
    /// Of the file that is named.
    public var path: String
    /// Of the configuration file that names it.
    public var file: String
    public var line: Int?
    public var key: String

    /// The mistake about the file that is named.
    public func mistake(_ problem: String) -> ConfigurationMistake {
        ConfigurationMistake(file: file, line: line, key: key, problem: problem)
    }
}

/// Finds the files that a configuration file names, relative ones from its own directory.
public struct FileReferences: Sendable {
    let directory: String
    public private(set) var found: [FileReference] = []

    public init(directory: String) { self.directory = directory }

    /// The path that a key holds, made relative to nothing but the process' own directory.
    public mutating func resolved(_ key: String, _ checked: CheckedConfiguration) -> String? {
        guard let text = checked.text(key) else { return nil }
        let isWhole = text.hasPrefix("/") || directory.isEmpty
        let path = isWhole ? text : "\(directory)/\(text)"
        found.append(
            FileReference(
                path: path, file: checked.file, line: checked.places[key]?.line, key: key))
        return path
    }
}
