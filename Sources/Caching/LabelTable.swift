import TimeSeries

/// Label sets as bytes: every name and value once, and for each set the numbers of its own.
enum LabelTable {
    static func bytes(of sets: [Labels]) -> [UInt8] {
        var numbers: [String: Int] = [:]
        var texts: [String] = []
        func number(_ text: String) -> Int {
            if let known = numbers[text] { return known }
            numbers[text] = texts.count
            texts.append(text)
            return texts.count - 1
        }
        let pairs = sets.map { set in
            set.pairs.map { (name: number($0.name), value: number($0.value)) }
        }
        var writer = ByteWriter()
        writer.append(texts: texts)
        writer.append(count: pairs.count)
        for set in pairs {
            writer.append(count: set.count)
            for (name, value) in set {
                writer.append(count: name)
                writer.append(count: value)
            }
        }
        return writer.bytes
    }

    /// The sets, in their order; fails where they do not ascend, as those of an answer do.
    static func sets(of bytes: [UInt8]) throws(EntryFailure) -> [Labels] {
        var reader = ByteReader(bytes)
        var texts: [Range<Int>] = []
        for _ in 0..<(try reader.count()) { texts.append(try reader.range(try reader.count())) }
        func place(_ number: UInt64) throws(EntryFailure) -> Range<Int> {
            guard number < UInt64(texts.count) else { throw .malformed }
            return texts[Int(number)]
        }
        let count = try reader.count()
        var result: [Labels] = []
        result.reserveCapacity(count)
        var packer = LabelsPacker()
        for _ in 0..<count {
            for _ in 0..<(try reader.count()) {
                packer.append(name: bytes.span.extracting(try place(try reader.unsigned())))
                packer.append(value: bytes.span.extracting(try place(try reader.unsigned())))
            }
            let set = packer.finish()
            if let last = result.last, !(last < set) { throw .malformed }
            result.append(set)
        }
        try reader.requireEnd()
        return result
    }
}
