/// Hosts with ports, as Go's `net` package takes them apart.
enum HostText {
    static func withoutPort(_ text: String) -> String { split(text)?.host ?? text }

    /// The host's first name with its port; an address stays whole.
    static func withoutDomain(_ text: String) -> String {
        let parts = split(text)
        let host = parts?.host ?? text
        if isAddress(host) { return text }
        let name = host.split(separator: ".", omittingEmptySubsequences: false).first ?? ""
        guard let port = parts?.port, !port.isEmpty else { return String(name) }
        return name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
    }

    /// Host and port; nil where the text is not both.
    static func split(_ text: String) -> (host: String, port: String)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        let port = text[text.index(after: colon)...]
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), host.count > 1 else { return nil }
            host = host.dropFirst().dropLast()
            if host.contains("[") || host.contains("]") { return nil }
        } else if host.contains(where: { ":[]".contains($0) }) {
            return nil
        }
        if port.contains(where: { "[]".contains($0) }) { return nil }
        return (String(host), String(port))
    }

    static func isAddress(_ text: String) -> Bool {
        text.contains(":") ? isVersion6(text) : isVersion4(text[...])
    }

    private static func isVersion4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.count) && part.allSatisfy { $0.isASCII && $0.isNumber }
                    && (part.count == 1 || part.first != "0") && (Int(part) ?? 256) < 256
            }
    }

    private static func isVersion6(_ text: String) -> Bool {
        var rest = text[...]
        var groups = 0
        var hasGap = false
        if rest.hasPrefix("::") {
            hasGap = true
            rest = rest.dropFirst(2)
            if rest.isEmpty { return true }
        }
        while true {
            let group = rest.prefix { $0 != ":" }
            if group.contains(".") {
                return isVersion4(rest) && (hasGap ? groups <= 5 : groups == 6)
            }
            guard (1...4).contains(group.count), group.allSatisfy(\.isHexDigit) else {
                return false
            }
            groups += 1
            rest = rest[group.endIndex...]
            if rest.isEmpty { break }
            rest = rest.dropFirst()
            if rest.hasPrefix(":") {
                if hasGap { return false }
                hasGap = true
                rest = rest.dropFirst()
                if rest.isEmpty { break }
            } else if rest.isEmpty {
                return false
            }
        }
        return hasGap ? groups <= 7 : groups == 8
    }
}
