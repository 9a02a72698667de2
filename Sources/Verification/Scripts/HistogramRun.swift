import TimeSeries

/// A native histogram and those made from it: `{{…}}x3`, `{{…}}+{{…}}x3`.
public struct HistogramRun: Sendable {
    var first: HistogramLiteral
    var change: Change?
    /// How many there are in all.
    var count: Int

    struct Change: Sendable {
        var isAddition: Bool
        var literal: HistogramLiteral
    }

    /// Whether the text says what the counter did before: only then is it compared. Of a run that
    /// grows the last literal counts, as in Prometheus's reader.
    var hasHint: Bool { change?.literal.hasHint ?? first.hasHint }

    /// The histograms one by one.
    func histograms() throws(ScriptMistake) -> [NativeHistogram] {
        var text = first.text
        if let change { text += (change.isAddition ? "+" : "-") + change.literal.text }
        if change != nil || count > 1 { text += "x\(count - 1)" }
        var rest = Substring(text)
        do {
            return try NativeHistogram.readSeriesItem(from: &rest)
        } catch {
            throw ScriptMistake("invalid histogram \(text): \(error)")
        }
    }
}

/// `{{schema:1 count:3 buckets:[1 2]}}`.
struct HistogramLiteral: Sendable {
    /// With its braces.
    var text: String
    var hasHint: Bool

    init(_ text: String) throws(ScriptMistake) {
        self.text = text
        hasHint = text.contains("counter_reset_hint")
    }
}
