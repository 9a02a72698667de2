import TimeSeries

/// Prints metrics as OpenMetrics 1.0: as the text format, but for the names of counters, the bounds
/// of buckets, exemplars and the end.
enum OpenMetricsText {
    /// The families in order of their names.
    static func text(of families: [MetricFamily]) -> String {
        var text = ""
        for family in families.sorted(by: { $0.name < $1.name }) {
            let name = baseName(family)
            text += "# HELP \(name) \(MetricsText.escaped(family.help, quotes: true))\n"
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for sample in family.samples { append(sample, of: family.name, to: &text) }
        }
        return text + "# EOF\n"
    }

    /// A family of counters is named without the `_total` of its samples.
    private static func baseName(_ family: MetricFamily) -> String {
        let suffix = "_total"
        guard family.kind == .counter, family.name.hasSuffix(suffix) else { return family.name }
        return String(family.name.dropLast(suffix.count))
    }

    private static func append(
        _ sample: MetricFamily.Sample, of name: String, to text: inout String
    ) {
        guard case .histogram(let histogram) = sample.value else {
            text += MetricsText.lines(of: sample, name: name)
            return
        }
        var total: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let bound = index < histogram.bounds.count ? number(histogram.bounds[index]) : "+Inf"
            let line = MetricsText.line(
                "\(name)_bucket", sample.labels, Double(total), bound: bound)
            text += line.dropLast() + exemplar(histogram.exemplars[index]) + "\n"
        }
        text += MetricsText.line("\(name)_sum", sample.labels, histogram.sum)
        text += MetricsText.line("\(name)_count", sample.labels, Double(total))
    }

    private static func exemplar(_ exemplar: MetricFamily.Exemplar?) -> String {
        guard let exemplar else { return "" }
        let value = NumberText.literal(exemplar.value)
        let time = NumberText.timestamp(exemplar.time)
        return " # {trace_id=\"\(exemplar.traceID)\"} \(value) \(time)"
    }

    /// Bounds always have a point or an exponent, so that they are the same text everywhere.
    private static func number(_ bound: Double) -> String {
        let text = NumberText.literal(bound)
        return text.allSatisfy { $0.isNumber || $0 == "-" } ? text + ".0" : text
    }
}
