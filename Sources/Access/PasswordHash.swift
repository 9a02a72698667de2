import CCrypt

/// A password's bcrypt hash, `$2b$12$…`.
package struct PasswordHash: Hashable, Sendable {
    /// As `htpasswd -B` writes it.
    let text: String
    /// Each one more takes twice the time.
    let cost: Int

    /// A tenth of a second is about 10; beyond this a login takes a second and more.
    package static let costs = 4...14

    /// Nil where the text is no such hash, or one that takes too long.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        guard bytes.count == 60, text.hasPrefix("$2"), [0x61, 0x62, 0x79].contains(bytes[2]),
            bytes[3] == 0x24, isDigit(bytes[4]), isDigit(bytes[5]), bytes[6] == 0x24,
            bytes[7...].allSatisfy({ byte in
                isDigit(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || byte == 0x2e || byte == 0x2f
            })
        else { return nil }
        cost = Int(bytes[4] - 0x30) * 10 + Int(bytes[5] - 0x30)
        guard Self.costs.contains(cost) else { return nil }
        self.text = text
    }

    private init(cost: Int) {
        self.cost = cost
        let salt = String(repeating: ".", count: 22 + 31)
        text = "$2b$\(cost < 10 ? "0" : "")\(cost)$\(salt)"
    }

    /// A hash that no password has and that takes as long as others to find that out.
    static func unmatched(cost: Int) -> PasswordHash { PasswordHash(cost: cost) }

    /// Whether the password has this hash. Takes long, and blocks.
    func matches(_ password: [UInt8]) -> Bool {
        // C's texts end at a zero: what follows would not count.
        if password.contains(0) { return false }
        return isthmus_password_matches(password.map { CChar(bitPattern: $0) } + [0], text) == 1
    }
}
