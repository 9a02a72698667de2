import TimeSeries

/// Texts as Go's standard library writes them, which is how Prometheus's messages have them.
enum GoWords {
    /// `%g` of a number: shortest digits, an exponent below 1e-4 and from 1e6 on.
    static func general(_ value: Double) -> String { NumberText.general(value) }

    /// `%.2g` of a number that is above zero.
    static func twoDigits(_ value: Double) -> String {
        guard value.isFinite, value > 0 else { return general(value) }
        let exponent = shortestDigits(value).exponent
        if exponent >= -4 && exponent < 2 {
            return withoutTrailingZeros(NumberText.decimals(value, 1 - exponent))
        }
        var scaled = value
        for _ in 0..<exponent.magnitude { scaled = exponent < 0 ? scaled * 10 : scaled / 10 }
        let mantissa = withoutTrailingZeros(NumberText.decimals(scaled, 1))
        return mantissa == "10" ? scientific("1", exponent + 1) : scientific(mantissa, exponent)
    }

    private static func withoutTrailingZeros(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = text[...]
        while text.last == "0" { text = text.dropLast() }
        return String(text.last == "." ? text.dropLast() : text)
    }

    private static func scientific(_ mantissa: String, _ exponent: Int) -> String {
        let magnitude = exponent.magnitude
        return mantissa + (exponent < 0 ? "e-" : "e+") + (magnitude < 10 ? "0" : "")
            + "\(magnitude)"
    }

    /// The fewest digits that mean this number, and the power of ten of the first.
    private static func shortestDigits(_ value: Double) -> (digits: [Int], exponent: Int) {
        var exponent = 0
        var digits: [Int] = []
        var isBehindPoint = false
        let parts = value.description.split(separator: "e")
        for byte in parts[0].utf8 {
            if byte == UInt8(ascii: ".") {
                isBehindPoint = true
                continue
            }
            digits.append(Int(byte) - Int(UInt8(ascii: "0")))
            if !isBehindPoint { exponent += 1 }
        }
        exponent -= 1
        if parts.count > 1 { exponent += Int(parts[1]) ?? 0 }
        let zeros = digits.prefix { $0 == 0 }.count
        digits.removeFirst(zeros)
        exponent -= zeros
        while digits.count > 1, digits.last == 0 { digits.removeLast() }
        return (digits, exponent)
    }

    /// A number as OpenMetrics has it in a label: always with a point or an exponent.
    static func openMetrics(_ value: Double) -> String {
        let text = general(value)
        return value.isFinite && !text.contains(where: { $0 == "." || $0 == "e" })
            ? text + ".0" : text
    }

    /// A label set with the metric's name among the others.
    static func labels(_ labels: Labels) -> String {
        "{"
            + labels.pairs.map { "\(Labels.quotedName($0.name))=\(GoText.quoted($0.value))" }
            .joined(separator: ", ") + "}"
    }

    /// A time as RFC 3339 has it, in UTC and whole seconds.
    static func time(_ milliseconds: Int64) -> String {
        let moment = Moment(seconds: Double(milliseconds / 1000))
        func padded(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let clock = [
            moment.secondOfDay / 3600, moment.secondOfDay / 60 % 60, moment.secondOfDay % 60,
        ]
        return padded(moment.year, 4) + "-" + padded(moment.month, 2) + "-" + padded(moment.day, 2)
            + "T" + clock.map { padded($0, 2) }.joined(separator: ":") + "Z"
    }
}
