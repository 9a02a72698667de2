/// Writes metric families as text.
///
/// All that does not change from one scrape to the next (names, labels, comments) is made into
/// bytes once; a scrape is then copying and printing numbers.
struct ExpositionWriter: Sendable {
    /// A family, ready to be written.
    private struct Prepared: Sendable {
        var header: [UInt8]
        var metrics: [PreparedMetric]
    }

    /// A metric and the beginnings of its lines, up to the value: one line for a number; for
    /// durations one for each bucket, then sum and count.
    private struct PreparedMetric: Sendable {
        var measure: Metric.Measure
        var prefixes: Prefixes
        var cause: FaultCourse?
        var presence: (@Sendable (Double) -> Bool)?

        /// Most metrics are always there. Those that faults bring about are seldom: theirs are
        /// made when they are needed, to save memory.
        enum Prefixes {
            case made([[UInt8]])
            case toBeMade(@Sendable () -> [[UInt8]])
        }

        /// Appends the lines of one time.
        func append(to text: inout [UInt8], at seconds: Double, suffix: [UInt8]) {
            if let cause, !cause.hasBegun(by: seconds) { return }
            if let presence, !presence(seconds) { return }
            let prefixes =
                switch prefixes {
                case .made(let made): made
                case .toBeMade(let make): make()
                }
            switch measure {
            case .number(let value):
                PreparedMetric.append(prefixes[0], value(seconds), to: &text, suffix: suffix)
            case .durations(let tally):
                let point = tally.histogram(at: seconds)
                let values =
                    point.cumulativeCounts + [
                        point.count, point.sum / tally.layout.unitMilliseconds, point.count,
                    ]
                for (prefix, value) in zip(prefixes, values) {
                    PreparedMetric.append(prefix, value, to: &text, suffix: suffix)
                }
            }
        }

        private static func append(
            _ prefix: [UInt8], _ value: Double, to text: inout [UInt8], suffix: [UInt8]
        ) {
            text += prefix
            text += ExpositionWriter.text(value).utf8
            text += suffix
            text.append(UInt8(ascii: "\n"))
        }
    }

    /// Which text format is written.
    enum Format: Sendable {
        /// The text a Prometheus scrapes, version 0.0.4.
        case prometheus
        /// OpenMetrics, with a time at every sample.
        case openMetrics
    }

    private let families: [Prepared]

    /// A writer of these families; `extraLabels` are put behind each metric's own.
    init(_ families: [MetricFamily], format: Format, extraLabels: Labels = [:]) {
        let names = Set(families.map(\.name))
        self.families = families.filter { !$0.metrics.isEmpty }.map { family in
            Prepared(
                header: ExpositionWriter.header(family, format: format, familyNames: names),
                metrics: family.metrics.map { metric in
                    let labels = metric.labels + extraLabels
                    let (name, kind) = (family.name, family.kind)
                    let layout = metric.layout
                    return PreparedMetric(
                        measure: metric.measure,
                        prefixes: metric.cause == nil
                            ? .made(ExpositionWriter.prefixes(name, kind, layout, labels.text))
                            : .toBeMade {
                                ExpositionWriter.prefixes(name, kind, layout, labels.text)
                            },
                        cause: metric.cause, presence: metric.presence)
                })
        }
    }

    /// The text of one scrape; `seconds` since the simulation's origin.
    func scrape(at seconds: Double) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(1 << 20)
        for family in families {
            text += family.header
            for metric in family.metrics {
                metric.append(to: &text, at: seconds, suffix: [])
            }
        }
        return text
    }

    /// Hands over the text of many times, chunk by chunk, ending with OpenMetrics' last line.
    ///
    /// A family's samples come together, and each metric's in the order of time.
    func history(at times: [HistoryTime], _ write: ([UInt8]) throws -> Void) rethrows {
        var text: [UInt8] = []
        for family in families {
            text += family.header
            for metric in family.metrics {
                for time in times {
                    metric.append(to: &text, at: time.seconds, suffix: time.suffix)
                }
                if text.count > 1 << 20 {
                    try write(text)
                    text.removeAll(keepingCapacity: true)
                }
            }
        }
        text += Array("# EOF\n".utf8)
        try write(text)
    }

    /// A time at which history is written.
    struct HistoryTime: Sendable {
        /// Seconds since the simulation's origin.
        var seconds: Double
        /// What follows the value on a line: a space and the Unix time in seconds.
        var suffix: [UInt8]

        /// The time `milliseconds` after the Unix epoch.
        init(milliseconds: Int64, plan: SimulationPlan) {
            seconds = plan.seconds(at: milliseconds)
            let fraction = String(1000 + milliseconds % 1000).dropFirst()
            suffix = Array(" \(milliseconds / 1000).\(fraction)".utf8)
        }
    }

    private static func header(
        _ family: MetricFamily, format: Format, familyNames: Set<String>
    ) -> [UInt8] {
        var name = family.name
        var kind = family.kind.rawValue
        if format == .openMetrics, family.kind == .counter {
            // OpenMetrics names a counter's family without the end `_total` of its samples, and
            // knows no counter without it. Envoy has both forms side by side.
            let stem = name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
            if stem == name || familyNames.contains(stem) {
                kind = "unknown"
            } else {
                name = stem
            }
        }
        return Array("# HELP \(name) \(family.help)\n# TYPE \(name) \(kind)\n".utf8)
    }

    private static func prefixes(
        _ name: String, _ kind: MetricFamily.Kind, _ layout: BucketLayout, _ labels: String
    ) -> [[UInt8]] {
        guard kind == .histogram else { return [Array("\(name){\(labels)} ".utf8)] }
        let bounds =
            layout.bounds.map { ExpositionWriter.text($0 / layout.unitMilliseconds) } + ["+Inf"]
        let buckets = bounds.map { "\(name)_bucket{\(labels),le=\"\($0)\"} " }
        return (buckets + ["\(name)_sum{\(labels)} ", "\(name)_count{\(labels)} "])
            .map { Array($0.utf8) }
    }

    /// A number as both formats write it: whole numbers without a point.
    private static func text(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        if value.isNaN { return "NaN" }
        return value.description
    }
}
