/// Reads a protobuf message field by field. It believes nothing: each length is checked against what
/// is there, and what is made of a message is never more than a small multiple of its bytes.
public struct ProtobufReader: Sendable {
    private let bytes: [UInt8]
    /// Where the next field begins.
    public private(set) var offset: Int
    private let end: Int

    public init(_ bytes: [UInt8]) {
        self.init(bytes, 0..<bytes.count)
    }

    private init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        offset = range.lowerBound
        end = range.upperBound
    }

    /// A field as it lies in the bytes.
    public struct Field: Hashable, Sendable {
        public var number: Int
        public var value: Value
        /// Where the field begins in the whole message.
        public var offset: Int

        public enum Value: Hashable, Sendable {
            case varint(UInt64)
            case fixed64(UInt64)
            case fixed32(UInt32)
            /// Where the bytes of a text, a message or a packed list are.
            case range(Range<Int>)
        }
    }

    /// The next field; nil at the message's end. Whoever does not know its number goes on.
    public mutating func next() throws(RemoteStorageFailure) -> Field? {
        guard offset < end else { return nil }
        let start = offset
        let key = try varint()
        guard let number = Int(exactly: key >> 3), (1..<1 << 29).contains(number) else {
            throw .notProtobuf(offset: start)
        }
        let value: Field.Value
        switch key & 7 {
        case 0: value = .varint(try varint())
        case 1: value = .fixed64(try fixed64())
        case 2:
            let length = try varint()
            guard length <= UInt64(end - offset) else { throw .truncated(offset: end) }
            value = .range(offset..<offset + Int(length))
            offset += Int(length)
        case 5:
            guard end - offset >= 4 else { throw .truncated(offset: end) }
            let bits = bytes.withUnsafeBytes {
                $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
            }
            value = .fixed32(UInt32(littleEndian: bits))
            offset += 4
        // Groups, which no message of today has, and two numbers that mean nothing.
        default: throw .notProtobuf(offset: start)
        }
        return Field(number: number, value: value, offset: start)
    }

    // MARK: What a field means

    /// A message inside this one.
    public func message(_ field: Field) throws(RemoteStorageFailure) -> ProtobufReader {
        guard case .range(let range) = field.value else {
            throw .wrongShape(.message, offset: field.offset)
        }
        return ProtobufReader(bytes, range)
    }

    /// A `string`.
    public func text(_ field: Field) throws(RemoteStorageFailure) -> String {
        guard case .range(let range) = field.value,
            let text = String(validating: bytes[range], as: UTF8.self)
        else { throw .wrongShape(.text, offset: field.offset) }
        return text
    }

    /// The bytes of a `string`, which are UTF-8.
    public func utf8(_ field: Field) throws(RemoteStorageFailure) -> [UInt8] {
        guard case .range(let range) = field.value else {
            throw .wrongShape(.text, offset: field.offset)
        }
        let text = bytes[range]
        // Most text is of the first 128 characters, which need no closer look.
        guard text.allSatisfy({ $0 < 0x80 }) || String(validating: text, as: UTF8.self) != nil
        else { throw .wrongShape(.text, offset: field.offset) }
        return Array(text)
    }

    /// A `double`.
    public func double(_ field: Field) throws(RemoteStorageFailure) -> Double {
        guard case .fixed64(let bits) = field.value else {
            throw .wrongShape(.double, offset: field.offset)
        }
        return Double(bitPattern: bits)
    }

    /// A `uint32`, `uint64`, `bool` or `enum`.
    public func unsigned(_ field: Field) throws(RemoteStorageFailure) -> UInt64 {
        guard case .varint(let value) = field.value else {
            throw .wrongShape(.integer, offset: field.offset)
        }
        return value
    }

    /// An `int32` or `int64`.
    public func signed(_ field: Field) throws(RemoteStorageFailure) -> Int64 {
        Int64(bitPattern: try unsigned(field))
    }

    /// A `sint32` or `sint64`.
    public func zigzag(_ field: Field) throws(RemoteStorageFailure) -> Int64 {
        Self.zigzag(try unsigned(field))
    }

    /// A repeated `double`: packed, or one of several fields.
    public func doubles(_ field: Field) throws(RemoteStorageFailure) -> [Double] {
        switch field.value {
        case .fixed64(let bits): return [Double(bitPattern: bits)]
        case .range(let range) where range.count.isMultiple(of: 8):
            var part = ProtobufReader(bytes, range)
            var values: [Double] = []
            values.reserveCapacity(range.count / 8)
            while part.offset < part.end { values.append(Double(bitPattern: try part.fixed64())) }
            return values
        default: throw .wrongShape(.doubles, offset: field.offset)
        }
    }

    /// A repeated `sint64`: packed, or one of several fields.
    public func zigzags(_ field: Field) throws(RemoteStorageFailure) -> [Int64] {
        switch field.value {
        case .varint(let value): return [Self.zigzag(value)]
        case .range(let range):
            var part = ProtobufReader(bytes, range)
            var values: [Int64] = []
            while part.offset < part.end { values.append(Self.zigzag(try part.varint())) }
            return values
        default: throw .wrongShape(.integers, offset: field.offset)
        }
    }

    // MARK: Parts of fields

    private static func zigzag(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
    }

    private mutating func varint() throws(RemoteStorageFailure) -> UInt64 {
        let start = offset
        var result: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard offset < end else { throw .truncated(offset: end) }
            let byte = bytes[offset]
            offset += 1
            if shift == 63, byte > 1 { throw .notProtobuf(offset: start) }
            result |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return result }
        }
        throw .notProtobuf(offset: start)
    }

    private mutating func fixed64() throws(RemoteStorageFailure) -> UInt64 {
        guard end - offset >= 8 else { throw .truncated(offset: end) }
        defer { offset += 8 }
        return bytes.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }
}
