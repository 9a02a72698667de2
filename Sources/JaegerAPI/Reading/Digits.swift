import Spans

extension Collection<UInt8> {
    /// The number that up to 16 hexadecimal digits stand for; nil where there is another character.
    var hexadecimal: UInt64? {
        guard count <= 16 else { return nil }
        var value: UInt64 = 0
        for byte in self {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte & 15
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                digit = (byte & 15) + 9
            default: return nil
            }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    /// The bytes that base64 of either alphabet stands for, padded or not; nil where it is none.
    var base64: [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(count * 3 / 4)
        var held: UInt32 = 0
        var bits = 0
        for byte in self {
            let value: UInt8
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
            case UInt8(ascii: "="): continue
            default: return nil
            }
            held = held << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
            }
        }
        return result
    }
}

extension JSONReader {
    /// A trace's id: hexadecimal digits, or base64 as releases of old have it.
    mutating func traceID() throws(ReadingFailure) -> TraceID {
        guard let text = try plain() else { throw failure(.form(expected: "a trace's id")) }
        if text.count <= 32, let low = text.suffix(16).hexadecimal,
            let high = text.dropLast(16).hexadecimal
        {
            return TraceID(high: high, low: low)
        }
        guard let bytes = text.base64, bytes.count == 16 else {
            throw failure(.form(expected: "a trace's id"))
        }
        return TraceID(high: Self.number(bytes[..<8]), low: Self.number(bytes[8...]))
    }

    /// A span's id; none for an empty text.
    mutating func spanID() throws(ReadingFailure) -> SpanID {
        if try takesNull() { return .none }
        guard let text = try plain() else { throw failure(.form(expected: "a span's id")) }
        if let number = text.hexadecimal { return SpanID(number) }
        guard let bytes = text.base64, bytes.count == 8 else {
            throw failure(.form(expected: "a span's id"))
        }
        return SpanID(Self.number(bytes[...]))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
