/// Numbers in sentences and labels: three digits or so, without exponents.
enum ShownNumber {
    static func percent(_ ratio: Double) -> String {
        guard ratio > 0 else { return "0 %" }
        let percent = ratio * 100
        return percent < 0.01 ? "<0.01 %" : short(percent) + " %"
    }

    static func short(_ number: Double) -> String {
        guard number.isFinite else { return "?" }
        guard number > 0 else { return number == 0 ? "0" : "-" + short(-number) }
        if number < 0.001 { return "<0.001" }
        if number >= 1e15 { return ">10^15" }
        return switch number {
        case 99.95...: decimals(number, 0)
        case 9.995...: decimals(number, 1)
        case 0.9995...: decimals(number, 2)
        default: decimals(number, 3)
        }
    }

    /// Rounded to so many decimals, without zeros at the end.
    private static func decimals(_ number: Double, _ count: Int) -> String {
        var scale = 1
        for _ in 0..<count { scale *= 10 }
        let scaled = Int(number * Double(scale) + 0.5)
        let (whole, rest) = scaled.quotientAndRemainder(dividingBy: scale)
        guard rest != 0 else { return String(whole) }
        var digits = String(rest)
        digits = String(repeating: "0", count: count - digits.count) + digits
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
