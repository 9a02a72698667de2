/// Numbers as planes of bytes: the first bytes of all numbers, then the second, …, where numbers are
/// in columns of each one's difference in bits from the one before it. Neighbours are alike in their
/// upper bytes, so most planes hold one byte only and are left out, some compress well, and those
/// of noise stand as they are, which is the quickest to read.
struct ValuePlanes {
    private let arrangement: Arrangement

    enum Arrangement: Hashable {
        /// So many numbers in each column. The first of each stand for themselves.
        case columns(width: Int)
        /// Numbers that have nothing to do with their neighbours.
        case plain
    }

    init(_ arrangement: Arrangement) { self.arrangement = arrangement }

    /// What a plane is.
    private enum Form: UInt8 {
        case oneByte = 0
        case compressible = 1
        case noise = 2
    }

    /// The forms of planes and the first numbers; what is compressible; noise.
    static let sectionCount = 3

    // MARK: Writing

    func sections(of values: [Double]) -> [Envelope.Content] {
        guard !values.isEmpty else {
            return [Envelope.Content](repeating: .init(bytes: []), count: Self.sectionCount)
        }
        let (firsts, differences) = differences(of: values)
        var words = differences
        var head = ByteWriter()
        var compressible: [UInt8] = []
        var noise: [UInt8] = []
        for _ in 0..<8 {
            let plane = words.map { UInt8(truncatingIfNeeded: $0) }
            let form = Self.form(of: plane)
            head.append(byte: form.rawValue)
            head.append(byte: plane[0])
            switch form {
            case .oneByte: break
            case .compressible: compressible += plane
            case .noise: noise += plane
            }
            for place in words.indices { words[place] >>= 8 }
        }
        for first in firsts { head.append(number: first) }
        return [
            .init(bytes: head.bytes, expandedBytes: values.count * 8),
            .init(bytes: compressible),
            .init(bytes: noise, isCompressible: false),
        ]
    }

    /// The first number of each column, and how all differ from the one before.
    private func differences(of values: [Double]) -> (firsts: [UInt64], words: [UInt64]) {
        var words = values.map(\.bitPattern)
        guard case .columns(let width) = arrangement else { return ([], words) }
        precondition(width > 0 && words.count.isMultiple(of: width), "columns are of one width")
        var firsts: [UInt64] = []
        for start in stride(from: 0, to: words.count, by: width) {
            firsts.append(words[start])
            for place in (start + 1..<start + width).reversed() {
                words[place] ^= words[place - 1]
            }
            words[start] = 0
        }
        return (firsts, words)
    }

    /// What saves less than a quarter is not worth the time that it takes to read.
    private static func form(of plane: [UInt8]) -> Form {
        if plane.allSatisfy({ $0 == plane[0] }) { return .oneByte }
        guard plane.count >= 256 else { return .compressible }
        guard let compressed = Zstandard.compressed(plane) else { return .noise }
        return compressed.count * 4 > plane.count * 3 ? .noise : .compressible
    }

    // MARK: Reading

    /// The `count` numbers that the sections were made of, in no more than `limit` bytes.
    func values(
        of sections: [[UInt8]], count: Int, limit: Int
    ) throws(EntryFailure) -> [Double] {
        guard sections.count == Self.sectionCount else { throw .malformed }
        // A few bytes may stand for any number of numbers.
        guard count <= limit / 8 else { throw .tooLarge }
        guard count > 0 else {
            guard sections.allSatisfy(\.isEmpty) else { throw .malformed }
            return []
        }
        var reader = ByteReader(sections[0])
        let planes = try Self.planes(&reader, sections, count: count)
        let firsts = try firsts(&reader, count: count)
        try reader.requireEnd()
        return [Double](unsafeUninitializedCapacity: count) { room, written in
            room.withMemoryRebound(to: UInt64.self) { words in
                sections[1].withUnsafeBytes { compressible in
                    sections[2].withUnsafeBytes { noise in
                        Self.gather(planes, compressible, noise, into: words)
                    }
                }
                addUp(words, from: firsts)
            }
            written = count
        }
    }

