/// Prometheus's escaping of UTF-8 names in paths: `U__my_2e_name` for `my.name`.
enum EscapedName {
    private static let prefix = "U__"

    /// The name that the text stands for; the text itself where it is not escaped, or not well.
    static func unescaped(_ text: String) -> String {
        guard text.hasPrefix(prefix) else { return text }
        var name = ""
        var rest = text.unicodeScalars.dropFirst(prefix.unicodeScalars.count)
        while let scalar = rest.popFirst() {
            if scalar != "_" {
                name.unicodeScalars.append(scalar)
                continue
            }
            guard let next = rest.popFirst() else { return text }
            // Two underscores are one.
            if next == "_" {
                name.unicodeScalars.append("_")
                continue
            }
            guard let escaped = character(next, &rest) else { return text }
            name.unicodeScalars.append(escaped)
        }
        return name
    }

    /// The character whose number begins with `digit` and ends before an underscore.
    private static func character(
        _ digit: Unicode.Scalar, _ rest: inout Substring.UnicodeScalarView
    ) -> Unicode.Scalar? {
        var digits = 0
        var value: UInt32 = 0
        var scalar = digit
        while scalar != "_" {
            digits += 1
            guard digits <= 6, scalar.isASCII,
                let number = PercentEncoding.hexadecimal(UInt8(scalar.value))
            else { return nil }
            value = value << 4 | UInt32(number)
            guard let next = rest.popFirst() else { return nil }
            scalar = next
        }
        return Unicode.Scalar(value)
    }
}
