/// Texts that were read before, so that those that come again share their storage. It forgets where
/// two fall on one place.
struct TextTable {
    private var kept = [String?](repeating: nil, count: 4096)

    /// Shorter ones stand in the string itself, longer ones seldom come again.
    private static let lengths = 16...256

    mutating func text(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
        let text = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[range])
        guard Self.lengths.contains(text.count) else {
            return String(decoding: text, as: UTF8.self)
        }
        let place = Int(truncatingIfNeeded: Self.hash(text)) & (kept.count - 1)
        if let known = kept[place], Self.isEqual(known, text) { return known }
        let new = String(decoding: text, as: UTF8.self)
        kept[place] = new
        return new
    }

    /// Of texts of eight bytes at least: the last eight are hashed whole, some of them twice.
    private static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(text.count)
        var place = 0
        while place + 8 < text.count {
            hash = mixed(hash, text.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        return mixed(hash, text.loadUnaligned(fromByteOffset: text.count - 8, as: UInt64.self))
    }

    private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
        return product.high ^ product.low
    }

    private static func isEqual(_ known: String, _ text: UnsafeRawBufferPointer) -> Bool {
        let isEqual = known.utf8.withContiguousStorageIfAvailable { known in
            known.count == text.count && known.elementsEqual(text)
        }
        return isEqual ?? known.utf8.elementsEqual(text)
    }
}
