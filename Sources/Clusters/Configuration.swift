/// A configuration file as a tree with places, whatever the format it was written in. Gateway makes
/// it from YAML; the readers of inventory and configuration check it, so that every mistake is
/// found in one pass and said with file, line and key.
public struct ConfigurationNode: Hashable, Sendable {
    public indirect enum Content: Hashable, Sendable {
        case null
        /// A scalar as it is written, and whether it was quoted (then it is text, never a number).
        case scalar(String, isQuoted: Bool)
        case sequence([ConfigurationNode])
        /// The entries in the order of the file; a key may stand twice, which is a mistake.
        case mapping([Entry])
    }

    public struct Entry: Hashable, Sendable {
        public var key: String
        public var keyPlace: Place
        public var value: ConfigurationNode

        public init(key: String, keyPlace: Place, value: ConfigurationNode) {
            self.key = key
            self.keyPlace = keyPlace
            self.value = value
        }
    }

    /// Where something stands, counted from 1.
    public struct Place: Hashable, Sendable {
        public var line: Int
        public var column: Int

        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    public var content: Content
    public var place: Place

    public init(_ content: Content, place: Place) {
        self.content = content
        self.place = place
    }
}

/// One mistake in a configuration file.
public struct ConfigurationMistake: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// Nil where the mistake is about the file as a whole.
    public var line: Int?
    /// The path of the key: `prometheus.tls_config.ca_file`; empty for the file as a whole.
    public var key: String
    /// What is wrong and what was expected.
    public var problem: String

    public init(file: String, line: Int?, key: String, problem: String) {
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem
    }

    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return key.isEmpty ? "\(place): \(problem)" : "\(place): \(key): \(problem)"
    }
}
