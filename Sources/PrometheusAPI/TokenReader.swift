/// Reads JSON's tokens from bytes that may end within one.
struct TokenReader: Sendable {
    /// The bytes that one token may have.
    let maximumTextBytes: Int
    /// The bytes read before those at hand, for the failures.
    var base = 0
    /// The text of a string that is not plain.
    private(set) var scratch: [UInt8] = []

    init(maximumTextBytes: Int) { self.maximumTextBytes = maximumTextBytes }

    /// The text of a string token.
    enum Text {
        /// As it stands in the bytes.
        case plain(Range<Int>)
        /// In `scratch`, its escapes resolved.
        case inScratch
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
    }

    func notJSON(_ offset: Int) -> DecodingFailure { .notJSON(offset: base + offset) }

    /// The text as a string.
    func string(_ text: Text, of bytes: Span<UInt8>) -> String {
        switch text {
        case .plain(let range):
            bytes.extracting(range).withUnsafeBufferPointer {
                String(decoding: $0, as: UTF8.self)
            }
        case .inScratch: String(decoding: scratch, as: UTF8.self)
        }
    }

    /// Reads a string; nil, with `offset` where it was, where the bytes end within it.
    mutating func readText(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(DecodingFailure) -> Text? {
        let start = offset + 1
        var end = Self.endOfPlainText(bytes, start)
        if end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            try check(length: end - start)
            offset = end + 1
            return .plain(start..<end)
        }
        // What is not plain is looked at byte by byte. Bytes that are no UTF-8 become U+FFFD, as
        // Go's decoder has it.
        scratch.removeAll(keepingCapacity: true)
        var isASCII = true
        append(bytes, start..<end)
        while true {
            try check(length: end - start)
            guard end < bytes.count else { return nil }
            let byte = bytes[end]
            switch byte {
            case UInt8(ascii: "\""):
                if !isASCII { repairScratch() }
                offset = end + 1
                return .inScratch
            case UInt8(ascii: "\\"):
                guard try readEscape(bytes, &end) else { return nil }
            case 0..<0x20:
                throw notJSON(end)
            default:
                if byte >= 0x80 { isASCII = false }
                let next = Self.endOfPlainText(bytes, end + 1)
                append(bytes, end..<next)
                end = next
            }
        }
    }

    /// The text in `scratch`, which is empty afterwards.
    mutating func takeScratch() -> [UInt8] {
        let text = scratch
        scratch = []
        return text
    }

    private func check(length: Int) throws(DecodingFailure) {
        if length > maximumTextBytes { throw .limit(.text, maximum: maximumTextBytes) }
    }

    private mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        bytes.extracting(range).withUnsafeBufferPointer { scratch.append(contentsOf: $0) }
    }

    private mutating func repairScratch() {
        let isValid = (try? UTF8Span(validating: scratch.span)) != nil
        if !isValid { scratch = Array(String(decoding: scratch, as: UTF8.self).utf8) }
    }

    /// Reads an escape into `scratch`; false where the bytes end within it.
    private mutating func readEscape(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(DecodingFailure) -> Bool {
        guard offset + 1 < bytes.count else { return false }
        let letter = bytes[offset + 1]
        guard letter == UInt8(ascii: "u") else {
            switch letter {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(letter)
            case UInt8(ascii: "n"): scratch.append(0x0a)
            case UInt8(ascii: "r"): scratch.append(0x0d)
            case UInt8(ascii: "t"): scratch.append(0x09)
            case UInt8(ascii: "b"): scratch.append(0x08)
            case UInt8(ascii: "f"): scratch.append(0x0c)
            default: throw notJSON(offset + 1)
            }
            offset += 2
            return true
        }
        guard let unit = try readHexadecimal(bytes, offset + 2) else { return false }
        var scalar = Unicode.Scalar(UInt32(unit))
        var length = 6
        if UTF16.isLeadSurrogate(unit) {
            // The second half follows in an escape of its own; without it, it is no character.
            guard offset + 6 < bytes.count else { return false }
            if bytes[offset + 6] == UInt8(ascii: "\\") {
                guard offset + 7 < bytes.count else { return false }
                if bytes[offset + 7] == UInt8(ascii: "u") {
                    guard let second = try readHexadecimal(bytes, offset + 8) else { return false }
                    if UTF16.isTrailSurrogate(second) {
                        let high = UInt32(unit - 0xd800) << 10
                        scalar = Unicode.Scalar(0x10000 + high + UInt32(second - 0xdc00))
                        length = 12
                    }
                }
            }
        }
        let encoded = UTF8.encode(scalar ?? "\u{fffd}") ?? UTF8.encodedReplacementCharacter
        scratch.append(contentsOf: encoded)
        offset += length
        return true
    }

    /// The four hexadecimal digits at `offset`; nil where the bytes end within them.
    private func readHexadecimal(
        _ bytes: Span<UInt8>, _ offset: Int
    ) throws(DecodingFailure) -> UInt16? {
        var unit: UInt16 = 0
        for index in offset..<offset + 4 {
            guard index < bytes.count else { return nil }
            let byte = bytes[index]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw notJSON(index)
            }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// Reads the bytes of a number; nil where they may go on past the end.
    func readNumber(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(DecodingFailure) -> Range<Int>? {
        let start = offset
        var end = start
        while end < bytes.count, Self.isOfNumber(bytes[end]) { end += 1 }
        try check(length: end - start)
        guard end < bytes.count else { return nil }
        offset = end
        return start..<end
    }

    static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// Reads `null`, `true` or `false`; false where the bytes end within it.
    func readLiteral(_ bytes: Span<UInt8>, _ offset: inout Int) throws(DecodingFailure) -> Bool {
        let literal: StaticString =
            switch bytes[offset] {
            case UInt8(ascii: "n"): "null"
            case UInt8(ascii: "t"): "true"
            default: "false"
            }
        let length = literal.utf8CodeUnitCount
        for index in 0..<length {
            guard offset + index < bytes.count else { return false }
            let wanted = literal.withUTF8Buffer { $0[index] }
            guard bytes[offset + index] == wanted else { throw notJSON(offset + index) }
        }
        offset += length
        return true
    }

    /// Where the first byte from `start` on is that is not plain: a quote, an escape, a control
    /// character or one beyond ASCII. The end of the bytes where there is none.
    static func endOfPlainText(_ bytes: Span<UInt8>, _ start: Int) -> Int {
        let raw = bytes.bytes
        var offset = start
        while offset + 8 <= bytes.count {
            let word = raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            let marks = marksOfUnplain(word)
            if marks != 0 { return offset + marks.trailingZeroBitCount / 8 }
            offset += 8
        }
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"")
                || byte == UInt8(ascii: "\\")
            {
                break
            }
            offset += 1
        }
        return offset
    }

    /// The high bit of every byte of `word` from the first that is not plain on; those before it
    /// are exact, those after it may not be.
    @inline(__always)
    private static func marksOfUnplain(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5c)
        let isQuote = (quotes &- ones) & ~quotes
        let isSlash = (slashes &- ones) & ~slashes
        let isControl = (word &- ones &* 0x20) & ~word
        return (isQuote | isSlash | isControl | word) & highs
    }
}
