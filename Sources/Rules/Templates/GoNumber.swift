import TimeSeries

/// Numbers the way Go's `fmt` writes them with a precision.
enum GoNumber {
    /// `%.4g`: so many significant digits, zeros at the end left out.
    static func general(_ number: Double, digits: Int) -> String {
        guard number.isFinite else { return NumberText.general(number) }
        let digits = max(digits, 1)
        if number == 0 { return number.sign == .minus ? "-0" : "0" }
        let scientific = NumberText.scientific(number, digits - 1)
        guard let mark = scientific.lastIndex(of: "e"),
            let exponent = Int(scientific[scientific.index(after: mark)...])
        else { return scientific }
        if exponent < -4 || exponent >= digits {
            return withoutZeros(scientific[..<mark]) + scientific[mark...]
        }
        return withoutZeros(NumberText.decimals(number, digits - 1 - exponent)[...])
    }

    private static func withoutZeros(_ text: Substring) -> String {
        guard text.contains(".") else { return String(text) }
        var text = text
        while text.last == "0" { text = text.dropLast() }
        return String(text.last == "." ? text.dropLast() : text)
    }
}
