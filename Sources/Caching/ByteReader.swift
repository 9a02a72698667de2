/// Reads what a `ByteWriter` wrote; fails at anything that cannot be it, before room is made for it.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var remaining: Int { bytes.count - offset }

    mutating func byte() throws(EntryFailure) -> UInt8 {
        guard offset < bytes.count else { throw .malformed }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func unsigned() throws(EntryFailure) -> UInt64 {
        var result: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            let byte = try byte()
            if shift == 63, byte > 1 { throw .malformed }
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return result }
        }
        throw .malformed
    }

    mutating func signed() throws(EntryFailure) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
    }

    /// A number of things, of which each takes a byte at least where no limit is named.
    mutating func count(upTo limit: Int? = nil) throws(EntryFailure) -> Int {
        let value = try unsigned()
        let limit = limit ?? remaining
        guard limit >= 0, value <= UInt64(limit) else { throw .malformed }
        return Int(value)
    }

    mutating func number() throws(EntryFailure) -> UInt64 {
        guard remaining >= 8 else { throw .malformed }
        defer { offset += 8 }
        return bytes.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
        }
    }

    /// Where the next so many bytes are.
    mutating func range(_ count: Int) throws(EntryFailure) -> Range<Int> {
        guard count >= 0, count <= remaining else { throw .malformed }
        defer { offset += count }
        return offset..<offset + count
    }

    mutating func text() throws(EntryFailure) -> String {
        let range = try range(try count())
        return String(decoding: bytes[range], as: UTF8.self)
    }

    mutating func texts() throws(EntryFailure) -> [String] {
        let count = try count()
        var result: [String] = []
        for _ in 0..<count { result.append(try text()) }
        return result
    }

    func requireEnd() throws(EntryFailure) {
        if remaining > 0 { throw .malformed }
    }
}
