/// Numbers byte strings in the order in which they come first.
struct ByteTable: Sendable {
    /// All that were numbered, one after the other.
    private var bytes: [UInt8] = []
    /// Where each begins, and the end of the last.
    private var starts: [Int] = [0]
    private var hashes: [Int] = []
    /// By hash: the number, or -1 for a free slot. There is always one.
    private var slots = [Int32](repeating: -1, count: 64)

    /// The string's number; the next one where it is new.
    mutating func number(of text: [UInt8]) -> Int32 {
        var hasher = Hasher()
        text.withUnsafeBytes { hasher.combine(bytes: $0) }
        let hash = hasher.finalize()
        var slot = hash & (slots.count - 1)
        while slots[slot] >= 0 {
            let number = Int(slots[slot])
            if hashes[number] == hash, isSame(number, text) { return slots[slot] }
            slot = (slot + 1) & (slots.count - 1)
        }
        let number = Int32(hashes.count)
        slots[slot] = number
        hashes.append(hash)
        bytes += text
        starts.append(bytes.count)
        if hashes.count * 2 > slots.count { grow() }
        return number
    }

    private func isSame(_ number: Int, _ text: [UInt8]) -> Bool {
        let start = starts[number]
        let count = starts[number + 1] - start
        guard count == text.count else { return false }
        return bytes.withUnsafeBytes { bytes in
            text.withUnsafeBytes { text in
                var place = 0
                while place + 8 <= count {
                    let one = bytes.loadUnaligned(fromByteOffset: start + place, as: UInt64.self)
                    guard one == text.loadUnaligned(fromByteOffset: place, as: UInt64.self) else {
                        return false
                    }
                    place += 8
                }
                while place < count, bytes[start + place] == text[place] { place += 1 }
                return place == count
            }
        }
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for (number, hash) in hashes.enumerated() {
            var slot = hash & (slots.count - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number)
        }
    }
}
