/// Strings as JSON, escaped byte for byte as Prometheus does it.
public enum JSONText {
    /// Which characters a string's form escapes beside quotes, backslashes and control characters.
    public enum Escaping: Sendable {
        /// Go's usual form: `<`, `>` and `&`, U+2028 and U+2029 too. Prometheus writes every string
        /// so, but the label sets of its releases from 2.43 on.
        case html
        /// Nothing else: label sets, since 2.43.
        case plain
    }

    /// Appends the text in quotes.
    public static func append(
        _ text: String, escaping: Escaping = .html, to bytes: inout [UInt8]
    ) {
        var text = text
        text.withUTF8 { append($0, escaping: escaping, to: &bytes) }
    }

    /// Appends a text given as UTF-8 in quotes.
    static func append(
        _ text: UnsafeBufferPointer<UInt8>, escaping: Escaping, to bytes: inout [UInt8]
    ) {
        bytes.append(UInt8(ascii: "\""))
        var plainStart = 0
        var offset = 0
        while offset < text.count {
            let byte = text[offset]
            var length = 1
            let isPlain: Bool
            switch byte {
            case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"): isPlain = false
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
                isPlain = escaping == .plain
            case 0xe2:
                // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
                let isSeparator =
                    offset + 2 < text.count && text[offset + 1] == 0x80
                    && text[offset + 2] & 0xfe == 0xa8
                isPlain = escaping == .plain || !isSeparator
                length = isPlain ? 1 : 3
            default: isPlain = true
            }
            if !isPlain {
                bytes.append(contentsOf: text[plainStart..<offset])
                appendEscaped(length == 3 ? text[offset + 2] : byte, length, to: &bytes)
                plainStart = offset + length
            }
            offset += length
        }
        bytes.append(contentsOf: text[plainStart...])
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ byte: UInt8, _ length: Int, to bytes: inout [UInt8]) {
        let digits = StaticString("0123456789abcdef")
        func digit(_ value: UInt8) -> UInt8 { digits.withUTF8Buffer { $0[Int(value & 0xf)] } }
        switch byte {
        case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
        case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
        case 0x0a: bytes.append(contentsOf: #"\n"#.utf8)
        case 0x0d: bytes.append(contentsOf: #"\r"#.utf8)
        case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
        default:
            bytes.append(contentsOf: (length == 3 ? #"\u202"# : #"\u00"#).utf8)
            if length == 1 { bytes.append(digit(byte >> 4)) }
            bytes.append(digit(byte))
        }
    }
}
