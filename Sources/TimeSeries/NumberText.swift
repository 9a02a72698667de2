import CNumerals

/// Numbers as text, byte for byte as Prometheus writes them.
public enum NumberText {
    /// Appends a sample's value as the HTTP API has it in vectors and matrices: shortest digits, an
    /// exponent below 1e-6 and from 1e21; `NaN`, `+Inf`, `-Inf`, `-0`.
    public static func appendSample(_ value: Double, to bytes: inout [UInt8]) {
        if appendSpecial(value, to: &bytes) { return }
        let magnitude = value.magnitude
        if magnitude < 1e-6 || magnitude >= 1e21 {
            appendScientific(value, to: &bytes)
        } else {
            appendPlain(value, to: &bytes)
        }
    }

    /// Appends a value without an exponent, however long: the API's scalars, and the label that
    /// `count_values` writes.
    public static func appendFixed(_ value: Double, to bytes: inout [UInt8]) {
        if appendSpecial(value, to: &bytes) { return }
        appendPlain(value, to: &bytes)
    }

    /// The text of `appendFixed`.
    public static func fixed(_ value: Double) -> String {
        var bytes: [UInt8] = []
        appendFixed(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text of `appendSample`.
    public static func sample(_ value: Double) -> String {
        var bytes: [UInt8] = []
        appendSample(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value for people: shortest digits, an exponent below 1e-4 and from 1e21.
    public static func literal(_ value: Double) -> String {
        var bytes: [UInt8] = []
        if !appendSpecial(value, to: &bytes) {
            let magnitude = value.magnitude
            if magnitude < 1e-4 || magnitude >= 1e21 {
                appendScientific(value, to: &bytes)
            } else {
                appendPlain(value, to: &bytes)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value as Go's `%g` has it: shortest digits, an exponent below 1e-4 and from 1e6.
    public static func general(_ value: Double) -> String {
        var bytes: [UInt8] = []
        if !appendSpecial(value, to: &bytes) {
            let magnitude = value.magnitude
            if magnitude < 1e-4 || magnitude >= 1e6 {
                appendScientific(value, to: &bytes)
            } else {
                appendPlain(value, to: &bytes)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value with exactly `digits` decimals.
    public static func decimals(_ value: Double, _ digits: Int) -> String {
        var bytes: [UInt8] = []
        if value.isFinite {
            append(to: &bytes) { isthmus_write_decimals(value, Int32(digits), $0) }
        } else {
            _ = appendSpecial(value, to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value with the shortest digits and always an exponent: `1.25E+06`, `0E+00`.
    public static func exponential(_ value: Double) -> String {
        if value == 0 { return value.sign == .minus ? "-0E+00" : "0E+00" }
        var bytes: [UInt8] = []
        if appendSpecial(value, to: &bytes) { return String(decoding: bytes, as: UTF8.self) }
        appendScientific(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self).uppercased()
    }

    /// The value in the form `1.25e+06` with exactly `digits` decimals, two digits of exponent at
    /// least.
    public static func scientific(_ value: Double, _ digits: Int) -> String {
        var bytes: [UInt8] = []
        if value.isFinite {
            let digits = Int32(clamping: min(max(digits, 0), 300))
            append(to: &bytes) { isthmus_write_exponent(value, digits, $0) }
        } else {
            _ = appendSpecial(value, to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends a time in milliseconds as seconds, the way vectors and matrices have it: whole, or
    /// with three decimals.
    public static func appendTimestamp(_ milliseconds: Int64, to bytes: inout [UInt8]) {
        if milliseconds < 0 { bytes.append(UInt8(ascii: "-")) }
        let magnitude = milliseconds.magnitude
        appendDigits(magnitude / 1000, to: &bytes)
        let rest = magnitude % 1000
        guard rest != 0 else { return }
        bytes.append(UInt8(ascii: "."))
        for digit in [rest / 100, rest / 10 % 10, rest % 10] {
            bytes.append(UInt8(ascii: "0") + UInt8(digit))
        }
    }

    /// A time in milliseconds as seconds, whole or with three decimals.
    public static func timestamp(_ milliseconds: Int64) -> String {
        var bytes: [UInt8] = []
        appendTimestamp(milliseconds, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads a number as Prometheus writes it (`1`, `-0.5`, `1e+21`, `NaN`, `+Inf`); nil where the
    /// text is none.
    public static func read(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        guard var first = text.first else { return nil }
        var digits = text
        var isNegative = false
        if first == UInt8(ascii: "+") || first == UInt8(ascii: "-") {
            isNegative = first == UInt8(ascii: "-")
            digits = UnsafeBufferPointer(rebasing: text.dropFirst())
            guard let next = digits.first else { return nil }
            first = next
        }
        var value = 0.0
        if first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9") || first == UInt8(ascii: ".") {
            let isNumber = digits.withMemoryRebound(to: CChar.self) {
                isthmus_read_double($0.baseAddress, $0.count, &value)
            }
            guard isNumber else { return nil }
        } else {
            switch String(decoding: digits, as: UTF8.self).lowercased() {
            case "nan": value = .nan
            case "inf", "infinity": value = .infinity
            default: return nil
            }
        }
        return isNegative ? -value : value
    }

    /// Reads a number as Prometheus writes it; nil where the text is none.
    public static func read(_ text: String) -> Double? {
        var text = text
        return text.withUTF8 { read($0) }
    }

    private static func append(
        to bytes: inout [UInt8], _ write: (UnsafeMutablePointer<CChar>) -> Int
    ) {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(ISTHMUS_NUMERAL_CAPACITY)) {
            guard let text = $0.baseAddress else { return }
            let length = write(text)
            bytes.append(
                contentsOf: UnsafeRawBufferPointer(start: text, count: length))
        }
    }

    /// Appends a finite value that is not zero, shortest digits and no exponent.
    private static func appendPlain(_ value: Double, to bytes: inout [UInt8]) {
        // Below 2^53 a whole number is its own shortest text.
        if value.magnitude < 0x1p53 {
            let whole = Int64(value)
            if Double(whole) == value {
                if whole < 0 { bytes.append(UInt8(ascii: "-")) }
                appendDigits(whole.magnitude, to: &bytes)
            } else {
                append(to: &bytes) { isthmus_write_fixed(value, $0) }
            }
            return
        }
        // From there on the C++ library writes every digit of the double; Go, and so Prometheus,
        // writes the shortest digits that tell it apart, then zeros: 2318554045859687400.
        let start = bytes.count
        appendScientific(value, to: &bytes)
        let text = bytes[start...]
        guard let mark = text.firstIndex(of: UInt8(ascii: "e")),
            let exponent = Int(String(decoding: text[(mark + 1)...], as: UTF8.self))
        else { preconditionFailure("the scientific form has an exponent") }
        let digits = text[..<mark].filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ".") }
        bytes.removeSubrange(start...)
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.append(contentsOf: digits)
        bytes.append(
            contentsOf: repeatElement(UInt8(ascii: "0"), count: exponent + 1 - digits.count))
    }

    private static func appendDigits(_ number: UInt64, to bytes: inout [UInt8]) {
        // Twenty digits hold every number of 64 bits.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var first = digits.count
            var rest = number
            repeat {
                first -= 1
                digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[first...]))
        }
    }

    private static func appendScientific(_ value: Double, to bytes: inout [UInt8]) {
        append(to: &bytes) { isthmus_write_scientific(value, $0) }
    }

    private static func appendSpecial(_ value: Double, to bytes: inout [UInt8]) -> Bool {
        if value.isFinite {
            guard value == 0 else { return false }
            if value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
            bytes.append(UInt8(ascii: "0"))
        } else if value.isNaN {
            bytes.append(contentsOf: "NaN".utf8)
        } else {
            bytes.append(contentsOf: (value > 0 ? "+Inf" : "-Inf").utf8)
        }
        return true
    }
}
