/// A word of a template.
struct TemplateToken: Sendable {
    enum Kind: Hashable, Sendable {
        case text
        case leftDelimiter, rightDelimiter
        case leftParenthesis, rightParenthesis
        case space
        case pipe, comma
        /// `=`.
        case assign
        /// `:=`.
        case declare
        /// `.`.
        case dot
        /// `.Name`.
        case field
        /// `$name`.
        case variable
        case identifier
        /// `if`, `end`, `nil`, `template` and the like.
        case keyword
        case bool
        case number, character
        case string, rawString
        /// A character that means nothing.
        case other
        /// What cannot be read; its text is the mistake.
        case mistake
        case end
    }

    var kind: Kind
    var text: String
    /// Offset in bytes.
    var position: Int
    /// From 1.
    var line: Int
}

/// Cuts a template into words as Go's `text/template/parse` does.
struct TemplateLexer {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var depth = 0
    private(set) var tokens: [TemplateToken] = []
    /// Whether a mistake ended the reading; it is the last word.
    private var isBroken = false

    static let keywords: Set<String> = [
        "break", "continue", "define", "block", "else", "end", "if", "nil", "range", "template",
        "with",
    ]

    init(_ text: String) {
        bytes = Array(text.utf8)
        readText()
    }

    // MARK: Bytes

