/// Texts that were read before, so that those that come again share their storage. It forgets where
/// two fall on one place.
struct TextTable {
    private var kept = [String?](repeating: nil, count: 2048)

    /// Shorter ones stand in the string itself, longer ones seldom come again.
    private static let lengths = 16...96

    mutating func text(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        guard Self.lengths.contains(range.count) else {
            return String(decoding: bytes[range], as: UTF8.self)
        }
        // FNV-1a.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        let place = Int(truncatingIfNeeded: (hash ^ hash >> 32) % UInt64(kept.count))
        if let known = kept[place], known.utf8.elementsEqual(bytes[range]) { return known }
        let text = String(decoding: bytes[range], as: UTF8.self)
        kept[place] = text
        return text
    }
}
