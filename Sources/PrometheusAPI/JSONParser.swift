import TimeSeries

extension JSONValue {
    /// Reads a whole JSON text.
    public init(
        parsing bytes: [UInt8], limits: DecodingLimits = .standard
    ) throws(DecodingFailure) {
        var parser = JSONParser(limits: limits)
        self = try parser.parse(bytes.span)
    }
}

/// Reads JSON that is there as a whole.
private struct JSONParser {
    let limits: DecodingLimits
    var tokens: TokenReader
    var offset = 0

    init(limits: DecodingLimits) {
        self.limits = limits
        tokens = TokenReader(maximumTextBytes: limits.maximumTextBytes)
    }

    mutating func parse(_ bytes: Span<UInt8>) throws(DecodingFailure) -> JSONValue {
        let value = try value(bytes, depth: 0)
        skipSpace(bytes)
        guard offset == bytes.count else { throw .notJSON(offset: offset) }
        return value
    }

    private mutating func value(
        _ bytes: Span<UInt8>, depth: Int
    ) throws(DecodingFailure) -> JSONValue {
        guard depth < limits.maximumDepth else {
            throw .limit(.depth, maximum: limits.maximumDepth)
        }
        switch try next(bytes) {
        case UInt8(ascii: "{"): return .object(try members(bytes, depth: depth))
        case UInt8(ascii: "["): return .array(try elements(bytes, depth: depth))
        case UInt8(ascii: "\""): return .string(try text(bytes))
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): return try number(bytes)
        case let first
        where first == UInt8(ascii: "n") || first == UInt8(ascii: "t")
            || first == UInt8(ascii: "f"):
            guard try tokens.readLiteral(bytes, &offset) else { throw truncated(bytes) }
            return first == UInt8(ascii: "n") ? .null : .bool(first == UInt8(ascii: "t"))
        case UInt8(ascii: "<") where depth == 0: throw .html
        default: throw .notJSON(offset: offset)
        }
    }

    private mutating func members(
        _ bytes: Span<UInt8>, depth: Int
    ) throws(DecodingFailure) -> [JSONValue.Member] {
        offset += 1
        var members: [JSONValue.Member] = []
        while true {
            let first = try next(bytes)
            if first == UInt8(ascii: "}"), members.isEmpty { break }
            guard first == UInt8(ascii: "\"") else { throw .notJSON(offset: offset) }
            let name = try text(bytes)
            guard try next(bytes) == UInt8(ascii: ":") else { throw .notJSON(offset: offset) }
            offset += 1
            members.append(JSONValue.Member(name, try value(bytes, depth: depth + 1)))
            guard try goesOn(bytes, until: UInt8(ascii: "}")) else { break }
        }
        offset += 1
        return members
    }

    private mutating func elements(
        _ bytes: Span<UInt8>, depth: Int
    ) throws(DecodingFailure) -> [JSONValue] {
        offset += 1
        var elements: [JSONValue] = []
        while true {
            if try next(bytes) == UInt8(ascii: "]"), elements.isEmpty { break }
            elements.append(try value(bytes, depth: depth + 1))
            guard try goesOn(bytes, until: UInt8(ascii: "]")) else { break }
        }
        offset += 1
        return elements
    }

    /// Passes a comma; false at the end, which is not passed.
    private mutating func goesOn(
        _ bytes: Span<UInt8>, until end: UInt8
    ) throws(DecodingFailure) -> Bool {
        let byte = try next(bytes)
        if byte == UInt8(ascii: ",") {
            offset += 1
            return true
        }
        guard byte == end else { throw .notJSON(offset: offset) }
        return false
    }

    private mutating func text(_ bytes: Span<UInt8>) throws(DecodingFailure) -> String {
        guard let text = try tokens.readText(bytes, &offset) else { throw truncated(bytes) }
        return tokens.string(text, of: bytes)
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(DecodingFailure) -> JSONValue {
        let start = offset
        while offset < bytes.count, TokenReader.isOfNumber(bytes[offset]) { offset += 1 }
        let text = bytes.extracting(start..<offset)
        if let integer = text.withUnsafeBufferPointer({ Int64(String(decoding: $0, as: UTF8.self)) }
        ) {
            return .integer(integer)
        }
        guard let number = text.withUnsafeBufferPointer({ NumberText.read($0) }) else {
            throw .notJSON(offset: start)
        }
        return .number(number)
    }

    /// The next byte that is no white space.
    private mutating func next(_ bytes: Span<UInt8>) throws(DecodingFailure) -> UInt8 {
        skipSpace(bytes)
        guard offset < bytes.count else { throw truncated(bytes) }
        return bytes[offset]
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while offset < bytes.count, TokenReader.isSpace(bytes[offset]) { offset += 1 }
    }

    private func truncated(_ bytes: Span<UInt8>) -> DecodingFailure {
        .truncated(offset: bytes.count)
    }
}
