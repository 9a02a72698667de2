/// The lines that say when the counting of samples began: `up{job="api"}@st -30s 0s+1mx3 _` about
/// the series below, `@st -1m` about all of them.
enum StartTimes {
    private static let maximumPoints = 1_000_000

    /// The parts of such a line; nil where the line is none. The mark stands at the end of its first
    /// word.
    static func line(_ text: Substring) -> (series: Substring, offsets: Substring)? {
        guard let end = text.firstIndex(where: \.isBlank), text[..<end].hasSuffix("@st") else {
            return nil
        }
        return (text[..<end].dropLast(3), text[end...].withoutBlanks)
    }

    /// The distances to the samples' own times, milliseconds.
    static func offsets(_ text: Substring) throws(ScriptMistake) -> [Int64?] {
        var result: [Int64?] = []
        var words = ScriptWords(text)
        while true {
            let word = words.next()
            if word.isEmpty { return result }
            let before = result.last { $0 != nil }.flatMap { $0 } ?? 0
            result += try item(word, before: before)
            if result.count > maximumPoints { throw ScriptMistake("too many points") }
        }
    }

    /// `_`, `_x3`, `*` (the one before), `*x3`, `-30s`, `-30sx3`, `0s+1mx3`.
    private static func item(
        _ word: Substring, before: Int64
    ) throws(ScriptMistake) -> [Int64?] {
        let mistake = ScriptMistake("invalid @st item '\(word)'")
        var body = word
        var repetitions: Int?
        if let mark = word.lastIndex(of: "x") {
            guard let count = Int(word[word.index(after: mark)...]), count >= 0,
                count <= maximumPoints
            else { throw mistake }
            repetitions = count
            body = word[..<mark]
        }
        if body == "_" { return [Int64?](repeating: nil, count: repetitions ?? 1) }
        let count = (repetitions ?? 0) + 1
        if body == "*" { return [Int64?](repeating: before, count: count) }
        let sign = body.dropFirst().firstIndex { $0 == "+" || $0 == "-" }
        let first = try signed(sign.map { body[..<$0] } ?? body)
        guard let sign else { return [Int64?](repeating: first, count: count) }
        if repetitions == nil { throw mistake }
        let step = try signed(body[sign...])
        return (0..<Int64(count)).map { first + $0 * step }
    }

    private static func signed(_ text: Substring) throws(ScriptMistake) -> Int64 {
        if text.first == "-" { return -(try ScriptDuration.milliseconds(text.dropFirst())) }
        return try ScriptDuration.milliseconds(text.first == "+" ? text.dropFirst() : text)
    }
}
