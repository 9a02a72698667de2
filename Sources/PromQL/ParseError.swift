/// Why a text is no query, in Prometheus's words and at its place.
public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, without its place.
    public var message: String
    /// Where, in bytes of the query.
    public var source: Range<Int>
    /// Line and column, from 1; columns count bytes.
    public var line: Int
    public var column: Int

    init(_ message: String, at source: SourceRange, in query: [UInt8]) {
        self.message = message
        self.source = source.lower..<max(source.lower, source.upper)
        line = 1
        column = 1
        for byte in query.prefix(source.lower) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
    }

    /// `1:7: parse error: unexpected character: '.'`.
    public var description: String { "\(line):\(column): parse error: \(message)" }
}

/// A mistake before its line and column are known.
struct Mistake: Error {
    var message: String
    var source: SourceRange

    init(_ message: String, at source: SourceRange) {
        self.message = message
        self.source = source
    }
}
