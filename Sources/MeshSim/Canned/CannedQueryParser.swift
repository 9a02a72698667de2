/// Reads a `CannedQuery` from its text.
struct CannedQueryParser {
    private var rest: Substring

    static func parse(_ text: String) throws(CannedRefusal) -> CannedQuery {
        var parser = CannedQueryParser(rest: text[...])
        let query = try parser.union()
        parser.skipSpace()
        guard parser.rest.isEmpty else { throw parser.refusal("an end") }
        return query
    }

    // MARK: Operators

    private mutating func union() throws(CannedRefusal) -> CannedQuery {
        var query = try scaled()
        while takeWord("or") { query = .union(query, try scaled()) }
        return query
    }

    private mutating func scaled() throws(CannedRefusal) -> CannedQuery {
        var query = try operand()
        while let sign = takeSign() {
            guard case .number(let number) = try operand() else {
                throw refusal("a number behind \(sign)")
            }
            query = .scaled(query, sign, by: number)
        }
        return query
    }

    private mutating func takeSign() -> String? {
        skipSpace()
        for sign in [">=", "<=", "!=", "==", ">", "<", "*", "/"] where rest.hasPrefix(sign) {
            rest = rest.dropFirst(sign.count)
            return sign
        }
        return nil
    }

    // MARK: Operands

    private static let operators: Set<String> = ["sum", "count", "group", "min", "max"]
    private static let functions: Set<String> = [
        "rate", "irate", "last_over_time", "max_over_time", "round", "timestamp",
        "label_replace", "vector",
    ]

    private mutating func operand() throws(CannedRefusal) -> CannedQuery {
        skipSpace()
        if take("(") {
            let query = try union()
            guard take(")") else { throw refusal("a closing parenthesis") }
            return try behind(query)
        }
        if rest.first == "{" { return try behind(.selector(try matchers())) }
        if let first = rest.first, first.isNumber || first == "-" {
            let text = rest.prefix { $0.isNumber || ".-+e".contains($0) }
            rest = rest.dropFirst(text.count)
            guard let number = Double(text) else { throw refusal("a number") }
            return .number(number)
        }
        let name = word(":")
        guard !name.isEmpty else { throw refusal("an expression") }
        if Self.operators.contains(name) { return try aggregate(name) }
        if Self.functions.contains(name) { return try call(name) }
        skipSpace()
        guard rest.first != "(" else {
            throw CannedRefusal(message: "canned clusters do not know \(name)()")
        }
        var conditions = try rest.first == "{" ? matchers() : []
        if let named = CannedMatcher(label: "__name__", comparison: "=", value: name) {
            conditions.insert(named, at: 0)
        }
        return try behind(.selector(conditions))
    }

    /// Ranges, offsets and times behind a selector: nothing here changes with the time.
    private mutating func behind(_ query: CannedQuery) throws(CannedRefusal) -> CannedQuery {
        while true {
            if take("[") {
                guard let end = rest.firstIndex(of: "]") else { throw refusal("a bracket") }
                rest = rest[rest.index(after: end)...]
            } else if takeWord("offset") {
                skipSpace()
                rest = rest.drop { $0.isNumber || $0.isLetter || $0 == "-" }
            } else if take("@") {
                skipSpace()
                rest = rest.drop { $0.isNumber || $0 == "." }
            } else {
                return query
            }
        }
    }

    private mutating func aggregate(_ name: String) throws(CannedRefusal) -> CannedQuery {
        var isWithout = false
        var labels: [String] = []
        try grouping(&isWithout, &labels)
        guard take("(") else { throw refusal("an opening parenthesis") }
        let inner = try union()
        guard take(")") else { throw refusal("a closing parenthesis") }
        try grouping(&isWithout, &labels)
        return .aggregate(name, isWithout: isWithout, labels: labels, inner)
    }

    /// `by (…)` or `without (…)`, before or behind what is aggregated.
    private mutating func grouping(
        _ isWithout: inout Bool, _ labels: inout [String]
    ) throws(CannedRefusal) {
        if takeWord("without") {
            isWithout = true
            labels = try labelNames()
        } else if takeWord("by") {
            labels = try labelNames()
        }
    }

    private mutating func labelNames() throws(CannedRefusal) -> [String] {
        guard take("(") else { throw refusal("labels") }
        var names: [String] = []
        while !take(")") {
            skipSpace()
            let name = word("")
            guard !name.isEmpty else { throw refusal("a label") }
            names.append(name)
            _ = take(",")
        }
        return names
    }

    private mutating func call(_ name: String) throws(CannedRefusal) -> CannedQuery {
        guard take("(") else { throw refusal("an opening parenthesis") }
        var arguments: [CannedQuery] = []
        var texts: [String] = []
        while !take(")") {
            skipSpace()
            if let first = rest.first, first == "\"" || first == "'" {
                texts.append(try text())
            } else {
                arguments.append(try union())
            }
            _ = take(",")
        }
        return try behind(.call(name, arguments, texts: texts))
    }

    // MARK: Selectors

    private mutating func matchers() throws(CannedRefusal) -> [CannedMatcher] {
        guard take("{") else { throw refusal("matchers") }
        var found: [CannedMatcher] = []
        while !take("}") {
            skipSpace()
            let label = word("")
            skipSpace()
            let comparison = rest.prefix { "=!~".contains($0) }
            rest = rest.dropFirst(comparison.count)
            let value = try text()
            guard !label.isEmpty,
                let matcher = CannedMatcher(
                    label: label, comparison: String(comparison), value: value)
            else { throw refusal("a matcher") }
            found.append(matcher)
            _ = take(",")
        }
        return found
    }

    // MARK: Words

    /// A quoted text, with its escapes taken out.
    private mutating func text() throws(CannedRefusal) -> String {
        skipSpace()
        guard let quote = rest.first, "\"'`".contains(quote) else { throw refusal("a text") }
        rest = rest.dropFirst()
        var text = ""
        while let character = rest.popFirst() {
            if character == quote { return text }
            if character == "\\", quote != "`", let escaped = rest.popFirst() {
                text.append(escaped == "n" ? "\n" : escaped)
            } else {
                text.append(character)
            }
        }
        throw refusal("a closing quote")
    }

    private mutating func word(_ further: String) -> String {
        let word = rest.prefix {
            $0.isLetter || $0.isNumber || $0 == "_" || further.contains($0)
        }
        rest = rest.dropFirst(word.count)
        return String(word)
    }

    private mutating func takeWord(_ wanted: String) -> Bool {
        skipSpace()
        guard rest.hasPrefix(wanted) else { return false }
        let behind = rest.dropFirst(wanted.count)
        if let next = behind.first, next.isLetter || next.isNumber || next == "_" { return false }
        rest = behind
        return true
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpace()
        guard rest.first == character else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func skipSpace() { rest = rest.drop { $0.isWhitespace } }

    private func refusal(_ expected: String) -> CannedRefusal {
        CannedRefusal(
            message: "canned clusters expected \(expected) before '\(rest.prefix(40))'")
    }
}
