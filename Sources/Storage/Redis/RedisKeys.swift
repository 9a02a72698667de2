/// Our keys in Redis: a prefix, the version of what we store, and what the key is for.
struct RedisKeys: Sendable {
    let prefix: String

    /// Changes whenever a value's form does, so that no version ever reads another's values.
    private static let version = 1

    func entry(_ key: String) -> String { "\(prefix):v\(Self.version):e:\(key)" }

    func claim(_ key: String) -> String { "\(prefix):v\(Self.version):c:\(key)" }

    /// Holds another token after each clearing. It is not among what is cleared.
    var epoch: String { "\(prefix):epoch" }

    /// What must not be lost when entries are cleared. Its version is the value's own affair.
    func state(_ key: String) -> String { "\(prefix):state:\(key)" }

    /// A pattern for the entries and claims of all versions.
    var pattern: String {
        var pattern = ""
        for character in prefix {
            if "\\*?[]".contains(character) { pattern += "\\" }
            pattern.append(character)
        }
        return pattern + ":v[0-9]*"
    }
}
