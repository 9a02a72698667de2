/// Swift's text without comments and without what stands in string literals; lines stay lines.
///
/// It knows nested comments, raw and multi-line strings and interpolation, whose code goes with its
/// string. It does not know regular expression literals, which the sources do not have.
struct CodeText {
    private let bytes: [UInt8]
    /// Where the reading is.
    private var place = 0
    private var result: [UInt8] = []

    static func of(_ text: String) -> String {
        var reader = CodeText(bytes: Array(text.utf8))
        reader.readCode(untilParenthesis: false)
        return String(decoding: reader.result, as: UTF8.self)
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    /// Reads to the end, or to the parenthesis that closes an interpolation.
    private mutating func readCode(untilParenthesis: Bool) {
        var depth = 0
        while let byte = next {
            if starts("//") {
                while let byte = next, byte != newline { blank(byte) }
            } else if starts("/*") {
                readBlockComment()
            } else if let hashes = stringStart() {
                readString(hashes: hashes)
            } else {
                if untilParenthesis, byte == UInt8(ascii: ")"), depth == 0 { return }
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1 }
                result.append(byte)
                place += 1
            }
        }
    }

    private mutating func readBlockComment() {
        var depth = 0
        repeat {
            if starts("/*") {
                depth += 1
                skip(2)
            } else if starts("*/") {
                depth -= 1
                skip(2)
            } else if let byte = next {
                blank(byte)
            }
        } while depth > 0 && next != nil
    }

    /// How many number signs stand before the quotes, where a string begins here.
    private func stringStart() -> Int? {
        guard next == quote || next == UInt8(ascii: "#") else { return nil }
        let rest = bytes[place...]
        let hashes = rest.prefix { $0 == UInt8(ascii: "#") }.count
        return rest.dropFirst(hashes).first == quote ? hashes : nil
    }

    private mutating func readString(hashes: Int) {
        let marks = [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
        skip(hashes)
        let isLong = starts("\"\"\"")
        let quotes = [UInt8](repeating: quote, count: isLong ? 3 : 1)
        place += quotes.count
        result += [quote]
        let escape = [UInt8(ascii: "\\")] + marks
        while let byte = next {
            if starts(quotes + marks) {
                place += quotes.count + hashes
                result += [quote]
                return
            }
            if starts(escape + [UInt8(ascii: "(")]) {
                skip(escape.count + 1)
                // Its code is part of the text here.
                let kept = result.count
                readCode(untilParenthesis: true)
                let lines = result[kept...].filter { $0 == newline }
                result.removeSubrange(kept...)
                result += lines
                skip(1)
            } else if starts(escape) {
                skip(escape.count + 1)
            } else {
                blank(byte)
            }
        }
    }

    private let newline = UInt8(ascii: "\n")
    private let quote = UInt8(ascii: "\"")

    private func starts(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            text.first == next && bytes[place...].starts(with: text)
        }
    }

    private func starts(_ text: [UInt8]) -> Bool {
        text.first == next && bytes[place...].starts(with: text)
    }

    private mutating func skip(_ count: Int) {
        for byte in bytes[place...].prefix(count) { blank(byte) }
    }

    /// Passes a byte over; only a line's end is kept.
    private mutating func blank(_ byte: UInt8) {
        if byte == newline { result.append(byte) }
        place += 1
    }
}
