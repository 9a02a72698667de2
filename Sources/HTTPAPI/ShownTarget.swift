/// A request's path and parameters as they may be shown: values of parameters that are secrets by
/// their names are left out, and what is very long is cut.
struct ShownTarget {
    let path: String
    /// Without a question mark; nil where there is none.
    let query: String?

    private static let maximumBytes = 2048

    init(_ target: String) {
        var rest = target[...]
        // A proxy's form, with a host and perhaps a password before the path.
        if !rest.hasPrefix("/") {
            let host = rest.firstRange(of: "://")?.upperBound ?? rest.startIndex
            rest = rest[(rest[host...].firstIndex(of: "/") ?? rest.endIndex)...]
        }
        let mark = rest.firstIndex(of: "?")
        path = Self.cut(rest[..<(mark ?? rest.endIndex)])
        query = mark.map { mark in
            // What would be cut need not be looked at; a cut value is still one of its name.
            let text = Self.cut(rest[rest.index(after: mark)...])
            return text.split(separator: "&", omittingEmptySubsequences: false)
                .map(Self.shown).joined(separator: "&")
        }
    }

    /// Both as they stood in the request.
    var text: String { query.map { "\(path)?\($0)" } ?? path }

    private static func cut(_ text: Substring) -> String {
        guard text.utf8.count > maximumBytes else { return String(text) }
        return String(decoding: text.utf8.prefix(maximumBytes), as: UTF8.self) + "…"
    }

    private static func shown(_ parameter: Substring) -> String {
        guard let mark = parameter.firstIndex(of: "="), isSecret(parameter[..<mark]) else {
            return String(parameter)
        }
        return "\(parameter[..<mark])=REDACTED"
    }

    private static let secretParts = [
        "password", "passwd", "secret", "token", "credential", "signature", "authorization",
        "apikey", "accesskey", "session", "jwt",
    ]
    private static let secretNames: Set<String> = ["auth", "key", "sig", "pwd", "pass", "code"]

    /// Whether the name, however it is written, is that of a secret.
    private static func isSecret(_ name: Substring) -> Bool {
        guard case .success(let bytes) = PercentEncoding.decoded(name.utf8, isForm: true) else {
            return true
        }
        let letters = String(decoding: bytes, as: UTF8.self).lowercased()
            .filter { $0 != "_" && $0 != "-" }
        return secretNames.contains(letters) || secretParts.contains { letters.contains($0) }
    }
}
