/// The part of PromQL that canned clusters answer: selectors, rates, aggregations, `or`,
/// `label_replace`, and numbers beside them. What is not of it is refused, never answered wrongly.
indirect enum CannedQuery: Sendable {
    /// `metric{label="value"}`, with or without a range.
    case selector([CannedMatcher])
    /// `name(…)`: its arguments of each kind, in their order.
    case call(String, [CannedQuery], texts: [String])
    /// `operator by (labels) (…)`; without labels' list it is `by ()`.
    case aggregate(String, isWithout: Bool, labels: [String], CannedQuery)
    /// `… > 0`, `… * 1000`.
    case scaled(CannedQuery, String, by: Double)
    /// `… or …`.
    case union(CannedQuery, CannedQuery)
    case number(Double)
}

/// A condition on a label.
struct CannedMatcher: Sendable {
    var label: String
    var isNegated: Bool
    var condition: Condition

    enum Condition: Sendable {
        case oneOf(Set<String>)
        /// `.+`, where it is negated nothing.
        case anything
        case pattern(String)
    }

    /// `=`, `!=`, `=~` or `!~`. A pattern that only lists words is a set of them.
    init?(label: String, comparison: String, value: String) {
        self.label = label
        isNegated = comparison.hasPrefix("!")
        switch comparison {
        case "=", "!=": condition = .oneOf([value])
        case "=~", "!~":
            if value == ".+" {
                condition = .anything
            } else if let words = Self.alternatives(value) {
                condition = .oneOf(words)
            } else {
                guard (try? Regex(value)) != nil else { return nil }
                condition = .pattern(value)
            }
        default: return nil
        }
    }

    func isMet(by value: String) -> Bool {
        let isFound: Bool
        switch condition {
        case .oneOf(let values): isFound = values.contains(value)
        case .anything: isFound = !value.isEmpty
        case .pattern(let text):
            // Read before, so that it is known to be one.
            isFound = (try? Regex(text).wholeMatch(in: value)) != nil
        }
        return isFound != isNegated
    }

    /// `a|b\.c`, perhaps in parentheses, as a set; nil where there is more to it.
    private static func alternatives(_ pattern: String) -> Set<String>? {
        var text = pattern[...]
        for opening in ["(?:", "("] where text.hasPrefix(opening) && text.hasSuffix(")") {
            text = text.dropFirst(opening.count).dropLast()
            break
        }
        var words: Set<String> = []
        var word = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                guard !character.isLetter, !character.isNumber else { return nil }
                word.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "|" {
                words.insert(word)
                word = ""
            } else if ".+*?()[]{}^$".contains(character) {
                return nil
            } else {
                word.append(character)
            }
        }
        words.insert(word)
        return words
    }
}

/// Why a query is not answered.
struct CannedRefusal: Error {
    var message: String
}
