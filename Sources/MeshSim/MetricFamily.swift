/// Metrics of one name, type and meaning, with all their label sets.
struct MetricFamily: Sendable {
    var name: String
    var help: String
    var kind: Kind
    var metrics: [Metric]

    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }
}

/// One label set of a family and what it measures.
struct Metric: Sendable {
    var labels: Labels
    var measure: Measure
    /// Where only a fault brings it about: it is not there before that was on for the first time.
    var cause: FaultCourse?
    /// When it is there, where it comes and goes.
    var presence: (@Sendable (_ seconds: Double) -> Bool)?

    /// The buckets of durations.
    var layout: BucketLayout {
        if case .durations(let tally) = measure { return tally.layout }
        return .envoy
    }

    /// What a metric's value is at a time, in seconds since the simulation's origin.
    enum Measure: Sendable {
        /// One number: a counter's, which never falls, or a gauge's.
        case number(@Sendable (_ seconds: Double) -> Double)
        /// The durations of requests.
        case durations(Tally)
    }
}

/// Label names and values in the order they are written.
struct Labels: Sendable, ExpressibleByDictionaryLiteral {
    private(set) var pairs: [(name: String, value: String)]

    init(dictionaryLiteral elements: (String, String)...) {
        pairs = elements.map { (name: $0.0, value: $0.1) }
    }

    /// These labels and one more behind them.
    func with(_ name: String, _ value: String) -> Labels {
        var labels = self
        labels.pairs.append((name: name, value: value))
        return labels
    }

    /// The value of a label; nil where it is not there.
    func value(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    static func + (left: Labels, right: Labels) -> Labels {
        var labels = left
        labels.pairs += right.pairs
        return labels
    }

    /// As the text formats write them, without the braces.
    var text: String {
        pairs.map { "\($0.name)=\"\(Labels.escaped($0.value))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.append(character)
            }
        }
        return text
    }
}
