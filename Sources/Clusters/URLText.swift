/// A URL as a configuration file has it: enough of one to be told early what is wrong with it.
public struct URLText: Hashable, Sendable {
    /// As the file has it, without slashes at the end.
    public let text: String

    /// What sort of URL is wanted.
    public struct Form: Hashable, Sendable {
        public var schemes: [String]
        /// Whether a user and a password may stand before the host.
        public var allowsUser: Bool

        /// The base address of an HTTP service.
        public static let service = Form(schemes: ["http", "https"], allowsUser: false)
        /// A proxy, as curl takes it.
        public static let proxy = Form(
            schemes: ["http", "https", "socks5", "socks5h"], allowsUser: true)
    }

    /// What is wrong with a text that was to be a URL: a sentence that does not repeat it.
    public struct Problem: Error, Hashable, Sendable {
        public let sentence: String

        init(_ sentence: String) { self.sentence = sentence }
    }

    public init(_ text: String, _ form: Form) throws(Problem) {
        let forbidden: Set<Character> = ["\"", "<", ">", "\\", "^", "`", "{", "|", "}"]
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }),
            !text.contains(where: forbidden.contains)
        else { throw Problem("a URL cannot hold spaces or such characters; write them as %20") }
        let wanted = form.schemes.map { $0 + "://" }.joined(separator: " or ")
        guard let (scheme, rest) = Self.splitOnce(text, at: "://"),
            form.schemes.contains(scheme.lowercased())
        else { throw Problem("a URL that begins with \(wanted) is expected") }
        guard !rest.contains("?"), !rest.contains("#") else {
            throw Problem("a base URL has no query and no fragment")
        }
        var authority = rest.prefix { $0 != "/" }
        if let at = authority.lastIndex(of: "@") {
            guard form.allowsUser else {
                throw Problem("credentials do not belong in a URL; use basic_auth")
            }
            authority = authority[authority.index(after: at)...]
        }
        try Self.checkAuthority(authority)
        var end = text[...]
        while end.last == "/" { end.removeLast() }
        self.text = String(end)
    }

    /// Checks `host`, `host:port` and `[address]:port`.
    private static func checkAuthority(_ authority: Substring) throws(Problem) {
        var host = authority
        var port: Substring?
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else {
                throw Problem("the address's closing bracket is missing")
            }
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            if !rest.isEmpty {
                guard rest.first == ":" else { throw Problem("the host is not understood") }
                port = rest.dropFirst()
            }
            guard host.contains(":"), host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." })
            else { throw Problem("only an IPv6 address stands in brackets") }
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty else { throw Problem("the host is missing") }
        let isHost = host.allSatisfy {
            $0.isLetter || $0.isNumber || "-._~%:".contains($0)
        }
        guard isHost else { throw Problem("the host is not understood") }
        if let port {
            guard let number = Int(port), port.allSatisfy(\.isNumber), (1...65_535).contains(number)
            else { throw Problem("the port must be a number from 1 to 65535") }
        }
    }

    private static func splitOnce(_ text: String, at separator: String) -> (Substring, Substring)? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(separator) {
                return (
                    text[..<start], text[text.index(start, offsetBy: separator.count)...]
                )
            }
            start = text.index(after: start)
        }
        return nil
    }

    /// The URL for people to see: what stands before the host is left out.
    public static func withoutUser(_ url: String) -> String {
        guard let (scheme, rest) = splitOnce(url, at: "://") else { return url }
        let authority = rest.prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return url }
        return "\(scheme)://\(rest[rest.index(after: at)...])"
    }
}
