import TimeSeries

/// A regular expression that may stand anywhere in a text, as Go's `regexp` finds it: a dot is no
/// newline, and the leftmost match counts.
struct TextPattern {
    private let pattern: Pattern

    /// Why a text is no pattern, as Go's `regexp` says it.
    struct Mistake: Error {
        var words: String
    }

    init(_ text: String) throws(Mistake) {
        do {
            pattern = try Pattern(Self.prefix + text)
        } catch {
            let part =
                error.part.hasPrefix(Self.prefix)
                ? String(error.part.dropFirst(Self.prefix.count)) : error.part
            throw Mistake(words: "error parsing regexp: \(error.reason): `\(part)`")
        }
    }

    /// Patterns of queries let a dot be a newline; these do not.
    private static let prefix = "(?-s)"

    func isFound(in text: String) -> Bool {
        pattern.search(Array(text.utf8), from: 0) != nil
    }

    /// The text with every match replaced; `$1` and `${name}` stand for groups, `$$` for a dollar.
    func replacing(_ text: String, by template: String) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var position = 0
        var copied = 0
        while position <= bytes.count,
            let groups = pattern.search(bytes, from: position), let match = groups[0]
        {
            // An empty match behind another one is none.
            if !(match.isEmpty && match.lowerBound == copied && copied > 0) {
                result += bytes[copied..<match.lowerBound]
                result += expanded(template, groups, in: bytes)
                copied = match.upperBound
            }
            if match.upperBound > position {
                position = match.upperBound
            } else {
                position += Self.characterLength(bytes, at: position)
            }
        }
        result += bytes[copied...]
        return String(decoding: result, as: UTF8.self)
    }

    private static func characterLength(_ bytes: [UInt8], at place: Int) -> Int {
        var length = 1
        while place + length < bytes.count, bytes[place + length] & 0xc0 == 0x80 { length += 1 }
        return length
    }

    private func expanded(
        _ template: String, _ groups: [Range<Int>?], in bytes: [UInt8]
    ) -> [UInt8] {
        ReplacementText(template: template).expanded(
            number: { pattern.group(named: $0) },
            group: { number in
                guard groups.indices.contains(number) else { return nil }
                return groups[number].map { bytes[$0] }
            })
    }
}
