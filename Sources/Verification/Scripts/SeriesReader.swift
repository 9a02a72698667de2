import PromQL
import TimeSeries

/// Reads series as scripts describe them: `up{job="api", "my.label"="x"} 1 2+3x4 _ stale`.
struct SeriesReader {
    /// More points than any script has; `1x99999999999` is a mistake.
    private static let maximumPoints = 1_000_000

    private let bytes: [UInt8]
    private var index = 0

    private init(_ text: Substring) { bytes = Array(text.utf8) }

    /// The series of a whole line.
    static func series(_ line: Substring) throws(ScriptMistake) -> SeriesDescription {
        var reader = SeriesReader(line)
        let labels = try reader.labels()
        return SeriesDescription(labels: labels, items: try reader.items())
    }

    /// The labels of a text that is nothing else.
    static func labels(_ text: Substring) throws(ScriptMistake) -> Labels {
        var reader = SeriesReader(text)
        let labels = try reader.labels()
        guard reader.isAtEnd else { throw reader.unexpected("a series") }
        return labels
    }

    /// The value of a quoted text that is nothing else.
    static func text(_ literal: Substring) throws(ScriptMistake) -> String {
        guard case .string(let literal)? = try? parse(String(literal)) else {
            throw ScriptMistake("a quoted text is required, got '\(literal)'")
        }
        return literal.value
    }

    // MARK: Bytes

    private var isAtEnd: Bool { index == bytes.count }
    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func isNext(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index + count <= bytes.count else { return false }
        return text.withUTF8Buffer { wanted in
            (0..<count).allSatisfy { bytes[index + $0] == wanted[$0] }
        }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        guard isNext(text) else { return false }
        index += text.utf8CodeUnitCount
        return true
    }

    private mutating func skipBlanks() {
        while let byte = next, Self.isBlank(byte) { index += 1 }
    }

    private mutating func take(while condition: (UInt8) -> Bool) -> String {
        let start = index
        while let byte = next, condition(byte) { index += 1 }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
            || byte == UInt8(ascii: "_")
    }

    private func unexpected(_ place: String) -> ScriptMistake {
        let rest = String(decoding: bytes[index...].prefix(20), as: UTF8.self)
        return ScriptMistake(
            isAtEnd ? "unexpected end in \(place)" : "unexpected '\(rest)' in \(place)")
    }

    // MARK: Labels

    private mutating func labels() throws(ScriptMistake) -> Labels {
        var builder = LabelsBuilder()
        if let first = next, Self.isDigit(first) { throw unexpected("a series") }
        let name = take { Self.isLetter($0) || Self.isDigit($0) || $0 == UInt8(ascii: ":") }
        builder.set(Labels.metricNameLabel, name)
        let afterName = index
        skipBlanks()
        guard next == UInt8(ascii: "{"), !isNext("{{") else {
            if name.isEmpty { throw unexpected("a series") }
            index = afterName
            return builder.labels()
        }
        index += 1
        skipBlanks()
        while !take("}") {
            let isQuoted = next.map(Self.isQuote) ?? false
            let label =
                isQuoted
                ? try quoted() : take { Self.isLetter($0) || Self.isDigit($0) }
            if label.isEmpty { throw unexpected("the labels of a series") }
            skipBlanks()
            if take("=") {
                skipBlanks()
                builder.set(label, try quoted())
            } else if isQuoted {
                builder.set(Labels.metricNameLabel, label)
            } else {
                throw unexpected("the labels of a series")
            }
            skipBlanks()
            if !take(","), next != UInt8(ascii: "}") {
                throw unexpected("the labels of a series")
            }
            skipBlanks()
        }
        return builder.labels()
    }

