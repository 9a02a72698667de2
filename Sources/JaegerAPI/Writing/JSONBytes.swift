/// JSON as Go's `encoding/json` writes it.
struct JSONBytes {
    var bytes: [UInt8] = []
    /// Whether something stands before what comes next, in the same list or object.
    private var needsComma = false

    mutating func begin(_ bracket: Unicode.Scalar) {
        separate()
        bytes.append(UInt8(ascii: bracket))
        needsComma = false
    }

    mutating func end(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        needsComma = true
    }

    mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A text that is JSON already.
    mutating func raw(_ text: StaticString) {
        separate()
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
        needsComma = true
    }

    mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    mutating func integer(_ value: Int64) {
        separate()
        digits(value)
        needsComma = true
    }

    /// A number of 64 bits as a text, which every reader reads without loss.
    mutating func quotedInteger(_ value: Int64) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        digits(value)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func digits(_ value: Int64) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var rest = value.magnitude
        repeat {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
            rest = quotient
        } while rest != 0
        bytes[start...].reverse()
    }

    /// The numbers as one text of 16 hexadecimal digits each.
    mutating func hexadecimal(_ numbers: UInt64...) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        for number in numbers {
            for shift in stride(from: 60, through: 0, by: -4) {
                bytes.append(Self.hexadecimalDigit(UInt8(truncatingIfNeeded: number >> shift)))
            }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        let digit = value & 15
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }

    /// A text that nothing of has to be escaped.
    mutating func word(_ text: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    mutating func bool(_ value: Bool) { raw(value ? "true" as StaticString : "false") }

    mutating func string(_ text: String) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { escape($0) }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// A finite number; others as the texts that `jsonpb` has for them.
    mutating func double(_ value: Double) {
        if value.isFinite {
            raw(Self.text(value))
        } else if value.isNaN {
            raw("\"NaN\"" as StaticString)
        } else {
            raw(value < 0 ? "\"-Infinity\"" as StaticString : "\"Infinity\"")
        }
    }

    mutating func base64(_ content: [UInt8]) {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        separate()
        bytes.append(UInt8(ascii: "\""))
        var rest = content[...]
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            var held: UInt32 = 0
            for byte in group { held = held << 8 | UInt32(byte) }
            held <<= UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                let isPadding = place > group.count
                let digit = digits[Int(held >> UInt32(18 - 6 * place) & 63)]
                bytes.append(isPadding ? UInt8(ascii: "=") : digit)
            }
        }
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = false
    }

    // MARK: Texts

    /// `<`, `>` and `&` are escaped for pages that hold JSON, as are the line ends that JavaScript
    /// does not take.
    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
        // What needs no escape is taken in one piece.
        var start = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            let length = Self.isPlain(byte) ? 0 : escapedLength(text, index)
            guard length > 0 else {
                index += 1
                continue
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index]))
            escape(text, index)
            index += length
            start = index
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case ..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"),
            UInt8(ascii: ">"), UInt8(ascii: "&"), 0xe2:
            false
        default: true
        }
    }

    /// How many bytes there have to be escaped; none of those that only look like a line's end.
    private func escapedLength(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
        guard text[index] == 0xe2 else { return 1 }
        let isLineEnd =
            index + 2 < text.count && text[index + 1] == 0x80 && text[index + 2] & 0xfe == 0xa8
        return isLineEnd ? 3 : 0
    }

    private mutating func escape(_ text: UnsafeBufferPointer<UInt8>, _ index: Int) {
        let byte = text[index]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0x08: bytes.append(contentsOf: #"\b"#.utf8)
        case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
        case 0x0a: bytes.append(contentsOf: #"\n"#.utf8)
        case 0x0c: bytes.append(contentsOf: #"\f"#.utf8)
        case 0x0d: bytes.append(contentsOf: #"\r"#.utf8)
        case 0xe2:
            bytes.append(contentsOf: (text[index + 2] == 0xa8 ? #"\u2028"# : #"\u2029"#).utf8)
        default:
            bytes.append(contentsOf: #"\u00"#.utf8)
            bytes.append(Self.hexadecimalDigit(byte >> 4))
            bytes.append(Self.hexadecimalDigit(byte))
        }
    }

    // MARK: Numbers

    /// The shortest digits; with an exponent below 1e-6 and from 1e21.
    private static func text(_ value: Double) -> String {
        if value == 0 { return value.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = shortest(value.magnitude)
        let sign = value < 0 ? "-" : ""
        if exponent < -6 || exponent >= 21 {
            let rest = digits.dropFirst()
            return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + rest)
                + "e" + (exponent < 0 ? "-" : "+") + String(exponent.magnitude)
        }
        if exponent < 0 {
            return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits
        }
        if digits.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count)
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    /// The digits without zeros at the ends, and the power of ten of the first.
    private static func shortest(_ value: Double) -> (digits: String, exponent: Int) {
        let parts = value.description.split(separator: "e")
        let mantissa = parts.first ?? "0"
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let whole = mantissa.prefix { $0 != "." }
        var digits = mantissa.filter { $0 != "." }
        exponent += whole.count - 1
        while digits.count > 1, digits.hasPrefix("0") {
            digits.removeFirst()
            exponent -= 1
        }
        while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
        return (digits, exponent)
    }
}
