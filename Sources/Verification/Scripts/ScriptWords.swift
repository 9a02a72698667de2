/// The words of a line one by one, and what is behind them.
struct ScriptWords {
    private(set) var rest: Substring

    init(_ text: Substring) { rest = text.withoutBlanks }

    /// The next word; empty at the end.
    mutating func next() -> Substring {
        let word = rest.prefix { !$0.isBlank }
        rest = rest[word.endIndex...].withoutBlanks
        return word
    }

    mutating func expect(_ word: Substring) throws(ScriptMistake) {
        let found = next()
        if found != word { throw ScriptMistake("expected '\(word)', got '\(found)'") }
    }
}

extension Character {
    /// Whether it separates words. A carriage return belongs to the end of a line.
    var isBlank: Bool { self == " " || self == "\t" || self == "\r" || self == "\r\n" }
}

extension Substring {
    /// Without blanks at either end.
    var withoutBlanks: Substring {
        let front = drop(while: \.isBlank)
        guard let last = front.lastIndex(where: { !$0.isBlank }) else { return front.prefix(0) }
        return front[...last]
    }
}

/// The durations of scripts, which are Prometheus's: `5m`, `1h30m`, `250ms`, and `0`.
enum ScriptDuration {
    private static let units: [(name: Substring, milliseconds: Int64)] = [
        ("y", 31_536_000_000), ("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000),
        ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    static func milliseconds(_ text: Substring) throws(ScriptMistake) -> Int64 {
        let mistake = ScriptMistake("not a valid duration: '\(text)'")
        if text == "0" { return 0 }
        if text.isEmpty { throw ScriptMistake("a duration is missing") }
        var rest = text
        var result: Int64 = 0
        var unitBefore = -1
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            let unit = rest[digits.endIndex...].prefix { ("a"..."z").contains($0) }
            guard let number = Int64(digits),
                let place = units.firstIndex(where: { $0.name == unit }), place > unitBefore
            else { throw mistake }
            let (part, isTooLong) = number.multipliedReportingOverflow(
                by: units[place].milliseconds)
            // Go counts nanoseconds in 64 bits.
            guard !isTooLong, part < Int64.max / 1_000_000 - result else { throw mistake }
            result += part
            unitBefore = place
            rest = rest[unit.endIndex...]
        }
        return result
    }
}
