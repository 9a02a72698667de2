/// Reads JSON from its beginning to its end, value by value, making no tree of it.
///
/// It walks a pointer: that halves what reading costs. No byte is looked at but where `place`, or an
/// index behind it, is known to be less than the count; `TraceFuzz` and the tests cut answers
/// everywhere.
struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var place = 0
    private var depth = 0
    private var known = TextTable()

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Reads `bytes`; the reader is not to be kept.
    static func reading<Value>(
        _ bytes: [UInt8], _ read: (inout JSONReader) throws(ReadingFailure) -> Value
    ) throws(ReadingFailure) -> Value {
        try bytes.withUnsafeBufferPointer { (bytes) throws(ReadingFailure) in
            var reader = JSONReader(bytes)
            return try read(&reader)
        }
    }

    /// No answer is nested as deeply.
    private static let deepest = 128

    func failure(_ problem: ReadingFailure.Problem) -> ReadingFailure {
        ReadingFailure(problem, offset: place)
    }

    // MARK: Structure

    /// The first byte of the next value; nil at the end.
    mutating func peek() -> UInt8? {
        while place < bytes.count {
            let byte = bytes[place]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            place += 1
        }
        return nil
    }

    private mutating func next() throws(ReadingFailure) -> UInt8 {
        guard let byte = peek() else { throw failure(.truncated) }
        return byte
    }

    /// Whether a null is next, which is taken.
    mutating func takesNull() throws(ReadingFailure) -> Bool {
        guard try next() == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    /// Reads an object; `member` reads the value of each name. A null counts as one without
    /// members.
    mutating func object(
        _ expected: String = "an object",
        _ member: (inout JSONReader, MemberName) throws(ReadingFailure) -> Void
    ) throws(ReadingFailure) {
        if try takesNull() { return }
        guard bytes[place] == UInt8(ascii: "{") else { throw failure(.form(expected: expected)) }
        try enter()
        if try next() == UInt8(ascii: "}") { return leave() }
        while true {
            guard try next() == UInt8(ascii: "\"") else { throw failure(.syntax) }
            let range = try quoted()
            let name = MemberName(bytes: bytes, range: range.content)
            guard try next() == UInt8(ascii: ":") else { throw failure(.syntax) }
            place += 1
            try member(&self, name)
            if try isEnd(UInt8(ascii: "}")) { return }
        }
    }

    /// Reads a list; `element` reads each. A null counts as an empty one.
    mutating func list(
        _ expected: String = "a list",
        _ element: (inout JSONReader) throws(ReadingFailure) -> Void
    ) throws(ReadingFailure) {
        if try takesNull() { return }
        guard bytes[place] == UInt8(ascii: "[") else { throw failure(.form(expected: expected)) }
        try enter()
        if try next() == UInt8(ascii: "]") { return leave() }
        while true {
            try element(&self)
            if try isEnd(UInt8(ascii: "]")) { return }
        }
    }

    private mutating func enter() throws(ReadingFailure) {
        guard depth < Self.deepest else { throw failure(.depth) }
        depth += 1
        place += 1
    }

    private mutating func leave() {
        depth -= 1
        place += 1
    }

    private mutating func isEnd(_ closing: UInt8) throws(ReadingFailure) -> Bool {
        let byte = try next()
        if byte == closing {
            leave()
            return true
        }
        guard byte == UInt8(ascii: ",") else { throw failure(.syntax) }
        place += 1
        return false
    }

    /// Passes over a value.
    mutating func skip() throws(ReadingFailure) {
        switch try next() {
        case UInt8(ascii: "{"):
            try object { (reader, _) throws(ReadingFailure) in try reader.skip() }
        case UInt8(ascii: "["):
            try list { (reader) throws(ReadingFailure) in try reader.skip() }
        case UInt8(ascii: "\""): _ = try quoted()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: _ = try numeral()
        }
    }

    // MARK: Texts

    /// The name of a member while the member is read.
    struct MemberName {
        fileprivate let bytes: UnsafeBufferPointer<UInt8>
        fileprivate let range: Range<Int>

        /// Names with escapes are none that anybody has.
        static func ~= (name: StaticString, member: MemberName) -> Bool {
            let count = name.utf8CodeUnitCount
            guard count == member.range.count else { return false }
            let text = name.utf8Start
            for index in 0..<count
            where member.bytes[member.range.lowerBound + index] != text[index] {
                return false
            }
            return true
        }

        var text: String {
            String(decoding: bytes[range], as: UTF8.self)
        }
    }

    /// A part of what is read.
    typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    private struct Quoted {
        var content: Range<Int>
        var hasEscapes: Bool
    }

    /// Passes over a text.
    private mutating func quoted() throws(ReadingFailure) -> Quoted {
        place += 1
        let start = place
        var hasEscapes = false
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                let content = start..<place
                place += 1
                return Quoted(content: content, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                place += 2
            case 0..<0x20: throw failure(.syntax)
            default: place += 1
            }
        }
        place = bytes.count
        throw failure(.truncated)
    }

    /// A text; a null counts as an empty one.
    mutating func text() throws(ReadingFailure) -> String {
        if try takesNull() { return "" }
        guard bytes[place] == UInt8(ascii: "\"") else {
            throw failure(.form(expected: "a text"))
        }
        let quoted = try quoted()
        if quoted.hasEscapes { return unescaped(quoted.content) }
        return known.text(bytes, quoted.content)
    }

    /// The bytes of a text without escapes; nil for another value, which is not taken.
    mutating func plain() throws(ReadingFailure) -> Bytes? {
        guard try next() == UInt8(ascii: "\"") else { return nil }
        return bytes[try quoted().content]
    }

    private func unescaped(_ range: Range<Int>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < range.upperBound else {
                result.append(byte)
                continue
            }
            let letter = bytes[index]
            index += 1
            switch letter {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "u"): result += Array(scalar(&index, range.upperBound).utf8)
            default: result.append(letter)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The character of four digits after `\u`, or of two such that belong together.
    private func scalar(_ index: inout Int, _ end: Int) -> String {
        guard let unit = unit(at: index, end) else { return "\u{FFFD}" }
        index += 4
        if let scalar = Unicode.Scalar(unit) { return String(Character(scalar)) }
        // Without its other half, one is nothing.
        guard unit < 0xDC00, index + 6 <= end, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u"), let low = self.unit(at: index + 2, end),
            (0xDC00..<0xE000).contains(low)
        else { return "\u{FFFD}" }
        index += 6
        let value = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)
        return Unicode.Scalar(value).map { String(Character($0)) } ?? "\u{FFFD}"
    }

    private func unit(at start: Int, _ end: Int) -> UInt32? {
        guard start + 4 <= end else { return nil }
        return bytes[start..<(start + 4)].hexadecimal.map { UInt32($0) }
    }

    // MARK: Words and numbers

    private mutating func word(_ word: StaticString) throws(ReadingFailure) {
        let isThere = word.withUTF8Buffer { buffer in
            bytes[place...].prefix(buffer.count).elementsEqual(buffer)
        }
        guard isThere else {
            throw failure(
                place + word.utf8CodeUnitCount > bytes.count ? .truncated : .syntax)
        }
        place += word.utf8CodeUnitCount
    }

    mutating func flag() throws(ReadingFailure) -> Bool {
        switch try next() {
        case UInt8(ascii: "t"):
            try word("true")
            return true
        case UInt8(ascii: "f"):
            try word("false")
            return false
        case UInt8(ascii: "\""):
            return try text() == "true"
        default: throw failure(.form(expected: "true or false"))
        }
    }

    /// The bytes of a number.
    private mutating func numeral() throws(ReadingFailure) -> Bytes {
        let start = place
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
                UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
                place += 1
            default:
                guard place > start else { throw failure(.syntax) }
                return bytes[start..<place]
            }
        }
        guard place > start else { throw failure(.truncated) }
        return bytes[start..<place]
    }

    /// The digits of a number, which may stand in a text, as numbers of 64 bits do.
    private mutating func digits() throws(ReadingFailure) -> Bytes {
        if let plain = try plain() { return plain }
        return try numeral()
    }

    /// A whole number, in a text or not. One beyond 64 bits is the farthest.
    mutating func integer() throws(ReadingFailure) -> Int64 {
        if try takesNull() { return 0 }
        let digits = try digits()
        var isNegative = false
        var magnitude: UInt64 = 0
        for (index, byte) in digits.enumerated() {
            if index == 0, byte == UInt8(ascii: "-") {
                isNegative = true
                continue
            }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                // With a fraction or an exponent.
                return try whole(digits)
            }
            let (tenfold, isOver) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, isOverToo) = tenfold.addingReportingOverflow(UInt64(byte & 15))
            if isOver || isOverToo { return isNegative ? .min : .max }
            magnitude = sum
        }
        if isNegative {
            return magnitude > 1 << 63 ? .min : Int64(truncatingIfNeeded: 0 &- magnitude)
        }
        return Int64(clamping: magnitude)
    }

    private func whole(_ digits: Bytes) throws(ReadingFailure) -> Int64 {
        guard let value = Double(String(decoding: digits, as: UTF8.self)), value.isFinite else {
            throw failure(.form(expected: "a whole number"))
        }
        if value >= 0x1p63 { return .max }
        return value <= -0x1p63 ? .min : Int64(value)
    }

    mutating func double() throws(ReadingFailure) -> Double {
        if try takesNull() { return 0 }
        let text = String(decoding: try digits(), as: UTF8.self)
        switch text {
        case "NaN": return .nan
        case "Infinity", "+Inf", "Inf": return .infinity
        case "-Infinity", "-Inf": return -.infinity
        default:
            guard let value = Double(text) else {
                throw failure(.form(expected: "a number"))
            }
            return value
        }
    }
}
