/// What an entry of the store is about, and its key there.
struct EntryIdentity: Hashable, Sendable {
    /// All that tells it from others. It stands in the entry and is compared when that is read.
    var text: [UInt8]
    /// Short: two hashes of the text.
    var key: String

    /// The version of the entries' form, part of every key: gateways of two releases share a store.
    static let formatVersion = 1
}

/// What is kept under one key of answers.
enum EntryKind: UInt8, Sendable {
    case block = 0x62
    case index = 0x78
    case instant = 0x69
    case samples = 0x73
    case fetch = 0x66
}

/// Names the entries of one question to one cluster.
struct EntryNames: Hashable, Sendable {
    /// Source and question, each behind its length, so that no two pairs give one text.
    private let common: [UInt8]

    init(_ key: AnswerKey) {
        var writer = ByteWriter()
        writer.append(text: key.source.text)
        writer.append(text: key.query)
        writer.append(byte: key.lookback == nil ? 0 : 1)
        writer.append(number: UInt64(bitPattern: key.lookback ?? 0))
        common = writer.bytes
    }

    /// The entry of a kind that these numbers tell from others of the kind.
    func identity(_ kind: EntryKind, _ numbers: [Int64]) -> EntryIdentity {
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(common.count + 2 + numbers.count * 8)
        writer.bytes += common
        writer.append(byte: kind.rawValue)
        writer.append(byte: UInt8(numbers.count))
        for number in numbers { writer.append(number: UInt64(bitPattern: number)) }
        return EntryIdentity(text: writer.bytes, key: Self.key(kind, writer.bytes))
    }

    private static func key(_ kind: EntryKind, _ text: [UInt8]) -> String {
        var key: [UInt8] = [kind.rawValue] + Array("\(EntryIdentity.formatVersion):".utf8)
        key.reserveCapacity(40)
        for seed in [UInt64(1), 2] {
            var hash = StableHash(seed: seed)
            hash.add(text)
            var value = hash.value
            for _ in 0..<16 {
                let digit = UInt8(value >> 60)
                key.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10)
                value <<= 4
            }
        }
        return String(decoding: key, as: UTF8.self)
    }
}