    private static func isQuote(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`")
    }

    private mutating func quoted() throws(ScriptMistake) -> String {
        guard let quote = next, Self.isQuote(quote) else {
            throw unexpected("the labels of a series")
        }
        let start = index
        index += 1
        while let byte = next, byte != quote {
            index += byte == UInt8(ascii: "\\") && quote != UInt8(ascii: "`") ? 2 : 1
        }
        guard index < bytes.count else {
            index = bytes.count
            throw unexpected("a quoted text")
        }
        index += 1
        return try Self.text(Substring(decoding: bytes[start..<index], as: UTF8.self))
    }

    // MARK: Points

    private mutating func items() throws(ScriptMistake) -> [SequenceItem] {
        var items: [SequenceItem] = []
        var count = 0
        while true {
            let before = index
            skipBlanks()
            if isAtEnd { return items }
            guard index > before else { throw unexpected("the points of a series") }
            let item = try item()
            count += item.count
            if count > Self.maximumPoints { throw ScriptMistake("too many points") }
            items.append(item)
        }
    }

    private mutating func item() throws(ScriptMistake) -> SequenceItem {
        if isNext("{{") { return try histograms() }
        if take("_") { return .omitted(count: try times() ?? 1) }
        let first = try value()
        if let count = try times() { return .floats(first: first, step: 0, count: count + 1) }
        guard next == UInt8(ascii: "+") || next == UInt8(ascii: "-") else {
            return .floats(first: first, step: 0, count: 1)
        }
        let step = try value()
        guard let count = try times() else { throw unexpected("the points of a series") }
        return .floats(first: first, step: step, count: count + 1)
    }

    /// `x3`.
    private mutating func times() throws(ScriptMistake) -> Int? {
        guard take("x") else { return nil }
        guard let count = Int(take(while: Self.isDigit)), count <= Self.maximumPoints else {
            throw ScriptMistake("invalid repetition in the points of a series")
        }
        return count
    }

    /// A number with or without a sign, or `stale`.
    private mutating func value() throws(ScriptMistake) -> Double {
        let isNegative = next == UInt8(ascii: "-")
        let isSigned = take("-") || take("+")
        let text: String
        if let byte = next, Self.isLetter(byte) {
            text = take { Self.isLetter($0) || Self.isDigit($0) }
            if text == "stale", !isSigned { return Absent.value }
            guard ["inf", "nan"].contains(text.lowercased()) else {
                index -= text.utf8.count
                throw unexpected("the points of a series")
            }
        } else {
            text = digits()
        }
        guard let magnitude = Self.number(text) else {
            index -= text.utf8.count
            throw unexpected("the points of a series")
        }
        return isNegative ? -magnitude : magnitude
    }

    /// Digits with a point, an exponent and underscores.
    private mutating func digits() -> String {
        let start = index
        while let byte = next {
            let isExponent = byte | 0x20 == UInt8(ascii: "e")
            guard
                Self.isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                    || isExponent
            else { break }
            index += 1
            if isExponent { _ = take("+") || take("-") }
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private static func number(_ text: String) -> Double? {
        // A leading zero means octal, as in queries, whose reader knows.
        if !text.hasPrefix("0"), !text.contains("_") { return NumberText.read(text) }
        guard case .number(let literal)? = try? parse(text), !literal.isDuration else {
            return nil
        }
        return literal.value
    }

    // MARK: Histograms

    private mutating func histograms() throws(ScriptMistake) -> SequenceItem {
        let text = Substring(decoding: bytes[index...], as: UTF8.self)
        var rest = text
        let histograms: [NativeHistogram]
        do {
            histograms = try NativeHistogram.readSeriesItem(from: &rest)
        } catch {
            throw ScriptMistake("a histogram that is none: \(error)")
        }
        index = bytes.count - rest.utf8.count
        // Of a run that grows the last histogram's words count, as in Prometheus's own reader.
        let item = text.prefix(text.count - rest.count)
        let last = item.split(separator: "{{").last ?? ""
        return .histograms(histograms, hasHint: last.contains("counter_reset_hint"))
    }
}
