/// A 64-bit hash that is the same in every process and on every machine, which `Hasher` is not.
/// Fast, and no protection against somebody who looks for collisions: what is found by it is
/// compared in full.
public struct StableHash: Sendable {
    private var state: UInt64
    private var byteCount: UInt64 = 0

    public init(seed: UInt64) {
        state = Self.folded(seed ^ 0x2d35_8dcc_aa6c_78a5, 0x8bb8_4b93_962e_acc9)
    }

    mutating func add(_ number: UInt64) {
        state = Self.folded(state ^ number, 0x9e37_79b9_7f4a_7c15) &+ number.byteSwapped
        byteCount &+= 8
    }

    public mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var offset = bytes.count >= 64 ? addInLanes(bytes) : 0
        while offset + 8 <= bytes.count {
            add(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian)
            offset += 8
        }
        guard offset < bytes.count else { return }
        var rest: UInt64 = 0
        for (place, byte) in bytes[offset...].enumerated() { rest |= UInt64(byte) << (8 * place) }
        add(rest)
        // Zeros at the end count.
        byteCount &+= UInt64(bytes.count - offset) &- 8
    }

    /// Four words at a time, none of which waits for another. Returns how many bytes are added.
    private mutating func addInLanes(_ bytes: UnsafeRawBufferPointer) -> Int {
        func word(_ offset: Int) -> UInt64 {
            bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
        }
        func next(_ lane: UInt64, _ word: UInt64) -> UInt64 {
            Self.folded(lane ^ word, 0x9e37_79b9_7f4a_7c15) &+ word.byteSwapped
        }
        var lanes = (state, state ^ 0x1111, state ^ 0x2222, state ^ 0x3333)
        var offset = 0
        while offset + 32 <= bytes.count {
            lanes.0 = next(lanes.0, word(offset))
            lanes.1 = next(lanes.1, word(offset + 8))
            lanes.2 = next(lanes.2, word(offset + 16))
            lanes.3 = next(lanes.3, word(offset + 24))
            offset += 32
        }
        for lane in [lanes.0, lanes.1, lanes.2, lanes.3] { add(lane) }
        byteCount &+= UInt64(offset) &- 32
        return offset
    }

    public var value: UInt64 {
        Self.folded(state ^ byteCount, 0xa076_1d64_78bd_642f) ^ state.byteSwapped
    }

    /// Both halves of the product, one on the other.
    private static func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
