/// Writes the numbers and texts of an entry.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func append(byte: UInt8) { bytes.append(byte) }

    /// Seven bits a byte, the lowest first.
    mutating func append(count: Int) {
        var rest = UInt64(count)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// As `count`, with the sign in the lowest bit.
    mutating func append(signed: Int64) {
        append(unsigned: UInt64(bitPattern: (signed << 1) ^ (signed >> 63)))
    }

    private mutating func append(unsigned: UInt64) {
        var rest = unsigned
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Eight bytes, the lowest first.
    mutating func append(number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A count of bytes, and the bytes.
    mutating func append(text: String) {
        append(count: text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(texts: [String]) {
        append(count: texts.count)
        for text in texts { append(text: text) }
    }
}
