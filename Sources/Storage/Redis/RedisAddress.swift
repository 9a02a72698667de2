/// Where a Redis server is, and as whom it is spoken to.
///
///     redis://[user[:password]@]host[:port][/database]
///     unix://[user[:password]@]/path/to/socket[?db=database]
///
/// `redis+unix` and `redis-socket` are other names for `unix`. The password is never part of a
/// description.
package struct RedisAddress: Hashable, Sendable {
    package var place: Place
    /// Nil for the server's default user.
    package var user: String?
    package var password: Password?
    package var database: Int

    package enum Place: Hashable, Sendable {
        /// The host without brackets.
        case host(String, port: Int)
        case socket(path: String)
    }

    package enum Password: Hashable, Sendable {
        case text(String)
        /// Read whenever a connection is made.
        case file(path: String)
    }

    /// What is wrong with a text that was to be an address: a sentence that does not repeat it.
    package struct Problem: Error, Hashable, Sendable {
        package let sentence: String

        init(_ sentence: String) { self.sentence = sentence }
    }

    package static let standardPort = 6379
    /// As many bytes as a socket's address has room for.
    private static let longestPath = 107

    package init(_ url: String) throws(Problem) {
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw Problem("a URL cannot hold spaces or such characters; write them as %20")
        }
        guard let mark = Self.place(of: "://", in: url) else { throw Self.schemeProblem }
        let scheme = url[..<mark.lowerBound].lowercased()
        var rest = url[mark.upperBound...]
        guard !rest.contains("#") else { throw Problem("the URL of a Redis has no fragment") }
        var query: Substring?
        if let question = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: question)...]
            rest = rest[..<question]
        }
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        var host = authority
        if let at = authority.lastIndex(of: "@") {
            (user, password) = try Self.credentials(authority[..<at])
            host = authority[authority.index(after: at)...]
        }
        let databaseInQuery = try Self.database(inQuery: query)
        switch scheme {
        case "redis":
            place = try Self.hostPlace(host)
            database = try Self.database(inPath: path) ?? databaseInQuery ?? 0
        case "unix", "redis+unix", "redis-socket":
            guard host.isEmpty else {
                throw Problem("a socket's path begins with /: unix:///path/to/socket")
            }
            place = .socket(path: try Self.socketPath(path))
            database = databaseInQuery ?? 0
        case "rediss":
            throw Problem(
                "TLS to Redis is not available, as Debian's hiredis has none; put stunnel before "
                    + "the server and name its end here: redis://127.0.0.1:PORT")
        default: throw Self.schemeProblem
        }
        if user != nil, password == nil {
            throw Problem("the user has no password: user:password@")
        }
    }

    /// The same server with a password from a file.
    package init(_ url: String, passwordFile path: String) throws(Problem) {
        // A user may stand alone where the password is elsewhere.
        var text = url
        if let mark = Self.place(of: "://", in: url) {
            let authority = url[mark.upperBound...].prefix { $0 != "/" && $0 != "?" }
            if let at = authority.lastIndex(of: "@") {
                guard !authority[..<at].contains(":") else {
                    throw Problem("a password is in the URL and in a file: one of the two")
                }
                text = url[..<at] + ":-" + url[at...]
            }
        }
        try self.init(text)
        password = .file(path: path)
    }

    // MARK: Parts

    private static let schemeProblem = Problem(
        "a URL that begins with redis:// or unix:// is expected")

    private static func place(of part: String, in text: String) -> Range<String.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(part) {
                return start..<text.index(start, offsetBy: part.count)
            }
            start = text.index(after: start)
        }
        return nil
    }

    private static func credentials(
        _ text: Substring
    ) throws(Problem) -> (user: String?, password: Password?) {
        let user = text.prefix { $0 != ":" }
        let password = text.dropFirst(user.count + 1)
        let name = user.isEmpty ? nil : try decoded(user)
        return (name, password.isEmpty ? nil : .text(try decoded(password)))
    }

    private static func hostPlace(_ text: Substring) throws(Problem) -> Place {
        var host = text
        var port: Substring?
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else {
                throw Problem("the address's closing bracket is missing")
            }
            host = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" else {
                throw Problem("the host is not understood")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
            guard host.contains(":") else {
                throw Problem("only an IPv6 address stands in brackets")
            }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw Problem("the host is missing") }
        let isHost = host.allSatisfy { $0.isLetter || $0.isNumber || "-._:".contains($0) }
        guard isHost else { throw Problem("the host is not understood") }
        guard let port else { return .host(String(host), port: standardPort) }
        guard port.allSatisfy(\.isNumber), let number = Int(port), (1...65_535).contains(number)
        else { throw Problem("the port must be a number from 1 to 65535") }
        return .host(String(host), port: number)
    }

    private static func socketPath(_ text: Substring) throws(Problem) -> String {
        let path = try decoded(text)
        guard path.count > 1 else { throw Problem("the path of the socket is missing") }
        guard path.utf8.count <= longestPath else {
            throw Problem("the path of a socket has at most \(longestPath) bytes")
        }
        return path
    }

    private static func database(inPath path: Substring) throws(Problem) -> Int? {
        let text = path.dropFirst()
        return text.isEmpty ? nil : try databaseNumber(text)
    }

    private static func database(inQuery query: Substring?) throws(Problem) -> Int? {
        guard let query, !query.isEmpty else { return nil }
        guard query.hasPrefix("db="), !query.contains("&") else {
            throw Problem("the only parameter that is understood is db=NUMBER")
        }
        return try databaseNumber(query.dropFirst(3))
    }

    private static func databaseNumber(_ text: Substring) throws(Problem) -> Int {
        guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text),
            number < 1 << 31
        else { throw Problem("the database must be a whole number from 0") }
        return number
    }

    /// The text with each `%` and two digits replaced by the byte that they stand for.
    private static func decoded(_ text: Substring) throws(Problem) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = Substring(rest.prefix(2))
            guard digits.count == 2, digits.allSatisfy(\.isHexDigit),
                let value = UInt8(digits, radix: 16), value != 0
            else { throw Problem("a % must be followed by two hexadecimal digits") }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        guard let result = String(validating: bytes, as: UTF8.self) else {
            throw Problem("user, password and path are UTF-8")
        }
        return result
    }
}

extension RedisAddress: CustomStringConvertible {
    /// For people: without user and password.
    package var description: String {
        switch place {
        case .host(let host, let port):
            "redis://\(host.contains(":") ? "[\(host)]" : host):\(port)/\(database)"
        case .socket(let path): "unix://\(path)?db=\(database)"
        }
    }
}

extension RedisAddress.Password: CustomStringConvertible {
    package var description: String {
        switch self {
        case .text: "<secret>"
        case .file(let path): "the content of \(path)"
        }
    }
}
