/// How the sides of an operator find each other.
extension Parser {
    /// `on (a) group_left (b) fill (0)`; nil where nothing of it is written, or only `ignoring ()`.
    mutating func matching() throws(Mistake) -> VectorMatching? {
        var matching = VectorMatching()
        var isWritten = false
        if try accept(.keyword(.on)) != nil {
            matching.labels = .on(try groupingLabels())
            isWritten = true
        } else if try accept(.keyword(.ignoring)) != nil {
            matching.labels = .ignoring(try groupingLabels())
            isWritten = true
        }
        if isWritten, try accept(.keyword(.groupLeft)) != nil {
            matching.cardinality = .manyToOne
            matching.include = try includedLabels()
        } else if isWritten, try accept(.keyword(.groupRight)) != nil {
            matching.cardinality = .oneToMany
            matching.include = try includedLabels()
        }
        isWritten = try fills(&matching) || isWritten
        return isWritten && matching != VectorMatching() ? matching : nil
    }

    /// The labels behind `group_left` or `group_right`, which may be missing.
    private mutating func includedLabels() throws(Mistake) -> [String] {
        let token = try peeked()
        if token.kind != .leftParenthesis, beginsExpression(token) { return [] }
        return try groupingLabels()
    }

    /// `fill (a)`, or one or both of `fill_left (a)` and `fill_right (b)`; false where none follows.
    private mutating func fills(_ matching: inout VectorMatching) throws(Mistake) -> Bool {
        if try accept(.keyword(.fill)) != nil {
            let value = try fillValue()
            matching.fillLeft = value
            matching.fillRight = value
            return true
        }
        if try accept(.keyword(.fillLeft)) != nil {
            matching.fillLeft = try fillValue()
            if try accept(.keyword(.fillRight)) != nil { matching.fillRight = try fillValue() }
            return true
        }
        guard try accept(.keyword(.fillRight)) != nil else { return false }
        matching.fillRight = try fillValue()
        if try accept(.keyword(.fillLeft)) != nil { matching.fillLeft = try fillValue() }
        return true
    }

    private mutating func fillValue() throws(Mistake) -> Double {
        _ = try expect(.leftParenthesis)
        let value = try signedNumber()
        _ = try expect(.rightParenthesis)
        return value
    }
}
