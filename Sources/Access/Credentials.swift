/// What a request says of who asks.
package enum Credentials: Hashable, Sendable {
    case none
    /// `Authorization: Bearer …`
    case bearer([UInt8])
    /// `Authorization: Basic …`
    case basic(user: String, password: [UInt8])
    /// Something that cannot be read, or of no known kind.
    case unreadable

    /// More than any secret has, bytes.
    private static let maximumBytes = 8 << 10

    /// Of the values of the header `Authorization`: at most one is allowed.
    package init(authorization fields: [String]) {
        guard let field = fields.first else {
            self = .none
            return
        }
        self = .unreadable
        let words = field.split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count == 1, words.count == 2, field.utf8.count <= Self.maximumBytes else {
            return
        }
        switch words[0].lowercased() {
        case "bearer": self = .bearer(Array(words[1].utf8))
        case "basic":
            guard let bytes = Self.decoded(words[1].utf8),
                let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
                let user = String(validating: bytes[..<colon], as: UTF8.self)
            else { return }
            self = .basic(user: user, password: Array(bytes[(colon + 1)...]))
        default: return
        }
    }

    /// The bytes of a text in base64, with or without its padding; nil where it is none.
    private static func decoded(_ text: Substring.UTF8View) -> [UInt8]? {
        var digits = Array(text)
        while digits.last == UInt8(ascii: "="), digits.count % 4 != 1 { digits.removeLast() }
        var result: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in digits {
            guard let digit = digit(byte) else { return nil }
            bits = bits << 6 | digit
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return digits.count % 4 == 1 ? nil : result
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5a: UInt32(byte - 0x41)
        case 0x61...0x7a: UInt32(byte - 0x61) + 26
        case 0x30...0x39: UInt32(byte - 0x30) + 52
        case 0x2b: 62
        case 0x2f: 63
        default: nil
        }
    }
}

extension Credentials: CustomStringConvertible, CustomReflectable {
    /// The kind alone.
    package var description: String {
        switch self {
        case .none: "none"
        case .bearer: "bearer"
        case .basic: "basic"
        case .unreadable: "unreadable"
        }
    }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
