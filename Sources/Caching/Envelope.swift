/// The form of every entry of the store: a mark, a checksum, what the entry is about, and sections
/// of bytes, each compressed where that helps.
struct Envelope {
    private let bytes: [UInt8]
    private let sections: [Section]

    private struct Section {
        var place: Range<Int>
        /// Of its bytes when they are decompressed.
        var count: Int
        var isCompressed: Bool
    }

    /// What a section is made of.
    struct Content {
        var bytes: [UInt8]
        /// Whether it is worth trying to compress.
        var isCompressible = true
        /// The bytes that are made of it when it is read, where these are more.
        var expandedBytes = 0
    }

    private static let mark: [UInt8] =
        Array("isth".utf8) + [UInt8(EntryIdentity.formatVersion)]
    private static let checksumSeed: UInt64 = 0x6973_7468_6d75_7301
    private static let headCount = mark.count + 8

    /// Nil where the sections together are larger than `limit`.
    static func sealed(
        _ sections: [Content], for identity: EntryIdentity, limit: Int
    ) -> [UInt8]? {
        guard sections.reduce(0, { $0 + $1.bytes.count + $1.expandedBytes }) <= limit else {
            return nil
        }
        var writer = ByteWriter()
        writer.append(count: identity.text.count)
        writer.bytes += identity.text
        writer.append(count: sections.count)
        for section in sections {
            let compressed =
                section.isCompressible ? Zstandard.compressed(section.bytes) : nil
            let stored = compressed ?? section.bytes
            writer.append(byte: compressed == nil ? 0 : 1)
            writer.append(count: section.bytes.count)
            writer.append(count: stored.count)
            writer.bytes += stored
        }
        var head = ByteWriter()
        head.bytes.reserveCapacity(headCount + writer.bytes.count)
        head.bytes += mark
        head.append(number: checksum(writer.bytes[...]))
        head.bytes += writer.bytes
        return head.bytes
    }

    /// The entry that `identity` names; fails for any other bytes.
    init(_ bytes: [UInt8], of identity: EntryIdentity, limit: Int) throws(EntryFailure) {
        guard bytes.count > Self.headCount, bytes.starts(with: Self.mark) else { throw .foreign }
        var reader = ByteReader(bytes)
        _ = try reader.range(Self.mark.count)
        let checksum = try reader.number()
        let name = try reader.range(try reader.count())
        guard bytes[name].elementsEqual(identity.text) else { throw .foreign }
        guard checksum == Self.checksum(bytes[Self.headCount...]) else { throw .malformed }
        var sections: [Section] = []
        var total = 0
        for _ in 0..<(try reader.count()) {
            let isCompressed = try reader.byte() == 1
            let count = try reader.count(upTo: limit)
            let place = try reader.range(try reader.count())
            guard isCompressed || count == place.count else { throw .malformed }
            total += count
            guard total <= limit else { throw .tooLarge }
            sections.append(Section(place: place, count: count, isCompressed: isCompressed))
        }
        try reader.requireEnd()
        self.bytes = bytes
        self.sections = sections
    }

    var sectionCount: Int { sections.count }

    func section(_ index: Int) throws(EntryFailure) -> [UInt8] {
        guard sections.indices.contains(index) else { throw .malformed }
        let section = sections[index]
        if !section.isCompressed { return Array(bytes[section.place]) }
        return try Zstandard.decompressed(bytes[section.place], count: section.count)
    }

    /// Sections side by side.
    func sections(from first: Int, count: Int) throws(EntryFailure) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for index in first..<first + count { result.append(try section(index)) }
        return result
    }

    /// A section as it is stored: equal bytes are equal sections.
    func stored(_ index: Int) -> ArraySlice<UInt8> {
        sections.indices.contains(index) ? bytes[sections[index].place] : []
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var hash = StableHash(seed: checksumSeed)
        bytes.withUnsafeBytes { hash.add($0) }
        return hash.value
    }
}
