/// Reads a JSON object of texts, as Go reads it into a `map[string]string`: the names in order, of
/// two alike the later value. The mistakes have the words of Go's `encoding/json`.
struct TextMap {
    private let bytes: [UInt8]
    private var place = 0
    private var mapping: [(name: String, value: String)] = []
    /// The first value that is no text; said only of a text that is JSON throughout.
    private var typeMistake: GoMistake?

    /// Nested deeper than this nothing is read.
    private static let maximumDepth = 100

    static func read(_ text: String) throws(GoMistake) -> [(name: String, value: String)] {
        var reader = TextMap(bytes: Array(text.utf8))
        try reader.readAll()
        if let mistake = reader.typeMistake { throw mistake }
        return reader.mapping
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private enum Value {
        case text(String)
        case null
        /// What Go calls it.
        case other(String)
    }

    private mutating func readAll() throws(GoMistake) {
        skipSpace()
        if peek() == UInt8(ascii: "{") {
            try object(depth: 0) { reader, name, value in reader.note(name, value) }
        } else {
            switch try value(depth: 0) {
            case .null: break
            case .text: refuse("string", "map[string]string")
            case .other(let kind): refuse(kind, "map[string]string")
            }
        }
        skipSpace()
        if let byte = peek() { throw unexpected(byte, "after top-level value") }
    }

    private mutating func note(_ name: String, _ value: Value) {
        var text = ""
        switch value {
        case .text(let found): text = found
        case .null: break
        case .other(let kind): refuse(kind, "string")
        }
        if let index = mapping.firstIndex(where: { $0.name == name }) {
            mapping[index].value = text
        } else {
            mapping.append((name, text))
        }
    }

    private mutating func refuse(_ kind: String, _ type: String) {
        guard typeMistake == nil else { return }
        typeMistake = GoMistake("json: cannot unmarshal \(kind) into Go value of type \(type)")
    }

    // MARK: Values

    private mutating func value(depth: Int) throws(GoMistake) -> Value {
        if depth > Self.maximumDepth { throw GoMistake("exceeded max depth") }
        skipSpace()
        let byte = try next()
        switch byte {
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "{"):
            place -= 1
            try object(depth: depth) { _, _, _ in }
            return .other("object")
        case UInt8(ascii: "["):
            try array(depth: depth)
            return .other("array")
        case UInt8(ascii: "t"):
            try word("true")
            return .other("bool")
        case UInt8(ascii: "f"):
            try word("false")
            return .other("bool")
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number(byte)
            return .other("number")
        default: throw unexpected(byte, "looking for beginning of value")
        }
    }

    private mutating func object(
        depth: Int, _ note: (inout TextMap, String, Value) -> Void
    ) throws(GoMistake) {
        place += 1
        skipSpace()
        if peek() == UInt8(ascii: "}") {
            place += 1
            return
        }
        while true {
            skipSpace()
            let quote = try next()
            guard quote == UInt8(ascii: "\"") else {
                throw unexpected(quote, "looking for beginning of object key string")
            }
            let name = try string()
            skipSpace()
            let colon = try next()
            guard colon == UInt8(ascii: ":") else { throw unexpected(colon, "after object key") }
            note(&self, name, try value(depth: depth + 1))
            skipSpace()
            let end = try next()
            if end == UInt8(ascii: "}") { return }
            guard end == UInt8(ascii: ",") else {
                throw unexpected(end, "after object key:value pair")
            }
        }
    }

    private mutating func array(depth: Int) throws(GoMistake) {
        skipSpace()
        if peek() == UInt8(ascii: "]") {
            place += 1
            return
        }
        while true {
            _ = try value(depth: depth + 1)
            skipSpace()
            let end = try next()
            if end == UInt8(ascii: "]") { return }
            guard end == UInt8(ascii: ",") else { throw unexpected(end, "after array element") }
        }
    }

    // MARK: Tokens

    private mutating func string() throws(GoMistake) -> String {
        var text: [UInt8] = []
        while true {
            let byte = try next()
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(&text)
            case ..<0x20: throw unexpected(byte, "in string literal")
            default: text.append(byte)
            }
        }
    }

    private mutating func escape(_ text: inout [UInt8]) throws(GoMistake) {
        let byte = try next()
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var scalar = try unit()
            let isPair =
                (0xd800..<0xdc00).contains(scalar) && bytes[place...].starts(with: #"\u"#.utf8)
            if isPair {
                let start = place
                place += 2
                let low = try unit()
                if (0xdc00..<0xe000).contains(low) {
                    scalar = 0x10000 + (scalar - 0xd800) << 10 + (low - 0xdc00)
                } else {
                    place = start
                }
            }
            text += Array(String(Unicode.Scalar(scalar) ?? "\u{fffd}").utf8)
        default: throw unexpected(byte, "in string escape code")
        }
    }

    private mutating func unit() throws(GoMistake) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = try next()
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw unexpected(byte, "in \\u hexadecimal character escape")
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private mutating func word(_ word: StaticString) throws(GoMistake) {
        let text = word.description
        for expected in text.utf8.dropFirst() {
            let byte = try next()
            guard byte == expected else {
                throw unexpected(
                    byte, "in literal \(text) (expecting \(GoWords.quoted(byte: expected)))")
            }
        }
    }

    private mutating func number(_ first: UInt8) throws(GoMistake) {
        var digit = first
        if first == UInt8(ascii: "-") {
            digit = try next()
            guard GoText.isDigit(digit) else { throw unexpected(digit, "in numeric literal") }
        }
        if digit != UInt8(ascii: "0") { skipDigits() }
        if peek() == UInt8(ascii: ".") {
            place += 1
            try digits("after decimal point in numeric literal")
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            place += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { place += 1 }
            try digits("in exponent of numeric literal")
        }
    }

    private mutating func digits(_ words: String) throws(GoMistake) {
        let byte = try next()
        guard GoText.isDigit(byte) else { throw unexpected(byte, words) }
        skipDigits()
    }

    private mutating func skipDigits() {
        while let byte = peek(), GoText.isDigit(byte) { place += 1 }
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 9 || byte == 10 || byte == 13 {
            place += 1
        }
    }

    private func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func next() throws(GoMistake) -> UInt8 {
        guard let byte = peek() else { throw GoMistake("unexpected end of JSON input") }
        place += 1
        return byte
    }

    private func unexpected(_ byte: UInt8, _ words: String) -> GoMistake {
        GoMistake("invalid character \(GoWords.quoted(byte: byte)) \(words)")
    }
}
