import TimeSeries

/// The API's times: seconds, whole or with decimals.
enum WireTime {
    /// As far from 1970 as a time may be, milliseconds: far enough for every calendar, near enough
    /// that sums and differences of times hold.
    static let farthest: Int64 = 9_000_000_000_000_000

    /// Reads seconds as milliseconds, without a rounding error where there are at most three
    /// decimals; nil where the text is no such number.
    static func read(_ text: Span<UInt8>) -> Int64? {
        var offset = 0
        let isNegative = !text.isEmpty && text[0] == UInt8(ascii: "-")
        if isNegative { offset = 1 }
        let first = offset
        var milliseconds: Int64 = 0
        while offset < text.count, offset < first + 13 {
            let digit = text[offset] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            milliseconds = milliseconds * 10 + Int64(digit)
            offset += 1
        }
        guard offset > first else { return nil }
        milliseconds *= 1000
        if offset < text.count, text[offset] == UInt8(ascii: ".") {
            offset += 1
            var unit: Int64 = 100
            while offset < text.count, unit > 0 {
                let digit = text[offset] &- UInt8(ascii: "0")
                guard digit < 10 else { break }
                milliseconds += Int64(digit) * unit
                unit /= 10
                offset += 1
            }
            if unit == 100 { return nil }
        }
        if offset < text.count { return readByRounding(text) }
        guard milliseconds <= farthest else { return nil }
        return isNegative ? -milliseconds : milliseconds
    }

    /// More decimals than three, or an exponent.
    private static func readByRounding(_ text: Span<UInt8>) -> Int64? {
        let seconds = text.withUnsafeBufferPointer { NumberText.read($0) }
        guard let seconds else { return nil }
        let milliseconds = (seconds * 1000).rounded()
        guard milliseconds.magnitude <= Double(farthest) else { return nil }
        return Int64(milliseconds)
    }
}
