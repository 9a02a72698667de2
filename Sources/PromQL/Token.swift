import TimeSeries

/// One word of a query.
struct Token: Hashable {
    var kind: Kind
    /// The word as it is written.
    var text: String
    /// Bytes of the query: from the first to behind the last.
    var lower: Int
    var upper: Int

    enum Kind: Hashable {
        case end
        case identifier
        /// An identifier with a colon in it.
        case metricIdentifier
        case string
        case number
        case duration
        case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket
        case comma, colon
        /// A single `=`, and `=~`, `!~` inside braces.
        case assign, matches, notMatches
        case at
        case binary(BinaryOperator)
        case aggregation(AggregationOperator)
        case keyword(Keyword)
    }

    /// Words with a meaning; nearly all may also be names of metrics or labels.
    enum Keyword: String, Hashable, CaseIterable {
        case offset, smoothed, anchored, by, without, on, ignoring, bool, start, end, step, range
        case groupLeft = "group_left"
        case groupRight = "group_right"
        case fill
        case fillLeft = "fill_left"
        case fillRight = "fill_right"
    }

    var source: SourceRange { SourceRange(lower, upper) }

    /// The token as an error message names it.
    var words: String {
        switch kind {
        case .end: return "end of input"
        case .identifier: return "identifier " + GoText.quoted(text)
        case .metricIdentifier: return "metric identifier " + GoText.quoted(text)
        case .string: return "string " + shortened
        case .number: return "number " + shortened
        case .duration: return "duration " + shortened
        case .binary, .matches, .notMatches, .at: return "<op:\(text)>"
        case .aggregation: return "<aggr:\(text)>"
        case .keyword(.start), .keyword(.end), .keyword(.step), .keyword(.range):
            return shortened
        case .keyword: return "<\(text)>"
        case .leftParenthesis, .rightParenthesis, .leftBrace, .rightBrace, .leftBracket,
            .rightBracket, .comma, .colon, .assign:
            return GoText.quoted(text)
        }
    }

    private var shortened: String {
        // Ten bytes are counted, ten characters are shown.
        text.utf8.count > 10
            ? GoText.quoted(String(text.unicodeScalars.prefix(10).map(Character.init))) + "..."
            : GoText.quoted(text)
    }
}
