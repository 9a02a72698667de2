/// Why a text is no query, in Prometheus's words and at its place.
public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which part of the reader refused the text; free of what the user wrote.
    public enum Kind: String, Hashable, Sendable {
        /// Characters that make no word of the language.
        case characters
        /// Words in an order that is no query.
        case grammar
        /// A query whose parts do not fit each other: types, numbers of arguments, matching.
        case types
        /// A query that nests deeper than `ParseOptions.maximumDepth`.
        case depth
    }

    public var kind: Kind
    /// What is wrong, without its place.
    public var message: String
    /// Where, in bytes of the query.
    public var source: Range<Int>
    /// Line and column, from 1; columns count bytes. Nil where the whole text is meant.
    public var place: Place?

    public struct Place: Hashable, Sendable {
        public var line: Int
        public var column: Int
    }

    init(_ mistake: Mistake, in query: [UInt8]) {
        kind = mistake.kind
        message = mistake.message
        source = mistake.source.lower..<max(mistake.source.lower, mistake.source.upper)
        var place = Place(line: 1, column: 1)
        for byte in query.prefix(mistake.source.lower) {
            if byte == UInt8(ascii: "\n") {
                place.line += 1
                place.column = 1
            } else {
                place.column += 1
            }
        }
        self.place = place
    }

    /// A complaint about the whole text.
    init(_ message: String, kind: Kind, of query: [UInt8]) {
        self.kind = kind
        self.message = message
        source = 0..<query.count
    }

    /// `1:7: parse error: unexpected character: '.'`.
    public var description: String {
        guard let place else { return message }
        return "\(place.line):\(place.column): parse error: \(message)"
    }
}

/// A mistake before its line and column are known.
struct Mistake: Error {
    var message: String
    var source: SourceRange
    var kind: ParseError.Kind

    init(_ message: String, at source: SourceRange, kind: ParseError.Kind = .grammar) {
        self.message = message
        self.source = source
        self.kind = kind
    }
}
