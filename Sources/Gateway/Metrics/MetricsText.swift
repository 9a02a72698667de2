import TimeSeries

/// Prints metrics in Prometheus's text format, version 0.0.4.
enum MetricsText {
    /// The families in order of their names.
    static func text(of families: [MetricFamily]) -> String {
        var text = ""
        for family in families.sorted(by: { $0.name < $1.name }) {
            text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples { text += lines(of: sample, name: family.name) }
        }
        return text
    }

    /// One sample: a line, or several for a histogram.
    static func lines(of sample: MetricFamily.Sample, name: String) -> String {
        switch sample.value {
        case .number(let value): return line(name, sample.labels, value)
        case .histogram(let histogram):
            var text = ""
            var total: UInt64 = 0
            for (index, count) in histogram.counts.enumerated() {
                total += count
                let bound =
                    index < histogram.bounds.count
                    ? NumberText.literal(histogram.bounds[index]) : "+Inf"
                text += line("\(name)_bucket", sample.labels, Double(total), bound: bound)
            }
            text += line("\(name)_sum", sample.labels, histogram.sum)
            text += line("\(name)_count", sample.labels, Double(total))
            return text
        }
    }

    static func line(
        _ name: String, _ labels: Labels, _ value: Double, bound: String? = nil
    ) -> String {
        var pairs = labels.pairs.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        if let bound { pairs.append("le=\"\(bound)\"") }
        let set = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
        return "\(name)\(set) \(NumberText.literal(value))\n"
    }

    /// Backslashes and line ends are escaped everywhere, quotes in labels.
    static func escaped(_ text: String, quotes: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
