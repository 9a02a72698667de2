/// A value as it lies in Redis: its bytes, then a checksum of key and bytes. What was cut short,
/// overwritten or given for another key is not taken for the value.
///
/// The checksum guards against accidents, not against who can write to the Redis.
enum SealedValue {
    private static let sealBytes = 8

    static func sealed(_ bytes: [UInt8], key: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + sealBytes)
        result += bytes
        let checksum = checksum(of: result, count: result.count, key: key)
        for shift in stride(from: 0, to: 64, by: 8) {
            result.append(UInt8(truncatingIfNeeded: checksum >> UInt64(shift)))
        }
        return result
    }

    /// The value's bytes; nil where they are not what was stored under the key.
    static func opened(_ sealed: [UInt8], key: String) -> [UInt8]? {
        let count = sealed.count - sealBytes
        guard count >= 0 else { return nil }
        var checksum: UInt64 = 0
        for byte in sealed[count...].reversed() { checksum = checksum << 8 | UInt64(byte) }
        guard checksum == Self.checksum(of: sealed, count: count, key: key) else { return nil }
        var bytes = sealed
        bytes.removeLast(sealBytes)
        return bytes
    }

    private static func checksum(of bytes: [UInt8], count: Int, key: String) -> UInt64 {
        let start = mix(UInt64(count) ^ 0x6973_7468_6d75_7301, over: Array(key.utf8).span)
        return mix(start, over: bytes.span.extracting(first: count))
    }

    /// Four sums side by side, each of eight bytes at a time: about as fast as the bytes can be
    /// copied, as no multiplication waits for the one before.
    private static func mix(_ start: UInt64, over bytes: Span<UInt8>) -> UInt64 {
        let raw = bytes.bytes
        func word(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        var (first, second, third, fourth) = (start, ~start, start &* 3, start &* 5)
        var index = 0
        while index + 32 <= raw.byteCount {
            first = folded(first ^ word(index), 0x9e37_79b9_7f4a_7c15)
            second = folded(second ^ word(index + 8), 0xa076_1d64_78bd_642f)
            third = folded(third ^ word(index + 16), 0xe703_7ed1_a0b4_28db)
            fourth = folded(fourth ^ word(index + 24), 0x8ebc_6af0_9c88_c6e3)
            index += 32
        }
        var state = folded(first ^ second, 0x9e37_79b9_7f4a_7c15)
        state = folded(state ^ third, 0xa076_1d64_78bd_642f)
        state = folded(state ^ fourth, 0xe703_7ed1_a0b4_28db)
        while index < raw.byteCount {
            state = folded(state ^ UInt64(bytes[index]), 0x9e37_79b9_7f4a_7c15)
            index += 1
        }
        return folded(state, 0x8ebc_6af0_9c88_c6e3)
    }

    private static func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low &+ left
    }
}
