import TimeSeries

/// Cuts a query into words. It knows three places: plain text, inside braces, and inside brackets
/// before the first duration, because the same characters mean different things there.
struct Lexer {
    let bytes: [UInt8]
    var position = 0
    var start = 0
    private var parenthesisDepth = 0
    private var isInBrackets = false
    private var hasColon = false
    private var hasDuration = false
    private(set) var tokens: [Token] = []

    private enum Place {
        case plain, braces, duration
    }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// All words, the last one being the end; up to the first mistake, if there is one.
    static func tokens(of bytes: [UInt8]) -> (tokens: [Token], mistake: Mistake?) {
        var lexer = Lexer(bytes)
        do {
            try lexer.run()
            return (lexer.tokens, nil)
        } catch {
            return (lexer.tokens, error)
        }
    }

    private mutating func run() throws(Mistake) {
        var place = Place.plain
        while tokens.last?.kind != .end {
            start = position
            if peek == UInt8(ascii: "#"), place != .duration {
                while let byte = peek, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") {
                    position += 1
                }
                continue
            }
            if let byte = peek, Self.isSpace(byte) {
                position += 1
                continue
            }
            switch place {
            case .plain: place = try plain()
            case .braces: place = try braces()
            case .duration: place = try durationStart()
            }
        }
    }

    // MARK: Places

    private mutating func plain() throws(Mistake) -> Place {
        guard let byte = next() else {
            if parenthesisDepth != 0 { throw mistake("unclosed left parenthesis") }
            if isInBrackets { throw mistake("unclosed left bracket") }
            emit(.end)
            return .plain
        }
        switch byte {
        case UInt8(ascii: ","): emit(.comma)
        case UInt8(ascii: "*"): emit(.binary(.multiply))
        case UInt8(ascii: "/"): emit(.binary(.divide))
        case UInt8(ascii: "%"): emit(.binary(.modulo))
        case UInt8(ascii: "+"): emit(.binary(.add))
        case UInt8(ascii: "-"): emit(.binary(.subtract))
        case UInt8(ascii: "^"): emit(.binary(.power))
        case UInt8(ascii: "="):
            if accept("=") {
                emit(.binary(.equal))
            } else if peek == UInt8(ascii: "~") {
                throw mistake("unexpected character after '=': '~'")
            } else {
                emit(.assign)
            }
        case UInt8(ascii: "!"):
            guard accept("=") else {
                throw mistake("unexpected character after '!': \(scalarWords(at: position))")
            }
            emit(.binary(.notEqual))
        case UInt8(ascii: "<"):
            emit(.binary(accept("=") ? .lessOrEqual : accept("/") ? .trimUpper : .less))
        case UInt8(ascii: ">"):
            emit(.binary(accept("=") ? .greaterOrEqual : accept("/") ? .trimLower : .greater))
        case UInt8(ascii: "\""), UInt8(ascii: "'"): try string(byte)
        case UInt8(ascii: "`"): try rawString()
        case UInt8(ascii: "("):
            emit(.leftParenthesis)
            parenthesisDepth += 1
        case UInt8(ascii: ")"):
            parenthesisDepth -= 1
            if parenthesisDepth < 0 { throw strayParenthesis() }
            emit(.rightParenthesis)
        case UInt8(ascii: "{"):
            emit(.leftBrace)
            return .braces
        case UInt8(ascii: "["):
            if isInBrackets { throw mistake("unexpected left bracket '['") }
            emit(.leftBracket)
            isInBrackets = true
            hasColon = false
            return .duration
        case UInt8(ascii: "]"):
            guard isInBrackets else { throw mistake("unexpected right bracket ']'") }
            emit(.rightBracket)
            isInBrackets = false
        case UInt8(ascii: "@"): emit(.at)
        case _ where Self.isDigit(byte) || (byte == UInt8(ascii: ".") && peekIsDigit):
            position -= 1
            try numberOrDuration()
        case _ where Self.isLetter(byte) || byte == UInt8(ascii: ":"):
            if isInBrackets {
                try wordInBrackets(byte)
            } else {
                keywordOrIdentifier()
            }
        default:
            throw mistake("unexpected character: \(scalarWords(at: start))")
        }
        return .plain
    }

    private mutating func wordInBrackets(_ byte: UInt8) throws(Mistake) {
        if byte == UInt8(ascii: ":") {
            if hasColon { throw mistake("unexpected colon ':'") }
            emit(.colon)
            hasColon = true
        } else if byte | 0x20 == UInt8(ascii: "r") && !canBeginDuration || !durationKeyword() {
            throw mistake("unexpected character: \(scalarWords(at: start)), expected ':'")
        }
    }

    /// Whether the word before this one leaves a duration to be named. Behind the first duration
    /// Prometheus's lexer knows no `range()`, so that `x[5m + range()]` is none of its queries; it
    /// is one here, but `x[5m range()]` is told as Prometheus tells it.
    private var canBeginDuration: Bool {
        switch tokens.last?.kind {
        case .binary, .comma, .colon, .leftParenthesis: true
        default: false
        }
    }

    /// `step`, `range`, `min`, `max` and their longer forms, whose first letter was read.
    private mutating func durationKeyword() -> Bool {
        let saved = position
        while let byte = peek, Self.isLetter(byte) { position += 1 }
        switch text.lowercased() {
        case "step": emit(.keyword(.step))
        case "range": emit(.keyword(.range))
        case "min": emit(.aggregation(.min))
        case "max": emit(.aggregation(.max))
        case "min_of", "max_of": emit(.identifier)
        default:
            position = saved
            return false
        }
        return true
    }

    private mutating func durationStart() throws(Mistake) -> Place {
        guard let byte = next() else {
            throw mistake("unexpected end of input in duration expression")
        }
        switch byte {
        case UInt8(ascii: "]"):
            emit(.rightBracket)
            isInBrackets = false
            return .plain
        case UInt8(ascii: ":"):
            if !hasDuration {
                throw Mistake(
                    "unexpected colon before duration in duration expression",
                    at: SourceRange(position, position), kind: .characters)
            }
            if hasColon {
                throw Mistake(
                    "unexpected repeated colon in duration expression",
                    at: SourceRange(position, position), kind: .characters)
            }
            emit(.colon)
            hasColon = true
        case UInt8(ascii: "("):
            emit(.leftParenthesis)
            parenthesisDepth += 1
        case UInt8(ascii: ")"):
            parenthesisDepth -= 1
            if parenthesisDepth < 0 { throw strayParenthesis() }
            emit(.rightParenthesis)
        case UInt8(ascii: "+"): emit(.binary(.add))
        case UInt8(ascii: "-"): emit(.binary(.subtract))
        case UInt8(ascii: "*"): emit(.binary(.multiply))
        case UInt8(ascii: "/"): emit(.binary(.divide))
        case UInt8(ascii: "%"): emit(.binary(.modulo))
        case UInt8(ascii: "^"): emit(.binary(.power))
        case UInt8(ascii: ","): emit(.comma)
        case _ where Self.isDigit(byte) || (byte == UInt8(ascii: ".") && peekIsDigit):
            position -= 1
            hasDuration = true
            try numberOrDuration()
            return .plain
        default:
            guard Self.isLetter(byte), durationKeyword() else {
                throw mistake(
                    "unexpected character in duration expression: \(scalarWords(at: start))")
            }
            hasDuration = true
        }
        return .duration
    }

    private mutating func braces() throws(Mistake) -> Place {
        guard let byte = next() else {
            throw mistake("unexpected end of input inside braces")
        }
        switch byte {
        case UInt8(ascii: ","): emit(.comma)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): try string(byte)
        case UInt8(ascii: "`"): try rawString()
        case UInt8(ascii: "="): emit(accept("~") ? .matches : .assign)
        case UInt8(ascii: "!"):
            if accept("~") {
                emit(.notMatches)
            } else if accept("=") {
                emit(.binary(.notEqual))
            } else {
                throw mistake(
                    "unexpected character after '!' inside braces: \(scalarWords(at: position))")
            }
        case UInt8(ascii: "{"): throw mistake("unexpected left brace '{'")
        case UInt8(ascii: "}"):
            emit(.rightBrace)
            return .plain
        case _ where Self.isLetter(byte):
            while let byte = peek, Self.isLetter(byte) || Self.isDigit(byte) { position += 1 }
            emit(.identifier)
        default:
            throw mistake("unexpected character inside braces: \(scalarWords(at: start))")
        }
        return .braces
    }

    // MARK: Words

    private mutating func keywordOrIdentifier() {
        while let byte = peek,
            Self.isLetter(byte) || Self.isDigit(byte) || byte == UInt8(ascii: ":")
        {
            position += 1
        }
        var kind = Self.kind(ofWord: text)
        switch kind {
        case .keyword(.fill), .keyword(.fillLeft), .keyword(.fillRight):
            // These are words of their own only in front of a parenthesis.
            let following = bytes[position...].first { !Self.isSpace($0) }
            if following != UInt8(ascii: "(") { kind = .identifier }
        default: break
        }
        emit(kind)
    }

    private static func kind(ofWord word: String) -> Token.Kind {
        let lowercase = word.lowercased()
        switch lowercase {
        case "and": return .binary(.and)
        case "or": return .binary(.or)
        case "unless": return .binary(.unless)
        case "atan2": return .binary(.atan2)
        case "inf", "nan": return .number
        default: break
        }
        if let operation = AggregationOperator(rawValue: lowercase) {
            return .aggregation(operation)
        }
        if let keyword = Token.Keyword(rawValue: lowercase) { return .keyword(keyword) }
        return word.utf8.contains(UInt8(ascii: ":")) ? .metricIdentifier : .identifier
    }

    // MARK: Characters

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }
    var peekIsDigit: Bool { peek.map(Self.isDigit) ?? false }

    mutating func next() -> UInt8? {
        guard position < bytes.count else { return nil }
        position += 1
        return bytes[position - 1]
    }

    mutating func accept(_ character: Unicode.Scalar) -> Bool {
        guard let byte = peek, Unicode.Scalar(byte) == character else { return false }
        position += 1
        return true
    }

    mutating func acceptAny(_ characters: String) -> Bool {
        guard let byte = peek, characters.utf8.contains(byte) else { return false }
        position += 1
        return true
    }

    var text: String { String(decoding: bytes[start..<position], as: UTF8.self) }

    mutating func emit(_ kind: Token.Kind) {
        tokens.append(Token(kind: kind, text: text, lower: start, upper: position))
    }

    /// Prometheus tells its place after the parenthesis.
    private func strayParenthesis() -> Mistake {
        Mistake(
            "unexpected right parenthesis ')'", at: SourceRange(position, position),
            kind: .characters)
    }

    func mistake(_ message: String) -> Mistake {
        Mistake(message, at: SourceRange(start, position), kind: .characters)
    }

    private func scalarLength(at offset: Int) -> Int {
        switch bytes[offset] {
        case 0..<0xc0: 1
        case 0xc0..<0xe0: min(2, bytes.count - offset)
        case 0xe0..<0xf0: min(3, bytes.count - offset)
        default: min(4, bytes.count - offset)
        }
    }

    private func scalar(at offset: Int) -> Unicode.Scalar? {
        guard offset < bytes.count else { return nil }
        let piece = bytes[offset..<offset + scalarLength(at: offset)]
        return String(decoding: piece, as: UTF8.self).unicodeScalars.first
    }

    /// Whether U+FFFD stands here, which is what becomes of bytes that are no UTF-8.
    func isReplacement(at offset: Int) -> Bool {
        bytes[offset] == 0xef && scalar(at: offset) == "\u{fffd}"
    }

    func scalarWords(at offset: Int) -> String {
        // Go reads −1 behind the end and prints it as the replacement character.
        GoText.quoted(scalar(at: offset) ?? "\u{fffd}")
    }

    /// `U+0078 'x'`.
    func codePoint(at offset: Int) -> String {
        guard let scalar = scalar(at: offset) else { return "U+FFFD" }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return "U+\(padded)" + (GoText.isPrintable(scalar) ? " '\(scalar)'" : "")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    static func isDigit(_ byte: UInt8, _ isHexadecimal: Bool) -> Bool {
        isDigit(byte)
            || (isHexadecimal && byte | 0x20 >= UInt8(ascii: "a")
                && byte | 0x20 <= UInt8(ascii: "f"))
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_")
            || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
    }
}
