import Clusters
import Federation
import TimeSeries
import Traces

/// The section `traces` of the configuration: its keys, and the settings that they make.
enum TraceKeys {
    static let rows: [ConfigurationKey] = {
        let traces = TraceSettings()
        return [
            .init("traces", .section, "The clusters' Jaegers as one"),
            .init(
                "traces.base_path", .text, standard: TraceConfiguration().basePath,
                "Where Jaeger's API begins; several segments are allowed, those of other routes are not"
            ),
            .init(
                "traces.timeout", .duration, standard: text(traces.timeout),
                "The longest that an answer about traces may take; Jaeger's UI waits 10s"),
            .init(
                "traces.max_clock_skew_adjust", .duration,
                standard: text(.nanoseconds(traces.maximumClockSkewAdjustment)),
                "By how much a span is moved at most to make up for clocks that differ; 0s for not at all"
            ),
            .init("traces.limits", .section, "What one request may cost"),
            .init(
                "traces.limits.max_response_bytes", .bytes,
                standard: ByteCountText.text(bytes: traces.maximumResponseBytes),
                "One cluster's answer to one question, decompressed"),
            .init(
                "traces.limits.max_total_bytes", .bytes,
                standard: ByteCountText.text(bytes: traces.maximumBytes),
                "All clusters' answers together, decompressed"),
            .init(
                "traces.limits.max_spans_per_cluster", .count(atLeast: 1),
                standard: "\(traces.maximumSpansPerCluster)", "Spans of one cluster"),
            .init(
                "traces.limits.max_spans", .count(atLeast: 1), standard: "\(traces.maximumSpans)",
                "Spans of all clusters; a trace that is cut says so"),
            .init(
                "traces.completion", .section, "How the rest of a trace that was found is fetched"),
            .init(
                "traces.completion.max_traces", .count(atLeast: 0),
                standard: "\(traces.maximumCompletedTraces)",
                "Traces of a search that are completed from the clusters that did not find them"),
            .init(
                "traces.completion.concurrent_requests", .count(atLeast: 1),
                standard: "\(traces.concurrentCompletions)",
                "Traces that one cluster is asked for at a time"),
            .init(
                "traces.completion.short_ids", .flag, standard: "\(traces.triesShortIdentities)",
                "Whether an id that is nowhere is looked for with its upper half cut off"),
            .init(
                "traces.services_kept", .duration, standard: text(traces.servicesKept),
                "How long it is remembered which services a cluster has; 0s for not at all"),
        ] + dependencyRows + metricRows
    }()

    private static let dependencyRows: [ConfigurationKey] = {
        let dependencies = DependencySettings()
        return [
            .init(
                "traces.dependencies", .section,
                "Who calls whom: what the clusters say, and calls from cluster to cluster"),
            .init(
                "traces.dependencies.dedupe",
                .choice(DependencySettings.Merging.allCases.map(\.rawValue)),
                standard: dependencies.merging.rawValue,
                "What becomes of an edge that several clusters report: max where they hold copies of each other's traces"
            ),
            .init(
                "traces.dependencies.crossings", .flag, standard: "\(dependencies.findsCrossings)",
                "Whether a sample of merged traces is looked through for calls between clusters"),
            .init(
                "traces.dependencies.traces_per_service", .count(atLeast: 1),
                standard: "\(dependencies.tracesPerService)",
                "Traces in the sample for each service of each cluster"),
            .init(
                "traces.dependencies.max_traces", .count(atLeast: 1),
                standard: "\(dependencies.maximumTraces)", "Traces in the sample"),
            .init(
                "traces.dependencies.lookback", .duration, standard: text(dependencies.lookback),
                "How far back the sample reaches"),
            .init(
                "traces.dependencies.refresh", .duration, standard: text(dependencies.sampleKept),
                "How old the sample may become before another is taken"),
        ]
    }()

    private static let metricRows: [ConfigurationKey] = {
        let metrics = SpanMetricsSettings()
        return [
            .init(
                "traces.metrics", .section,
                "The span metrics that metrics/latencies, calls and errors are computed from, asked of the clusters' Prometheus servers"
            ),
            .init(
                "traces.metrics.namespace", .anyText, standard: metrics.namespace,
                "What the metrics' names begin with, before _duration and _calls; \"\" for nothing"),
            .init(
                "traces.metrics.latency_unit",
                .choice(SpanMetricsSettings.LatencyUnit.allCases.map(\.rawValue)),
                standard: metrics.latencyUnit.rawValue, "The unit of the histogram"),
            .init(
                "traces.metrics.normalize_duration", .flag,
                standard: "\(metrics.normalizesDuration)",
                "Whether the histogram's name ends with its unit"),
            .init(
                "traces.metrics.normalize_calls", .flag, standard: "\(metrics.normalizesCalls)",
                "Whether the counter's name ends with _total"),
            .init(
                "traces.metrics.service_label", .text, standard: metrics.serviceLabel,
                "The label of a span's service"),
            .init(
                "traces.metrics.operation_label", .text, standard: metrics.operationLabel,
                "The label of a span's name"),
            .init(
                "traces.metrics.span_kind_label", .text, standard: metrics.kindLabel,
                "The label of a span's kind (SPAN_KIND_SERVER)"),
            .init(
                "traces.metrics.status_label", .text, standard: metrics.statusLabel,
                "The label of a span's status (STATUS_CODE_ERROR)"),
        ]
    }()