    private func firsts(
        _ reader: inout ByteReader, count: Int
    ) throws(EntryFailure) -> [UInt64] {
        guard case .columns(let width) = arrangement else { return [] }
        guard width > 0, count.isMultiple(of: width), reader.remaining == count / width * 8 else {
            throw .malformed
        }
        var result: [UInt64] = []
        result.reserveCapacity(count / width)
        for _ in 0..<count / width { result.append(try reader.number()) }
        return result
    }

    private func addUp(_ words: UnsafeMutableBufferPointer<UInt64>, from firsts: [UInt64]) {
        guard case .columns(let width) = arrangement else { return }
        for (column, first) in firsts.enumerated() {
            var value = first
            for place in column * width..<(column + 1) * width {
                value ^= words[place]
                words[place] = value
            }
        }
    }

    /// Where the bytes of a plane are.
    private struct Plane {
        var form: Form
        /// Eight times the byte that a plane of one byte has.
        var word: UInt64
        /// In the section of its form.
        var offset: Int
    }

    private static func planes(
        _ reader: inout ByteReader, _ sections: [[UInt8]], count: Int
    ) throws(EntryFailure) -> [Plane] {
        var offsets = [0, 0, 0]
        var result: [Plane] = []
        for _ in 0..<8 {
            guard let form = Form(rawValue: try reader.byte()) else { throw .malformed }
            let word = UInt64(try reader.byte()) &* 0x0101_0101_0101_0101
            let section = Int(form.rawValue)
            result.append(Plane(form: form, word: word, offset: offsets[section]))
            if form != .oneByte { offsets[section] += count }
        }
        guard offsets[1] == sections[1].count, offsets[2] == sections[2].count else {
            throw .malformed
        }
        return result
    }

    /// Puts the bytes of each number together again.
    private static func gather(
        _ planes: [Plane], _ compressible: UnsafeRawBufferPointer,
        _ noise: UnsafeRawBufferPointer, into room: UnsafeMutableBufferPointer<UInt64>
    ) {
        let count = room.count
        let varying = planes.indices.filter { planes[$0].form != .oneByte }
        if varying.isEmpty {
            var word: UInt64 = 0
            for (index, plane) in planes.enumerated() {
                word |= (plane.word & 0xff) << (8 * UInt64(index))
            }
            room.initialize(repeating: word)
            return
        }
        // Eight numbers at a time are a square of bytes that is turned over.
        func row(_ plane: Plane, _ place: Int) -> UInt64 {
            switch plane.form {
            case .oneByte: plane.word
            case .compressible:
                compressible.loadUnaligned(
                    fromByteOffset: plane.offset + place, as: UInt64.self
                ).littleEndian
            case .noise:
                noise.loadUnaligned(
                    fromByteOffset: plane.offset + place, as: UInt64.self
                ).littleEndian
            }
        }
        let (p0, p1, p2, p3) = (planes[0], planes[1], planes[2], planes[3])
        let (p4, p5, p6, p7) = (planes[4], planes[5], planes[6], planes[7])
        var place = 0
        while place + 8 <= count {
            var rows: ByteSquare = (
                row(p0, place), row(p1, place), row(p2, place), row(p3, place),
                row(p4, place), row(p5, place), row(p6, place), row(p7, place)
            )
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
            var word: UInt64 = 0
            for (index, plane) in planes.enumerated() {
                let byte =
                    switch plane.form {
                    case .oneByte: UInt8(truncatingIfNeeded: plane.word)
                    case .compressible: compressible[plane.offset + place]
                    case .noise: noise[plane.offset + place]
                    }
                word |= UInt64(byte) << (8 * UInt64(index))
            }
            room[place] = word
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
