/// The texts of Jaeger's warnings (its `adjuster` folder), which it is recognised by and which are
/// said in its place.
enum JaegerWarning {
    private static let adjusted = "This span's timestamps were adjusted by "
    private static let exceeded = "max clock skew adjustment delta of "
    private static let disabled =
        "clock skew adjustment disabled; not applying calculated delta of "
    private static let duplicate = "duplicate span IDs; skipping clock skew adjustment"
    private static let orphanStart = "parent span ID="
    private static let orphanEnd = " is not in the trace; skipping clock skew adjustment"
    private static let conflict = "conflicting values between Span and Resource for attribute "
    private static let tooManySpans = "cannot assign unique span ID, too many spans in the trace"
    /// A store cut the trace: it stays true.
    static let truncated = "trace has more than "
    static let invalidLink = "Invalid span link removed"

    static func adjusted(by delta: Int64) -> String { adjusted + GoDuration.text(delta) }

    static func exceeded(_ maximum: Int64, by delta: Int64) -> String {
        exceeded + GoDuration.text(maximum) + " exceeded; not applying calculated delta of "
            + GoDuration.text(delta)
    }

    static func disabled(_ delta: Int64) -> String { disabled + GoDuration.text(delta) }

    static func orphan(_ parent: SpanID) -> String { orphanStart + parent.hexText + orphanEnd }

    static func conflict(_ key: String) -> String { conflict + key }

    /// By how much a store moved the span's times, nanoseconds; nil where the text says nothing of
    /// it.
    static func adjustment(_ text: String) -> Int64? {
        text.hasPrefix(adjusted) ? GoDuration.nanoseconds(text.dropFirst(adjusted.count)) : nil
    }

    /// Whether the text says what a store found in its fragment, and is said anew of the whole.
    static func isAboutFragment(_ text: String) -> Bool {
        (text.hasPrefix(orphanStart) && text.hasSuffix(orphanEnd)) || text == duplicate
            || text.hasPrefix(disabled) || text.hasPrefix(conflict) || text == tooManySpans
            || (text.hasPrefix(exceeded)
                && text.contains("exceeded; not applying calculated delta"))
    }
}

extension SpanID {
    /// Sixteen digits, as Jaeger writes it.
    var hexText: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
