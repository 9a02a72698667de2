/// The base address of a replica, in parts: what may be shown apart from what must not.
struct ServiceAddress: Hashable, Sendable {
    var isSecure: Bool
    /// A name or an address; one of IPv6 stands in brackets.
    var host: String
    var port: Int
    /// Whether the address names the port itself.
    var namesPort: Bool
    /// Empty, or with a slash at the front and none at the end.
    var path: String
    /// `user:password@` of the address. Never shown.
    var userInfo: UserInfo?

    struct UserInfo: Hashable, Sendable {
        var name: String
        var password: String
    }

    /// Nil where `text` is not an http or https address.
    init?(_ text: String) {
        var rest: Substring
        if let after = Self.rest(of: text, after: "https://") {
            isSecure = true
            rest = after
        } else if let after = Self.rest(of: text, after: "http://") {
            isSecure = false
            rest = after
        } else {
            return nil
        }
        // A query or a fragment has no place in a base address.
        guard !rest.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace }) else {
            return nil
        }
        if let slash = rest.firstIndex(of: "/") {
            var path = rest[slash...]
            while path.last == "/" { path.removeLast() }
            self.path = String(path)
            rest = rest[..<slash]
        } else {
            path = ""
        }
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            userInfo = UserInfo(
                name: PercentEncoding.decoded(parts[0]),
                password: parts.count > 1 ? PercentEncoding.decoded(parts[1]) : "")
            rest = rest[rest.index(after: at)...]
        }
        let defaultPort = isSecure ? 443 : 80
        let hostEnd =
            rest.first == "["
            ? rest.firstIndex(of: "]").map { rest.index(after: $0) } : rest.firstIndex(of: ":")
        if let hostEnd, hostEnd < rest.endIndex {
            guard rest[hostEnd] == ":",
                let port = Int(rest[rest.index(after: hostEnd)...]), (1...65535).contains(port)
            else { return nil }
            self.port = port
            namesPort = true
        } else {
            port = defaultPort
            namesPort = false
        }
        host = String(rest[..<(hostEnd ?? rest.endIndex)])
        guard !host.isEmpty, host != "[]" else { return nil }
    }

    private static func rest(of text: String, after prefix: String) -> Substring? {
        text.prefix(prefix.count).lowercased() == prefix ? text.dropFirst(prefix.count) : nil
    }

    var scheme: String { isSecure ? "https" : "http" }

    /// Host and port as a `Host` header has them.
    var authority: String { namesPort ? "\(host):\(port)" : host }

    /// The address without user and password.
    var shown: String { "\(scheme)://\(authority)\(path)" }

    /// What has a share of connections of its own.
    var origin: String { "\(scheme)://\(host.lowercased()):\(port)" }

    /// An address as it may be shown, whatever it is.
    static func shown(_ text: String) -> String {
        ServiceAddress(text)?.shown ?? "an address that is not one of http or https"
    }
}
