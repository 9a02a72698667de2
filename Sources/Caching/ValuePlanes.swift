/// Columns of numbers as planes of bytes: the first bytes of all numbers, then the second, …, of
/// each number's difference in bits from the one before it in its column. Neighbours are alike in
/// their upper bytes, so these planes are mostly zeros, which compress to nothing; and a plane of
/// noise does not spoil the others.
enum ValuePlanes {
    /// `width` numbers a column.
    static func bytes(of values: [Double], width: Int) -> [UInt8] {
        let count = values.count
        guard count > 0 else { return [] }
        precondition(width > 0 && count.isMultiple(of: width), "columns are of one width")
        return [UInt8](unsafeUninitializedCapacity: count * 8) { room, written in
            for start in stride(from: 0, to: count, by: width) {
                var before: UInt64 = 0
                for place in start..<start + width {
                    let bits = values[place].bitPattern
                    var rest = bits ^ before
                    before = bits
                    for plane in 0..<8 {
                        room[plane * count + place] = UInt8(truncatingIfNeeded: rest)
                        rest >>= 8
                    }
                }
            }
            written = count * 8
        }
    }

    /// The `count` numbers that `bytes` were made of.
    static func values(
        of bytes: [UInt8], count: Int, width: Int
    ) throws(EntryFailure) -> [Double] {
        guard bytes.count == count * 8 else { throw .malformed }
        guard count > 0 else { return [] }
        guard width > 0, count.isMultiple(of: width) else { throw .malformed }
        return [Double](unsafeUninitializedCapacity: count) { room, written in
            bytes.withUnsafeBytes { planes in
                room.withMemoryRebound(to: UInt64.self) { bits in
                    gather(planes, into: bits)
                    for start in stride(from: 0, to: count, by: width) {
                        var value: UInt64 = 0
                        for place in start..<start + width {
                            value ^= bits[place]
                            bits[place] = value
                        }
                    }
                }
            }
            written = count
        }
    }

    /// Puts the bytes of each number together again.
    private static func gather(
        _ planes: UnsafeRawBufferPointer, into room: UnsafeMutableBufferPointer<UInt64>
    ) {
        let count = room.count
        var place = 0
        // Eight numbers at a time are a square of bytes that is turned over.
        while place + 8 <= count {
            func row(_ plane: Int) -> UInt64 {
                planes.loadUnaligned(
                    fromByteOffset: plane * count + place, as: UInt64.self
                ).littleEndian
            }
            var rows: ByteSquare = (row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7))
            transpose(&rows)
            room[place] = rows.0
            room[place + 1] = rows.1
            room[place + 2] = rows.2
            room[place + 3] = rows.3
            room[place + 4] = rows.4
            room[place + 5] = rows.5
            room[place + 6] = rows.6
            room[place + 7] = rows.7
            place += 8
        }
        while place < count {
            var bits: UInt64 = 0
            for plane in 0..<8 { bits |= UInt64(planes[plane * count + place]) << (8 * plane) }
            room[place] = bits
            place += 1
        }
    }

    private typealias ByteSquare = (
        UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64
    )

    /// Exchanges byte i of row j with byte j of row i: first quarters of the square, then quarters
    /// of these, then single bytes.
    @inline(__always)
    private static func transpose(_ rows: inout ByteSquare) {
        func exchange(_ low: inout UInt64, _ high: inout UInt64, _ shift: UInt64, _ mask: UInt64) {
            let changed = ((low >> shift) ^ high) & mask
            high ^= changed
            low ^= changed << shift
        }
        exchange(&rows.0, &rows.4, 32, 0x0000_0000_ffff_ffff)
        exchange(&rows.1, &rows.5, 32, 0x0000_0000_ffff_ffff)
        exchange(&rows.2, &rows.6, 32, 0x0000_0000_ffff_ffff)
        exchange(&rows.3, &rows.7, 32, 0x0000_0000_ffff_ffff)
        exchange(&rows.0, &rows.2, 16, 0x0000_ffff_0000_ffff)
        exchange(&rows.1, &rows.3, 16, 0x0000_ffff_0000_ffff)
        exchange(&rows.4, &rows.6, 16, 0x0000_ffff_0000_ffff)
        exchange(&rows.5, &rows.7, 16, 0x0000_ffff_0000_ffff)
        exchange(&rows.0, &rows.1, 8, 0x00ff_00ff_00ff_00ff)
        exchange(&rows.2, &rows.3, 8, 0x00ff_00ff_00ff_00ff)
        exchange(&rows.4, &rows.5, 8, 0x00ff_00ff_00ff_00ff)
        exchange(&rows.6, &rows.7, 8, 0x00ff_00ff_00ff_00ff)
    }
}
