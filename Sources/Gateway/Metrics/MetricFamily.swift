import TimeSeries

/// The metrics of one name at one moment.
struct MetricFamily: Sendable {
    var name: String
    var kind: Kind
    /// One sentence.
    var help: String
    /// Ordered by labels.
    var samples: [Sample]

    /// The raw value is the text format's word.
    enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    struct Sample: Sendable {
        var labels: Labels
        var value: Value
    }

    enum Value: Sendable {
        case number(Double)
        case histogram(Histogram)
    }

    struct Histogram: Sendable {
        /// Upper bounds, ascending, without the infinite one.
        var bounds: [Double]
        /// For each bucket by itself, the one without a bound last.
        var counts: [UInt64]
        var sum: Double
        /// For each bucket the last value of which a trace is known.
        var exemplars: [Exemplar?]
    }

    /// One of the values that were counted, and the trace that it comes from.
    struct Exemplar: Sendable {
        /// In 32 hexadecimal digits.
        var traceID: String
        var value: Double
        /// Milliseconds since the Unix epoch.
        var time: Int64
    }

    /// A family of one number without labels.
    static func single(
        _ name: String, _ kind: Kind, _ help: String, _ value: Double, labels: Labels = Labels()
    ) -> MetricFamily {
        MetricFamily(
            name: name, kind: kind, help: help,
            samples: [Sample(labels: labels, value: .number(value))])
    }
}