    private func starts(_ text: StaticString, at place: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard place + count <= bytes.count else { return false }
        return text.withUTF8Buffer { wanted in
            (0..<count).allSatisfy { bytes[place + $0] == wanted[$0] }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (byte >= 0x30 && byte <= 0x39)
            || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || byte >= 0x80
    }

    private func string(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    private mutating func add(_ kind: TemplateToken.Kind, upTo end: Int) {
        tokens.append(
            TemplateToken(kind: kind, text: string(index..<end), position: index, line: line))
        line += bytes[index..<end].count { $0 == 0x0a }
        index = end
    }

    private mutating func skip(to end: Int) {
        line += bytes[index..<end].count { $0 == 0x0a }
        index = end
    }

    private mutating func refuse(_ message: String) {
        isBroken = true
        tokens.append(
            TemplateToken(kind: .mistake, text: message, position: index, line: line))
    }

    // MARK: Texts

    private mutating func readText() {
        while !isBroken {
            var start = index
            while start < bytes.count, !starts("{{", at: start) { start += 1 }
            guard start < bytes.count else {
                if index < bytes.count { add(.text, upTo: bytes.count) }
                tokens.append(
                    TemplateToken(kind: .end, text: "", position: bytes.count, line: line))
                return
            }
            let trims =
                starts("-", at: start + 2) && start + 3 < bytes.count
                && Self.isSpace(bytes[start + 3])
            var end = start
            if trims { while end > index, Self.isSpace(bytes[end - 1]) { end -= 1 } }
            if end > index { add(.text, upTo: end) }
            skip(to: start)
            let behind = start + 2 + (trims ? 2 : 0)
            if starts("/*", at: behind) {
                readComment(behind)
            } else {
                add(.leftDelimiter, upTo: start + 2)
                skip(to: start + 2 + (trims ? 1 : 0))
                readAction()
            }
        }
    }

    private mutating func readComment(_ start: Int) {
        var end = start + 2
        while end < bytes.count, !starts("*/", at: end) { end += 1 }
        guard end < bytes.count else { return refuse("unclosed comment") }
        skip(to: end + 2)
        guard closeAction(adds: false) else {
            return refuse("comment ends before closing delimiter")
        }
    }

    /// Ends an action where it ends here.
    private mutating func closeAction(adds: Bool) -> Bool {
        let trims =
            index < bytes.count && Self.isSpace(bytes[index]) && starts("-}}", at: index + 1)
        guard trims || starts("}}", at: index) else { return false }
        if trims { skip(to: index + 2) }
        if adds { add(.rightDelimiter, upTo: index + 2) } else { skip(to: index + 2) }
        if trims {
            var end = index
            while end < bytes.count, Self.isSpace(bytes[end]) { end += 1 }
            skip(to: end)
        }
        return true
    }

    // MARK: Actions

    private mutating func readAction() {
        depth = 0
        while !isBroken {
            if index == bytes.count { return refuse("unclosed action") }
            if closesHere {
                if depth > 0 { return refuse("unclosed left paren") }
                _ = closeAction(adds: true)
                return
            }
            readWord()
        }
    }

    private var closesHere: Bool {
        starts("}}", at: index)
            || Self.isSpace(bytes[index]) && starts("-}}", at: index + 1)
    }

    private mutating func readWord() {
        let byte = bytes[index]
        switch byte {
        case _ where Self.isSpace(byte): readSpace()
        case UInt8(ascii: "="): add(.assign, upTo: index + 1)
        case UInt8(ascii: ":"):
            guard starts(":=", at: index) else { return refuse("expected :=") }
            add(.declare, upTo: index + 2)
        case UInt8(ascii: "|"): add(.pipe, upTo: index + 1)
        case UInt8(ascii: ","): add(.comma, upTo: index + 1)
        case UInt8(ascii: "\""):
            readQuoted(UInt8(ascii: "\""), .string, "unterminated quoted string")
        case UInt8(ascii: "`"): readRaw()
        case UInt8(ascii: "'"):
            readQuoted(UInt8(ascii: "'"), .character, "unterminated character constant")
        case UInt8(ascii: "$"): readName(.variable, from: index + 1)
        case UInt8(ascii: "."):
            if index + 1 < bytes.count, bytes[index + 1] >= 0x30, bytes[index + 1] <= 0x39 {
                readNumber()
            } else {
                readName(.field, from: index + 1)
            }
        case UInt8(ascii: "+"), UInt8(ascii: "-"), 0x30...0x39: readNumber()
        case UInt8(ascii: "("):
            depth += 1
            add(.leftParenthesis, upTo: index + 1)
        case UInt8(ascii: ")"):
            depth -= 1
            if depth < 0 { return refuse("unexpected right paren") }
            add(.rightParenthesis, upTo: index + 1)
        case _ where Self.isAlphanumeric(byte): readName(.identifier, from: index)
        case 0x21..<0x7f: add(.other, upTo: index + 1)
        default: refuse("unrecognized character in action: \(shown(index))")
        }
    }

    /// The character at a place as Go's `%#U` has it.
    private func shown(_ place: Int) -> String {
        guard let scalar = string(place..<min(place + 4, bytes.count)).unicodeScalars.first else {
            return ""
        }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return "U+\(padded) '\(scalar)'"
    }

    private mutating func readSpace() {
        var end = index
        while end < bytes.count, Self.isSpace(bytes[end]) {
            // The blank before a trim marker belongs to it.
            if end > index, starts("-}}", at: end + 1) { break }
            end += 1
        }
        add(.space, upTo: end)
    }

    private mutating func readName(_ kind: TemplateToken.Kind, from start: Int) {
        var end = start
        while end < bytes.count, Self.isAlphanumeric(bytes[end]) { end += 1 }
        guard isEndOfWord(end) else { return refuse("bad character \(shown(end))") }
        guard kind == .identifier else {
            return add(kind == .field && end == start ? .dot : kind, upTo: end)
        }
        let name = string(index..<end)
        let isBool = name == "true" || name == "false"
        add(
            isBool ? .bool : Self.keywords.contains(name) ? .keyword : .identifier, upTo: end)
    }

    /// Whether a field, variable or name may end here.
    private func isEndOfWord(_ end: Int) -> Bool {
        guard end < bytes.count else { return true }
        let byte = bytes[end]
        return Self.isSpace(byte) || starts("}}", at: end)
            || [".", ",", "|", ":", ")", "("].contains { UInt8(ascii: $0) == byte }
    }

    private mutating func readNumber() {
        var end = index
        if bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") { end += 1 }
        while end < bytes.count {
            let byte = bytes[end]
            let isSign =
                (byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"))
                && [UInt8(ascii: "e"), UInt8(ascii: "p")].contains(bytes[end - 1] | 0x20)
            guard Self.isAlphanumeric(byte) || byte == UInt8(ascii: ".") || isSign else { break }
            end += 1
        }
        let text = string(index..<end)
        guard TemplateNumberReader.number(text) != nil else {
            return refuse("bad number syntax: \"\(text)\"")
        }
        add(.number, upTo: end)
    }

    private mutating func readQuoted(
        _ quote: UInt8, _ kind: TemplateToken.Kind, _ unterminated: String
    ) {
        var end = index + 1
        while end < bytes.count, bytes[end] != quote {
            if bytes[end] == 0x0a { return refuse(unterminated) }
            if bytes[end] == UInt8(ascii: "\\") {
                end += 1
                if end < bytes.count, bytes[end] == 0x0a { return refuse(unterminated) }
            }
            end += 1
        }
        guard end < bytes.count else { return refuse(unterminated) }
        add(kind, upTo: end + 1)
    }

    private mutating func readRaw() {
        var end = index + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "`") { end += 1 }
        guard end < bytes.count else { return refuse("unterminated raw quoted string") }
        add(.rawString, upTo: end + 1)
    }
}
