import PrometheusAPI

/// A certificate's serial number, in the same form whoever writes it: hexadecimal digits in lower
/// case, without zeros in front.
public struct SerialNumber: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// Nil where the text is none. Colons between the bytes and `0x` in front are passed over.
    public init?(hexadecimal text: String) {
        var digits = text.lowercased()[...]
        if digits.hasPrefix("0x") { digits = digits.dropFirst(2) }
        let plain = digits.filter { $0 != ":" && $0 != " " }
        guard !plain.isEmpty, plain.utf8.count <= 64, plain.utf8.allSatisfy(Self.isDigit) else {
            return nil
        }
        let number = plain.drop { $0 == "0" }
        description = number.isEmpty ? "0" : String(number)
    }

    public init(_ number: UInt64) { description = String(number, radix: 16) }

    /// Texts are hexadecimal; numbers count where they are whole and small enough to be exact.
    init?(json: JSONValue) {
        switch json {
        case .string(let text): self.init(hexadecimal: text)
        case .integer(let number) where number >= 0: self.init(UInt64(number))
        default: return nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
