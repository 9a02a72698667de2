/// The SRV records (RFC 2782) of a message of DNS (RFC 1035).
package struct ServiceRecords: Hashable, Sendable {
    package struct Record: Hashable, Sendable {
        package var priority: Int
        package var weight: Int
        package var port: Int
        /// Without a dot at the end.
        package var target: String

        package init(priority: Int, weight: Int, port: Int, target: String) {
            self.priority = priority
            self.weight = weight
            self.port = port
            self.target = target
        }
    }

    /// In the message's order; records of other types in the answer are left out.
    package var records: [Record]

    /// The number of the record's type.
    static let recordType = 33

    /// Nil where the message is none of DNS, or breaks off.
    package init?(_ message: [UInt8]) {
        var reader = MessageReader(message)
        guard reader.skip(4), let questions = reader.number(), let answers = reader.number(),
            reader.skip(4)
        else { return nil }
        for _ in 0..<questions {
            guard reader.name() != nil, reader.skip(4) else { return nil }
        }
        records = []
        for _ in 0..<answers {
            // Class and time to live are of no interest.
            guard reader.name() != nil, let type = reader.number(), reader.skip(6),
                let length = reader.number(), let end = reader.end(after: length)
            else { return nil }
            if type == Self.recordType {
                guard let priority = reader.number(), let weight = reader.number(),
                    let port = reader.number(), let target = reader.name(), reader.offset <= end
                else { return nil }
                records.append(
                    Record(priority: priority, weight: weight, port: port, target: target))
            }
            reader.offset = end
        }
    }

    /// `host:port` of each, once. A target without a name says that there is no such service.
    package var addresses: [String] {
        var result: [String] = []
        for record in records where !record.target.isEmpty && record.port > 0 {
            let address = "\(record.target):\(record.port)"
            if !result.contains(address) { result.append(address) }
        }
        return result
    }
}

/// Reads a message of DNS from its beginning.
private struct MessageReader {
    private let bytes: [UInt8]
    var offset = 0

    /// A name is at most 255 bytes long, and so has no more parts.
    private static let maximumParts = 128

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Where so many further bytes end; nil where there are not as many.
    func end(after count: Int) -> Int? {
        offset + count <= bytes.count ? offset + count : nil
    }

    mutating func skip(_ count: Int) -> Bool {
        guard let end = end(after: count) else { return false }
        offset = end
        return true
    }

    /// Two bytes, the higher first.
    mutating func number() -> Int? {
        guard let end = end(after: 2) else { return nil }
        defer { offset = end }
        return Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
    }

    /// A name, whose end may be a reference to where it stood before.
    mutating func name() -> String? {
        var parts: [String] = []
        var place = offset
        var isElsewhere = false
        for _ in 0..<Self.maximumParts {
            guard place < bytes.count else { return nil }
            let length = Int(bytes[place])
            switch length >> 6 {
            case 0 where length == 0:
                if !isElsewhere { offset = place + 1 }
                return parts.joined(separator: ".")
            case 0:
                guard place + 1 + length <= bytes.count else { return nil }
                let part = bytes[(place + 1)..<(place + 1 + length)]
                parts.append(String(decoding: part, as: UTF8.self))
                place += 1 + length
            case 3:
                guard place + 1 < bytes.count else { return nil }
                if !isElsewhere { offset = place + 2 }
                isElsewhere = true
                place = (length & 0x3f) << 8 | Int(bytes[place + 1])
            default: return nil
            }
        }
        return nil
    }
}
