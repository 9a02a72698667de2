import Spans

extension TraceID {
    /// The id that a text stands for: up to 32 hexadecimal digits of either case, leading zeros or
    /// not; or 8 or 16 bytes in base64, of either alphabet, padded or not.
    public init(text: String) throws(ParameterMistake) {
        do {
            try self.init(hexadecimal: text)
        } catch {
            guard let id = TraceID(base64: text) else { throw ParameterMistake(error.words) }
            self = id
        }
    }

    private init(hexadecimal text: String) throws(GoMistake) {
        let bytes = Array(text.utf8)
        if bytes.count > 32 {
            throw GoMistake("TraceID cannot be longer than 32 hex characters: \(text)")
        }
        let split = max(0, bytes.count - 16)
        let high = try Self.half(bytes[..<split], mayBeEmpty: true)
        self.init(high: high, low: try Self.half(bytes[split...], mayBeEmpty: false))
    }

    private static func half(
        _ digits: ArraySlice<UInt8>, mayBeEmpty: Bool
    ) throws(GoMistake) -> UInt64 {
        if digits.isEmpty, mayBeEmpty { return 0 }
        let text = String(decoding: digits, as: UTF8.self)
        let isPlain = digits.allSatisfy {
            Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80
        }
        guard isPlain, let value = UInt64(text, radix: 16) else { throw .number("ParseUint", text) }
        return value
    }

    private init?(base64 text: String) {
        guard text.utf8.count <= 24 else { return nil }
        var bytes: [UInt8] = []
        var bits = 0
        var held: UInt32 = 0
        var rest = text.utf8[...]
        while rest.last == UInt8(ascii: "=") { rest = rest.dropLast() }
        for byte in rest {
            guard let value = Self.base64Value(byte) else { return nil }
            held = held << 6 | value
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: held >> bits))
        }
        guard bytes.count == 16 || bytes.count == 8 else { return nil }
        let low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
        let high = bytes.dropLast(8).reduce(0) { $0 << 8 | UInt64($1) }
        self.init(high: high, low: low)
    }

    private static func base64Value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
