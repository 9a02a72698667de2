/// A place in a JSON text, as RFC 6901 writes it: `/status/0/phase`; the empty text is the whole.
public struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    public let description: String
    /// The names and places on the way, unescaped.
    public let tokens: [String]

    /// Nil where the text is none: it is empty or begins with a slash, and after each `~` stands a 0
    /// or a 1.
    public init?(_ text: String) {
        description = text
        if text.isEmpty {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        // By bytes: a slash is one also where a combining mark follows.
        let parts = text.utf8.dropFirst().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for part in parts {
            guard let token = Self.unescaped(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    private static func unescaped(_ part: some Sequence<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var isEscape = false
        for byte in part {
            if isEscape {
                switch byte {
                case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
                case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
                default: return nil
                }
                isEscape = false
            } else if byte == UInt8(ascii: "~") {
                isEscape = true
            } else {
                bytes.append(byte)
            }
        }
        return isEscape ? nil : String(decoding: bytes, as: UTF8.self)
    }
}