    /// Durations that may be 0.
    static let mayBeZero: Set<String> = ["traces.max_clock_skew_adjust", "traces.services_kept"]

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMilliseconds)
    }

    // MARK: The settings

    /// What the section says. Adds the mistakes that the table cannot see.
    static func configuration(_ checked: inout CheckedConfiguration) -> TraceConfiguration {
        var configuration = TraceConfiguration()
        set(&configuration.basePath, basePath(&checked))
        var traces = TraceSettings(
            maximumClockSkewAdjustment: (checked.milliseconds("traces.max_clock_skew_adjust") ?? 0)
                * 1_000_000)
        set(&traces.timeout, checked.duration("traces.timeout"))
        set(&traces.maximumResponseBytes, checked.number("traces.limits.max_response_bytes"))
        set(&traces.maximumBytes, checked.number("traces.limits.max_total_bytes"))
        set(&traces.maximumSpansPerCluster, checked.number("traces.limits.max_spans_per_cluster"))
        set(&traces.maximumSpans, checked.number("traces.limits.max_spans"))
        set(&traces.maximumCompletedTraces, checked.number("traces.completion.max_traces"))
        set(&traces.concurrentCompletions, checked.number("traces.completion.concurrent_requests"))
        set(&traces.triesShortIdentities, checked.flag("traces.completion.short_ids"))
        set(&traces.servicesKept, checked.duration("traces.services_kept"))
        traces.dependencies = dependencies(checked)
        configuration.settings = traces
        configuration.metrics = metrics(&checked)
        return configuration
    }

    private static func dependencies(_ checked: CheckedConfiguration) -> DependencySettings {
        var dependencies = DependencySettings()
        set(
            &dependencies.merging,
            checked.text("traces.dependencies.dedupe")
                .flatMap { DependencySettings.Merging(rawValue: $0) })
        set(&dependencies.findsCrossings, checked.flag("traces.dependencies.crossings"))
        set(
            &dependencies.tracesPerService,
            checked.number("traces.dependencies.traces_per_service"))
        set(&dependencies.maximumTraces, checked.number("traces.dependencies.max_traces"))
        set(&dependencies.lookback, checked.duration("traces.dependencies.lookback"))
        set(&dependencies.sampleKept, checked.duration("traces.dependencies.refresh"))
        return dependencies
    }

    private static func metrics(_ checked: inout CheckedConfiguration) -> SpanMetricsSettings {
        var metrics = SpanMetricsSettings()
        set(
            &metrics.latencyUnit,
            checked.text("traces.metrics.latency_unit")
                .flatMap { SpanMetricsSettings.LatencyUnit(rawValue: $0) })
        set(&metrics.normalizesDuration, checked.flag("traces.metrics.normalize_duration"))
        set(&metrics.normalizesCalls, checked.flag("traces.metrics.normalize_calls"))
        set(&metrics.namespace, name("namespace", mayHaveColons: true, &checked))
        set(&metrics.serviceLabel, name("service_label", &checked))
        set(&metrics.operationLabel, name("operation_label", &checked))
        set(&metrics.kindLabel, name("span_kind_label", &checked))
        set(&metrics.statusLabel, name("status_label", &checked))
        return metrics
    }

    /// A name that PromQL takes without quotes. The namespace, which alone may be empty, is a
    /// metric's.
    private static func name(
        _ key: String, mayHaveColons isMetric: Bool = false, _ checked: inout CheckedConfiguration
    ) -> String? {
        let path = "traces.metrics.\(key)"
        guard let text = checked.text(path) else { return nil }
        if isMetric, text.isEmpty { return text }
        let isName =
            text.utf8.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
                    || $0 == "_" || (isMetric && $0 == ":")
            }
        if !isName {
            checked.refuse(
                path, "\(GoText.quoted(text)) is no name of letters, digits and underscores")
        }
        return text
    }

    /// The first segments of what else the gateway answers.
    private static let takenSegments: Set<Substring> = ["api", "mesh", "metrics", "-"]

    private static func basePath(_ checked: inout CheckedConfiguration) -> String? {
        guard var path = checked.text("traces.base_path") else { return nil }
        if path.count > 1, path.hasSuffix("/") { path.removeLast() }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let isPath = path.hasPrefix("/") && segments.allSatisfy(isSegment)
        if !isPath {
            checked.refuse(
                "traces.base_path",
                "\(GoText.quoted(path)) is no path such as /jaeger, of letters, digits and -._~")
        } else if let first = segments.first, takenSegments.contains(first) {
            checked.refuse(
                "traces.base_path", "/\(first) is taken: other things are answered there")
        }
        return path
    }

    private static func isSegment(_ segment: Substring) -> Bool {
        !segment.isEmpty && segment != "." && segment != ".."
            && segment.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil)
                    || "-._~".unicodeScalars.contains($0)
            }
    }
}

/// Traces as the configuration has them.
struct TraceConfiguration: Sendable {
    /// Where Jaeger's API begins, without a slash at the end.
    var basePath = "/jaeger"
    var settings = TraceSettings()
    var metrics = SpanMetricsSettings()
}
