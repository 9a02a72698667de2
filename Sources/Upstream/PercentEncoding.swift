/// Percent-encoding as RFC 3986 has it; a space is `%20` everywhere, which forms understand too.
enum PercentEncoding {
    /// Which bytes stand for themselves.
    enum Place {
        /// A name or value in a query string or a form: the unreserved characters only.
        case parameter
        /// A path that may be encoded already: all that is valid in one, `%` and `/` among it.
        case path
    }

    static func append(_ text: String, keeping place: Place, to bytes: inout [UInt8]) {
        let table = place == .parameter ? parameterTable : pathTable
        for byte in text.utf8 {
            if table[Int(byte)] {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
    }

    /// The text with each `%` and two digits replaced by the byte that they stand for.
    static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(value),
                let low = rest.dropFirst().first.flatMap(value)
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static let digits = [UInt8]("0123456789ABCDEF".utf8)
    private static let parameterTable = table(alsoKeeping: "-._~")
    private static let pathTable = table(alsoKeeping: "-._~/%!$&'()*+,;=:@")

    private static func table(alsoKeeping others: String) -> [Bool] {
        var table = [Bool](repeating: false, count: 256)
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        for byte in (letters + others).utf8 { table[Int(byte)] = true }
        return table
    }
}
