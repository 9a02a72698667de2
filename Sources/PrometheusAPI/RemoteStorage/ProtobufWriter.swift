/// Writes a protobuf message field by field, as version 3 of the language has it: what has its
/// standard value (zero, nothing) is left out. Fields are to be written in order of their numbers.
public struct ProtobufWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// How a field's value lies in the bytes.
    private enum WireType: UInt64 {
        case varint = 0
        case fixed64 = 1
        case length = 2
    }

    public mutating func reserveCapacity(_ count: Int) { bytes.reserveCapacity(count) }

    // MARK: Numbers

    /// A `uint32`, `uint64`, `bool` or `enum`.
    public mutating func append(unsigned value: UInt64, field: Int) {
        guard value != 0 else { return }
        appendKey(field, .varint)
        appendVarint(value)
    }

    /// An `int32` or `int64`: what is negative takes ten bytes.
    public mutating func append(signed value: Int64, field: Int) {
        append(unsigned: UInt64(bitPattern: value), field: field)
    }

    /// A `sint32` or `sint64`: the sign is the lowest bit.
    public mutating func append(zigzag value: Int64, field: Int) {
        append(unsigned: UInt64(bitPattern: (value << 1) ^ (value >> 63)), field: field)
    }

    /// A `double`, by its bits: minus zero and every NaN are values of their own.
    public mutating func append(double value: Double, field: Int) {
        guard value.bitPattern != 0 else { return }
        append(chosen: value, field: field)
    }

    /// A `double` that is a member of a `oneof`, which being there says that it was chosen.
    public mutating func append(chosen value: Double, field: Int) {
        appendKey(field, .fixed64)
        appendFixed(value.bitPattern)
    }

    /// A repeated `double`, packed.
    public mutating func append(packed values: [Double], field: Int) {
        guard !values.isEmpty else { return }
        appendKey(field, .length)
        appendVarint(UInt64(values.count * 8))
        for value in values { appendFixed(value.bitPattern) }
    }

    // MARK: What has a length

    /// A `string` or `bytes`.
    public mutating func append(text: some Collection<UInt8>, field: Int) {
        guard !text.isEmpty else { return }
        appendKey(field, .length)
        appendVarint(UInt64(text.count))
        bytes.append(contentsOf: text)
    }

    /// A message inside this one, there even where it is empty.
    public mutating func append(message field: Int, _ write: (inout ProtobufWriter) -> Void) {
        appendKey(field, .length)
        // Most messages are short: their length takes one byte, and the others move up.
        let start = bytes.count
        bytes.append(0)
        write(&self)
        var length = bytes.count - start - 1
        var place = start
        while length >= 0x80 {
            bytes[place] = UInt8(truncatingIfNeeded: length) | 0x80
            length >>= 7
            place += 1
            bytes.insert(0, at: place)
        }
        bytes[place] = UInt8(length)
    }

    // MARK: Parts of fields

    private mutating func appendKey(_ field: Int, _ type: WireType) {
        appendVarint(UInt64(field) << 3 | type.rawValue)
    }

    private mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func appendFixed(_ bits: UInt64) {
        withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
