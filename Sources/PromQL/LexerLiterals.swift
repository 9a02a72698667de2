import TimeSeries

/// Strings, numbers and durations. Only their extent is found here; `Literals` has their values.
extension Lexer {
    // MARK: Strings

    /// A string whose quote was read.
    mutating func string(_ quote: UInt8) throws(Mistake) {
        while true {
            guard let byte = next(), byte != UInt8(ascii: "\n") else {
                throw mistake("unterminated quoted string")
            }
            if byte == quote { break }
            if byte == UInt8(ascii: "\\") {
                let offset = position
                guard let escaped = next() else { throw mistake("escape sequence not terminated") }
                try escape(escaped, quote: quote, at: offset)
            } else if isReplacement(at: position - 1) {
                throw mistake("invalid UTF-8 rune")
            }
        }
        emit(.string)
    }

    /// Checks an escape sequence whose first character was read.
    private mutating func escape(
        _ byte: UInt8, quote: UInt8, at offset: Int
    ) throws(Mistake) {
        let (length, radix): (Int, UInt64)
        switch byte {
        case UInt8(ascii: "a"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "v"), UInt8(ascii: "\\"), quote:
            return
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            (length, radix) = (3, 8)
            position = offset
        case UInt8(ascii: "x"): (length, radix) = (2, 16)
        case UInt8(ascii: "u"): (length, radix) = (4, 16)
        case UInt8(ascii: "U"): (length, radix) = (8, 16)
        default:
            throw mistake("unknown escape sequence \(codePoint(at: offset))")
        }
        var value: UInt64 = 0
        for _ in 0..<length {
            guard let digit = next() else { throw mistake("escape sequence not terminated") }
            guard let number = Character(Unicode.Scalar(digit)).hexDigitValue, number < radix else {
                throw mistake("illegal character \(codePoint(at: position - 1)) in escape sequence")
            }
            value = value * radix + UInt64(number)
        }
        let largest: UInt64 = length > 3 ? 0x10ffff : 255
        if value > largest || (0xd800..<0xe000).contains(value) {
            throw mistake("escape sequence is an invalid Unicode code point")
        }
    }

    /// A string in backquotes, of which the first was read.
    mutating func rawString() throws(Mistake) {
        while true {
            guard let byte = next() else { throw mistake("unterminated raw string") }
            if byte == UInt8(ascii: "`") { break }
            if isReplacement(at: position - 1) { throw mistake("invalid UTF-8 rune") }
        }
        emit(.string)
    }

    // MARK: Numbers

    /// A number or a duration, of which nothing was read.
    mutating func numberOrDuration() throws(Mistake) {
        if number() {
            emit(.number)
        } else if remainingDuration() {
            emit(.duration)
        } else {
            throw mistake("bad number or duration syntax: \(GoText.quoted(text))")
        }
    }

    /// Reads a number; false where what follows makes it none. It stops where Prometheus's lexer
    /// stops, because the message quotes what was read.
    private mutating func number() -> Bool {
        var isHexadecimal = false
        if accept("0"), acceptAny("xX") {
            _ = accept("_")
            isHexadecimal = true
        }
        _ = accept(".")
        if let byte = peek, Self.isDigit(byte, isHexadecimal) { position += 1 }
        var hasPoint = false
        var hasExponent = false
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "."):
                position += 1
                if hasPoint || acceptAny("_.") || isHexadecimal { return false }
                hasPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                position += 1
                if hasExponent { return false }
                hasExponent = true
                _ = acceptAny("+-")
                if acceptAny("._eE") || peek == nil { return false }
            case UInt8(ascii: "_"):
                position += 1
                if acceptAny("._eE") || peek == nil { return false }
            case _ where Self.isDigit(byte, isHexadecimal):
                while let byte = peek, Self.isDigit(byte, isHexadecimal) { position += 1 }
            default:
                return !Self.isLetter(byte)
            }
        }
        return true
    }

    /// Reads the unit behind a number and further numbers with units. Where a letter follows, that
    /// is part of what is wrong.
    private mutating func remainingDuration() -> Bool {
        guard acceptAny("smhdwy") else { return false }
        _ = accept("s")
        while peekIsDigit {
            while peekIsDigit { position += 1 }
            guard acceptAny("smhdw") else { return false }
            _ = accept("s")
        }
        guard let byte = peek, Self.isLetter(byte) || Self.isDigit(byte) else { return true }
        position += 1
        return false
    }
}
