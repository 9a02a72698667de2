/// One key of a configuration file: a row of a table that the reader, the checks and the
/// documentation share.
public struct ConfigurationKey: Hashable, Sendable {
    /// The keys from the file's root, with dots between them: `prometheus.tls_config.ca_file`.
    public var path: String
    public var kind: Kind
    /// Whether the key must be there, wherever its section is.
    public var isRequired: Bool
    /// The text that stands for an absent key, as a file would say it; nil for none.
    public var standard: String?
    /// One line.
    public var meaning: String

    /// What a key holds.
    public indirect enum Kind: Hashable, Sendable {
        /// Further keys, which have rows of their own.
        case section
        /// A list, each element of which has the further keys. What an element says is asked for by
        /// `list[0].key`.
        case sections
        case text
        /// A text that may be empty.
        case anyText
        /// A text that is never shown.
        case secret
        /// A path; a relative one begins at the directory of the configuration file.
        case file
        case url(URLText.Form)
        case duration
        /// A number of bytes, with a unit or without.
        case bytes
        /// A whole number of at least this.
        case count(atLeast: Int)
        case flag
        case choice([String])
        /// `HOST:PORT`.
        case listenAddress
        /// One of these or more.
        case list(of: Kind)
        /// Names with texts, the names free.
        case texts
        /// A mapping of any form.
        case mapping
    }

    public init(
        _ path: String, _ kind: Kind, isRequired: Bool = false, standard: String? = nil,
        _ meaning: String
    ) {
        self.path = path
        self.kind = kind
        self.isRequired = isRequired
        self.standard = standard
        self.meaning = meaning
    }

    /// The key alone: `ca_file`.
    public var name: String { path.split(separator: ".").last.map(String.init) ?? path }

    /// The path of the section that holds it; empty for the root.
    public var section: String { path.split(separator: ".").dropLast().joined(separator: ".") }
}

extension ConfigurationKey.Kind {
    /// What a file must hold, as documentation and mistakes say it.
    public var words: String {
        switch self {
        case .section: "a section"
        case .sections: "a list, each a section"
        case .text, .anyText, .secret: "a text"
        case .file: "a path"
        case .url(let form): "a URL (\(form.schemes.map { $0 + "://" }.joined(separator: ", ")))"
        case .duration: "a duration (30s, 1m30s, 15d)"
        case .bytes: "a size (1048576, 512MB, 1GB)"
        case .count(let least): "a whole number from \(least)"
        case .flag: "true or false"
        case .choice(let names): "one of \(names.joined(separator: ", "))"
        case .listenAddress: "HOST:PORT"
        case .list(let kind): "a list, each \(kind.words)"
        case .texts: "a mapping of names to texts"
        case .mapping: "a mapping"
        }
    }
}
