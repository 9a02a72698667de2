import Rules
import TimeSeries

/// What promtool prints of alerts and samples.
enum RuleTestText {
    /// The alerts that are told, numbered, each on lines of its own.
    static func list(_ alerts: [ToldAlert]) -> String {
        if alerts.isEmpty { return "[]" }
        let items = alerts.enumerated().map { number, alert in
            "\(number):\n  Labels:\(braced(alert.labels))\n  Annotations:"
                + braced(alert.annotations)
        }
        let text = "[\n" + items.joined(separator: ",\n") + "\n]"
        let indent = String(repeating: " ", count: 12)
        return text.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\n" + indent)
    }

    static func samples(_ samples: [TemplateSample]) -> String {
        if samples.isEmpty { return "nil" }
        return samples.map { sample in
            let labels = sample.labels.pairs.map { RuleText(name: $0.name, text: $0.value) }
            switch sample.value {
            case .float(let number): return "\(braced(labels)) \(NumberText.exponential(number))"
            case .histogram(let histogram): return "\(braced(labels)) \(histogram)"
            }
        }.joined(separator: ", ")
    }

    private static func braced(_ texts: [RuleText]) -> String {
        "{"
            + texts.map { "\(Labels.quotedName($0.name))=\(GoText.quoted($0.text))" }
            .joined(separator: ", ") + "}"
    }
}

extension ToldAlert: Comparable {
    init(_ alert: AlertInstance) {
        labels = alert.labels.pairs.map { RuleText(name: $0.name, text: $0.value) }
        annotations = alert.toldAnnotations
    }

    public static func < (left: ToldAlert, right: ToldAlert) -> Bool {
        left.sortingText.lexicographicallyPrecedes(right.sortingText) {
            $0.lexicographicallyPrecedes($1)
        }
    }

    private var sortingText: [[UInt8]] {
        func pieces(_ texts: [RuleText]) -> [[UInt8]] {
            texts.flatMap { [Array($0.name.utf8), Array($0.text.utf8)] }
        }
        return pieces(labels) + [[]] + pieces(annotations)
    }
}
