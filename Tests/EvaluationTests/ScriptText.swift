import TimeSeries

/// The small texts of Prometheus's test scripts.
enum ScriptText {
    struct Malformed: Error {
        var text: String
    }

    /// Words one by one, and what is behind them.
    struct Words {
        private(set) var rest: Substring

        init(_ text: Substring) { rest = text.trimmed }

        mutating func next() -> Substring {
            let word = rest.prefix { $0 != " " && $0 != "\t" }
            rest = rest[word.endIndex...].trimmed
            return word
        }
    }

    /// `5m`, `1h30m`, `300`, `-1.5` in milliseconds; bare numbers are seconds.
    static func milliseconds(_ text: Substring) throws -> Int64 {
        if let seconds = NumberText.read(String(text)) { return Int64(seconds * 1000) }
        let units: [Substring: Int64] = [
            "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
            "y": 31_536_000_000,
        ]
        var result: Int64 = 0
        var rest = text
        let sign: Int64 = rest.first == "-" ? -1 : 1
        if sign < 0 { rest = rest.dropFirst() }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber }
            let unit = rest.dropFirst(digits.count).prefix { $0.isLetter }
            guard let number = Int64(digits), let length = units[unit] else {
                throw Malformed(text: String(text))
            }
            result += number * length
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return sign * result
    }

    // MARK: Series

    /// `up{job="api"} 1 2 3` as its labels and the rest.
    static func series(_ line: Substring) throws -> (labels: Labels, rest: Substring) {
        var builder = LabelsBuilder()
        let name = line.prefix { $0 != "{" && $0 != " " && $0 != "\t" }
        builder.set(Labels.metricNameLabel, String(name))
        var rest = line[name.endIndex...]
        guard rest.first == "{", !rest.hasPrefix("{{") else {
            return (builder.labels(), rest.trimmed)
        }
        rest = rest.dropFirst().trimmed
        while let first = rest.first, first != "}" {
            let label = first == "\"" ? try quoted(&rest) : word(&rest)
            rest = rest.trimmed
            if rest.first == "=" {
                rest = rest.dropFirst().trimmed
                builder.set(label, try quoted(&rest))
            } else {
                builder.set(Labels.metricNameLabel, label)
            }
            rest = rest.trimmed
            if rest.first == "," { rest = rest.dropFirst().trimmed }
        }
        return (builder.labels(), rest.dropFirst().trimmed)
    }

    private static func word(_ rest: inout Substring) -> String {
        let word = rest.prefix { !"=},\" \t".contains($0) }
        rest = rest[word.endIndex...]
        return String(word)
    }

    /// Takes a quoted text off the front.
    private static func quoted(_ rest: inout Substring) throws -> String {
        guard let quote = rest.first, "\"'`".contains(quote) else {
            throw Malformed(text: String(rest))
        }
        var result = ""
        var isEscaped = false
        rest = rest.dropFirst()
        while let next = rest.first {
            rest = rest.dropFirst()
            if isEscaped {
                result.append(next == "n" ? "\n" : next == "t" ? "\t" : next)
                isEscaped = false
            } else if next == "\\", quote != "`" {
                isEscaped = true
            } else if next == quote {
                return result
            } else {
                result.append(next)
            }
        }
        throw Malformed(text: result)
    }

    static func unquoted(_ text: Substring) -> String {
        var rest = text
        return (try? quoted(&rest)) ?? String(text)
    }

    // MARK: Points

    /// `1 2+3x4 _ stale {{count:1}}x2`.
    static func points(_ text: Substring) throws -> [PromQLScript.Point] {
        var result: [PromQLScript.Point] = []
        var rest = text.trimmed
        while !rest.isEmpty {
            if rest.hasPrefix("{{") {
                result += histograms(&rest)
            } else {
                let token = rest.prefix { $0 != " " && $0 != "\t" }
                rest = rest[token.endIndex...]
                if token == "#" { break }
                result += try points(ofToken: token)
            }
            rest = rest.trimmed
        }
        return result
    }

    /// `{{…}}`, `{{…}}x3`, `{{…}}+{{…}}x3`.
    private static func histograms(_ rest: inout Substring) -> [PromQLScript.Point] {
        while let range = rest.firstRange(of: "}}") {
            rest = rest[range.upperBound...]
            guard let sign = rest.first, "+-".contains(sign), rest.dropFirst().hasPrefix("{{")
            else { break }
        }
        guard rest.first == "x" else { return [.histogram] }
        let digits = rest.dropFirst().prefix { $0.isNumber }
        rest = rest[digits.endIndex...]
        return [PromQLScript.Point](repeating: .histogram, count: (Int(digits) ?? 0) + 1)
    }

    private static func points(ofToken token: Substring) throws -> [PromQLScript.Point] {
        var body = token
        var times = 0
        var isRepeated = false
        if let mark = token.lastIndex(of: "x"), let count = Int(token[mark...].dropFirst()) {
            body = token[..<mark]
            times = count
            isRepeated = true
        }
        if body == "_" {
            return [PromQLScript.Point](repeating: .none, count: max(1, times))
        }
        if body == "stale" { return [.stale] }
        var (value, step) = (0.0, 0.0)
        if let number = NumberText.read(String(body)) {
            value = number
        } else {
            guard isRepeated,
                let sign = body.indices.dropFirst().last(where: {
                    "+-".contains(body[$0]) && !"eE".contains(body[body.index(before: $0)])
                }), let first = NumberText.read(String(body[..<sign])),
                let second = NumberText.read(String(body[sign...]))
            else { throw Malformed(text: String(token)) }
            (value, step) = (first, second)
        }
        var result: [PromQLScript.Point] = []
        for _ in 0...times {
            result.append(.value(value))
            value += step
        }
        return result
    }

    // MARK: Texts of errors and annotations

    /// `msg: text` or `regex: pattern`, without the place in the query behind it.
    static func rule(_ text: Substring) -> PromQLScript.TextRule? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let body = text[colon...].dropFirst().trimmed
        if text.hasPrefix("regex") {
            guard let place = body.ranges(of: " \\(").last else { return .matching(String(body)) }
            return .matching(String(body[..<place.lowerBound]))
        }
        return .exactly(withoutPlace(body))
    }

    /// A message without ` (1:5)` at its end.
    static func withoutPlace(_ text: Substring) -> String {
        guard text.last == ")", let open = text.lastIndex(of: "("),
            text[open...].dropFirst().dropLast().allSatisfy({ $0.isNumber || $0 == ":" })
        else { return String(text) }
        return String(text[..<open].trimmed)
    }
}

extension Substring {
    /// Without blanks at either end.
    var trimmed: Substring {
        var result = self
        while let first = result.first, first == " " || first == "\t" {
            result = result.dropFirst()
        }
        while let last = result.last, last == " " || last == "\t" || last == "\r" {
            result = result.dropLast()
        }
        return result
    }
}
