import Clusters
import ControlPlane
import MeshHealth

/// The section `control_plane` of the configuration: its keys, and the settings that they make.
enum ControlPlaneKeys {
    static let rows: [ConfigurationKey] = {
        let standard = ControlPlaneSettings()
        return [
            .init(
                "control_plane", .section,
                "How the control planes and certificates are watched that the inventory declares"),
            .init(
                "control_plane.watch", .flag, standard: "\(standard.isOn)",
                "Whether control planes and certificates are watched; without it there are no series of them either"
            ),
            .init(
                "control_plane.interval", .duration, standard: text(standard.interval),
                "How often each replica is asked, where its file does not say"),
            .init(
                "control_plane.timeout", .duration, standard: text(standard.timeout),
                "For each of its answers, where its file does not say"),
            .init(
                "control_plane.concurrency", .count(atLeast: 1),
                standard: "\(standard.concurrency)", "Replicas that are asked at a time"),
            .init(
                "control_plane.metrics_interval", .duration,
                standard: text(standard.metricsInterval),
                "How often the clusters' metrics are asked of control planes and certificates"),
            .init(
                "control_plane.query_timeout", .duration, standard: text(standard.queryTimeout),
                "For one question to the clusters' metrics"),
            .init(
                "control_plane.concurrent_queries", .count(atLeast: 1),
                standard: "\(standard.concurrentQueries)",
                "Questions to metrics that are asked at a time; each goes to all clusters"),
            .init(
                "control_plane.lookback", .duration, standard: text(standard.lookback),
                "How far back they look for what counters have counted, and for how long that is told; rates are of half of it, which should hold several scrapes"
            ),
            .init(
                "control_plane.max_certificates", .count(atLeast: 1),
                standard: "\(standard.maximumCertificates)",
                "Certificates that are kept, told and shown on /metrics, the worst first; others are counted"
            ),
            .init(
                "control_plane.max_proxies", .count(atLeast: 1),
                standard: "\(standard.probes.maximumProxies)",
                "Proxies of each istiod that are kept, those that are amiss first; others are counted"
            ),
        ]
    }()

    /// What the section says. Adds the mistakes that the table cannot see.
    static func settings(_ checked: inout CheckedConfiguration) -> ControlPlaneSettings {
        var settings = ControlPlaneSettings()
        set(&settings.isOn, checked.flag("control_plane.watch"))
        set(&settings.interval, checked.duration("control_plane.interval"))
        set(&settings.timeout, checked.duration("control_plane.timeout"))
        set(&settings.concurrency, checked.number("control_plane.concurrency"))
        set(&settings.metricsInterval, checked.duration("control_plane.metrics_interval"))
        set(&settings.queryTimeout, checked.duration("control_plane.query_timeout"))
        set(&settings.concurrentQueries, checked.number("control_plane.concurrent_queries"))
        set(&settings.lookback, checked.duration("control_plane.lookback"))
        set(&settings.maximumCertificates, checked.number("control_plane.max_certificates"))
        set(&settings.probes.maximumProxies, checked.number("control_plane.max_proxies"))
        if settings.lookback < .seconds(1) {
            checked.refuse("control_plane.lookback", "must be at least 1s")
        }
        if settings.timeout > settings.interval {
            checked.refuse(
                checked.has("control_plane.timeout")
                    ? "control_plane.timeout" : "control_plane.interval",
                "timeout, \(text(settings.timeout)), must not be more than interval, "
                    + text(settings.interval))
        }
        return settings
    }

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMilliseconds)
    }
}
