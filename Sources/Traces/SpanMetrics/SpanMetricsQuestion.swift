import Clusters
import Spans
import TimeSeries

/// What a client asks of `metrics/latencies`, `metrics/calls` and `metrics/errors`.
package struct SpanMetricsQuestion: Hashable, Sendable {
    package var measure: Measure
    /// At least one.
    package var services: [String]
    /// The clusters that are asked, ordered; empty for all.
    package var clusters: [String] = []
    package var groupsByOperation: Bool
    /// Which spans count; empty for all.
    package var kinds: [SpanKind]
    /// The last time, milliseconds since the Unix epoch.
    package var end: Int64
    /// How far before the end the first time is, milliseconds.
    package var lookback: Int64
    /// Milliseconds.
    package var step: Int64
    /// The window of each rate, milliseconds.
    package var ratePer: Int64

    package enum Measure: Hashable, Sendable {
        /// The quantile of the durations.
        case latencies(quantile: Double)
        /// Spans a second.
        case calls
        /// The share of the spans whose status is an error.
        case errors
    }

    package init(
        _ measure: Measure, services: [String], groupsByOperation: Bool = false,
        kinds: [SpanKind] = [.server], end: Int64, lookback: Int64 = 3_600_000,
        step: Int64 = 5000, ratePer: Int64 = 600_000
    ) {
        self.measure = measure
        self.services = services
        self.groupsByOperation = groupsByOperation
        self.kinds = kinds
        self.end = end
        self.lookback = lookback
        self.step = step
        self.ratePer = ratePer
    }

    /// The shortest step, milliseconds: what `metrics/minstep` answers.
    package static let minimumStep: Int64 = 1

    /// Prometheus answers no range of more times, nor of more years.
    private static let maximumTimes: Int64 = 11_000
    private static let maximumLength: Int64 = 1 << 42

    /// Why the times cannot be asked for; nil where they can.
    package var problem: String? {
        let lengths: [(String, Int64, Int64)] = [
            ("lookback", lookback, 0), ("step", step, 1), ("ratePer", ratePer, 1),
        ]
        for (name, length, least) in lengths where length < least || length > Self.maximumLength {
            return "unable to parse param '\(name)': \(length) is not between \(least) and "
                + "\(Self.maximumLength)"
        }
        if end.magnitude > Self.maximumLength.magnitude << 4 {
            return "unable to parse param 'endTs': \(end) is too far from now"
        }
        if lookback / step >= Self.maximumTimes {
            return "exceeded maximum resolution of 11,000 points per timeseries: 'lookback' holds "
                + "'step' too often"
        }
        return nil
    }
}

// MARK: In PromQL

extension SpanMetricsQuestion {
    /// The question as Jaeger's reader puts it, but for three things: the quantile is not rounded to
    /// two digits; errors are zero for each group that has calls, where Jaeger does so only when no
    /// group has an error; and seconds become milliseconds, which is what Jaeger's UI takes the
    /// numbers for.
    package func query(_ settings: SpanMetricsSettings) -> String {
        switch measure {
        case .latencies(let quantile):
            let rate = rate(settings.latencyMetric + "_bucket", matchers(settings))
            let groups = (groups(settings) + ["le"]).joined(separator: ", ")
            let latency =
                "histogram_quantile(\(NumberText.literal(quantile)), sum by (\(groups)) (\(rate)))"
            return settings.latencyUnit == .seconds ? "1000 * \(latency)" : latency
        case .calls:
            return calls(settings)
        case .errors:
            let isError = "\(settings.statusLabel)=\"STATUS_CODE_ERROR\""
            let errors = sum(rate(settings.callsMetric, matchers(settings) + [isError]), settings)
            let calls = calls(settings)
            return "\(errors) / \(calls) or \(calls) * 0"
        }
    }

    private func calls(_ settings: SpanMetricsSettings) -> String {
        sum(rate(settings.callsMetric, matchers(settings)), settings)
    }

    private func sum(_ rates: String, _ settings: SpanMetricsSettings) -> String {
        "sum by (\(groups(settings).joined(separator: ", "))) (\(rates))"
    }

    private func rate(_ metric: String, _ matchers: [String]) -> String {
        "rate(\(metric){\(matchers.joined(separator: ","))}[\(ratePer)ms])"
    }

    private func groups(_ settings: SpanMetricsSettings) -> [String] {
        [settings.serviceLabel] + (groupsByOperation ? [settings.operationLabel] : [])
    }

    private func matchers(_ settings: SpanMetricsSettings) -> [String] {
        let kinds = kinds.map(\.metricValue)
        var matchers = [Self.matcher(settings.serviceLabel, services)]
        if !clusters.isEmpty { matchers.insert(Self.matcher(Cluster.label, clusters), at: 0) }
        if !kinds.isEmpty { matchers.append(Self.matcher(settings.kindLabel, kinds)) }
        return matchers
    }

    /// Matches any of the values, each to the letter.
    private static func matcher(_ label: String, _ values: [String]) -> String {
        if values.count == 1, let value = values.first {
            return "\(label)=\(GoText.quoted(value))"
        }
        let pattern = values.map(escaped).joined(separator: "|")
        return "\(label)=~\(GoText.quoted(pattern))"
    }

    private static func escaped(_ text: String) -> String {
        var pattern = ""
        for character in text.unicodeScalars {
            if #"\.+*?()|[]{}^$"#.unicodeScalars.contains(character) { pattern += "\\" }
            pattern.unicodeScalars.append(character)
        }
        return pattern
    }
}

// MARK: The answer

extension SpanMetricsQuestion {
    /// The answer's name: `service_latencies`, `service_operation_call_rate`.
    package var familyName: String {
        let name =
            switch measure {
            case .latencies: "latencies"
            case .calls: "call_rate"
            case .errors: "error_rate"
            }
        return (groupsByOperation ? "service_operation_" : "service_") + name
    }

    /// What the numbers are, for people.
    package var familyHelp: String {
        let what =
            switch measure {
            case .latencies(let quantile): "\(Self.text(quantile))th quantile latency"
            case .calls: "calls/sec"
            case .errors: "error rate, computed as a fraction of errors/sec over calls/sec"
            }
        return "\(what), grouped by service" + (groupsByOperation ? " & operation" : "")
    }

    /// With two digits as Jaeger has it, with more where there are more.
    private static func text(_ quantile: Double) -> String {
        let short = NumberText.decimals(quantile, 2)
        return NumberText.read(short) == quantile ? short : NumberText.literal(quantile)
    }

    /// The labels as Jaeger's UI knows them: `service_name` and `operation`.
    package func familyLabels(
        of labels: Labels, _ settings: SpanMetricsSettings
    ) -> [(name: String, value: String)] {
        labels.pairs.map { label in
            switch label.name {
            case settings.serviceLabel: ("service_name", label.value)
            case settings.operationLabel: ("operation", label.value)
            default: (label.name, label.value)
            }
        }
    }
}

extension SpanKind {
    /// The kind as the span metrics connector writes it.
    fileprivate var metricValue: String {
        switch self {
        case .unspecified: "SPAN_KIND_UNSPECIFIED"
        case .internal: "SPAN_KIND_INTERNAL"
        case .server: "SPAN_KIND_SERVER"
        case .client: "SPAN_KIND_CLIENT"
        case .producer: "SPAN_KIND_PRODUCER"
        case .consumer: "SPAN_KIND_CONSUMER"
        }
    }
}
