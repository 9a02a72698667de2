import Alerting
import Clusters
import Rules
import TimeSeries

/// The list `alerting.remote_write`: its keys under Prometheus's names, and the settings that they
/// make.
enum RemoteWriteKeys {
    private static let path = "alerting.remote_write"

    /// A receiver, and what becomes of series' labels before they are written to it.
    struct Receiver: Sendable {
        var settings: RemoteWriteSettings
        var relabelling: Relabelling
    }

    static let rows: [ConfigurationKey] = {
        // Any address will do for what holds for all of them.
        let standard = RemoteWriteSettings(name: "", service: Service(urls: []))
        return ServiceKeys(section: path, address: .single).rows(
            isRequired: false, isList: true,
            "Receivers of what rules give: Prometheus, Mimir and their like"
        ).filter { $0.name != "max_concurrent_requests" } + [
            .init(
                "\(path).name", .text,
                "In metrics and the log; the receiver's place in the list where absent"),
            .init(
                "\(path).write_relabel_configs", .list(of: .mapping),
                "What becomes of series' labels before they are written, as in Prometheus"),
            .init("\(path).queue_config", .section, "How samples wait and are put together"),
            .init(
                "\(path).queue_config.capacity", .count(atLeast: 1),
                standard: "\(standard.queueCapacity)", "Samples that wait; the oldest make room"),
            .init(
                "\(path).queue_config.max_samples_per_send", .count(atLeast: 1),
                standard: "\(standard.maximumSamplesPerSend)", "Samples of one request"),
            .init(
                "\(path).queue_config.batch_send_deadline", .duration,
                standard: text(standard.batchDeadline),
                "How long samples wait for others to be sent with"),
            .init(
                "\(path).queue_config.min_backoff", .duration,
                standard: text(standard.minimumBackoff), "The pause after a first failure"),
            .init(
                "\(path).queue_config.max_backoff", .duration,
                standard: text(standard.maximumBackoff), "The longest pause"),
            .init(
                "\(path).queue_config.retry_on_http_429", .flag,
                standard: "\(standard.retriesOnTooManyRequests)",
                "Whether a 429 is a reason to try again"),
        ]
    }()

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMilliseconds)
    }

    static func receivers(
        _ checked: inout CheckedConfiguration, _ paths: inout FileReferences,
        externalLabels: Labels
    ) -> [Receiver] {
        var result: [Receiver] = []
        var names: Set<String> = []
        for (place, section) in checked.sections(path).enumerated() {
            let keys = ServiceKeys(section: section, address: .single)
            guard let service = keys.service(&checked, paths: &paths) else { continue }
            let name = checked.text("\(section).name") ?? "\(place)"
            if !names.insert(name).inserted {
                checked.refuse("\(section).name", "another receiver has this name")
            }
            var settings = RemoteWriteSettings(
                name: name, service: service, externalLabels: externalLabels)
            let queue = "\(section).queue_config"
            set(&settings.queueCapacity, checked.number("\(queue).capacity"))
            set(&settings.maximumSamplesPerSend, checked.number("\(queue).max_samples_per_send"))
            set(&settings.batchDeadline, checked.duration("\(queue).batch_send_deadline"))
            set(&settings.minimumBackoff, checked.duration("\(queue).min_backoff"))
            set(&settings.maximumBackoff, checked.duration("\(queue).max_backoff"))
            set(&settings.retriesOnTooManyRequests, checked.flag("\(queue).retry_on_http_429"))
            for name in ["batch_send_deadline", "min_backoff", "max_backoff"]
            where checked.milliseconds("\(queue).\(name)") == 0 {
                checked.refuse("\(queue).\(name)", "must be more than 0")
            }
            result.append(
                Receiver(
                    settings: settings,
                    relabelling: checked.relabelling("\(section).write_relabel_configs")))
        }
        return result
    }
}
