import Clusters
import Telemetry

/// The section `telemetry.otlp` of the configuration: its keys, and the settings that they make.
enum TelemetryKeys {
    private static let path = "telemetry.otlp"
    private static let service = ServiceKeys(section: path, address: .single)

    static let rows: [ConfigurationKey] = {
        // Any address will do for what holds for all of them.
        let standard = TelemetrySettings(collector: Service(urls: []))
        return service.rows(
            isRequired: false, timeout: text(TelemetrySettings.standardTimeout),
            "Where the gateway's own traces go: any collector or Jaeger that takes OTLP over HTTP in JSON; /v1/traces is added to url. Absent, none are recorded"
        ).filter { $0.name != "max_concurrent_requests" } + [
            .init(
                "\(path).sample_ratio", .text, standard: "1",
                "The share of requests that are traced, 0 to 1, where the caller has no decision"),
            .init(
                "\(path).queue_size", .count(atLeast: 1), standard: "\(standard.queueSize)",
                "Spans that wait to be sent; further ones are dropped and counted"),
            .init(
                "\(path).batch_size", .count(atLeast: 1), standard: "\(standard.batchSize)",
                "Spans of one request"),
            .init(
                "\(path).batch_delay", .duration, standard: text(standard.batchDelay),
                "How long spans wait for others to be sent with"),
            .init(
                "\(path).min_backoff", .duration, standard: text(standard.minimumBackoff),
                "The pause after a first failure"),
            .init(
                "\(path).max_backoff", .duration, standard: text(standard.maximumBackoff),
                "The longest pause"),
            .init(
                "\(path).retry_time", .duration, standard: text(standard.retryTime),
                "How long spans are tried again that the collector cannot take now"),
            .init(
                "\(path).shutdown_grace", .duration, standard: text(standard.shutdownGrace),
                "How long what waits is still sent once the gateway stops"),
            .init(
                "\(path).resource_attributes", .texts,
                "What all spans say of their program, beside service.name, service.version and service.instance.id"
            ),
        ]
    }()

    /// Durations that may be 0, and the one that `ServiceKeys` checks.
    static let mayBeZero: Set<String> = [
        "\(path).shutdown_grace", "\(path).retry_time", "\(path).timeout",
    ]

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMilliseconds)
    }

    /// What the section says; nil where it is absent or of no use. Adds the mistakes that the table
    /// cannot see.
    static func settings(_ checked: inout CheckedConfiguration) -> TelemetrySettings? {
        let slash = checked.file.lastIndex(of: "/")
        var paths = FileReferences(
            directory: slash.map { String(checked.file[..<$0]) } ?? "")
        let collector = service.service(
            &checked, paths: &paths, timeout: TelemetrySettings.standardTimeout)
        for reference in paths.found {
            guard let problem = DiskFile.problem(reading: reference.path) else { continue }
            checked.refuse(
                reference.key, "the file \(reference.path) cannot be read: \(problem)")
        }
        let ratio = checked.fraction("\(path).sample_ratio", in: 0...1) ?? 1
        guard let collector else { return nil }
        var settings = TelemetrySettings(collector: collector, sampleRatio: ratio)
        set(&settings.queueSize, checked.number("\(path).queue_size"))
        set(&settings.batchSize, checked.number("\(path).batch_size"))
        set(&settings.batchDelay, checked.duration("\(path).batch_delay"))
        set(&settings.minimumBackoff, checked.duration("\(path).min_backoff"))
        set(&settings.maximumBackoff, checked.duration("\(path).max_backoff"))
        set(&settings.retryTime, checked.duration("\(path).retry_time"))
        set(&settings.shutdownGrace, checked.duration("\(path).shutdown_grace"))
        if settings.batchSize > settings.queueSize {
            checked.refuse("\(path).batch_size", "must not be more than queue_size")
        }
        settings.resource.attributes = checked.texts("\(path).resource_attributes").map {
            ($0.name, $0.text)
        }
        return settings
    }
}
