import Clusters
import Upstream

/// The section `upstream` of the configuration: how servers are asked that are slow or fail.
enum UpstreamKeys {
    static let rows: [ConfigurationKey] = {
        let upstream = UpstreamSettings()
        return [
            .init("upstream", .section, "How the clusters' servers are asked"),
            .init(
                "upstream.connect_timeout", .duration, standard: text(upstream.connectTimeout),
                "The longest that connecting may take, TLS included; less where a server is known to be near"
            ),
            .init(
                "upstream.first_byte_timeout", .duration,
                "How long the first byte of an answer may take; the server's timeout where absent"),
            .init(
                "upstream.progress_timeout", .duration, standard: text(upstream.progressTimeout),
                "An answer of which less than progress_bytes come in this time is given up"),
            .init(
                "upstream.progress_bytes", .bytes,
                standard: ByteCountText.text(bytes: upstream.progressBytes),
                "How much of an answer must come in progress_timeout"),
            .init("upstream.breaker", .section, "When a replica that fails is left alone"),
            .init(
                "upstream.breaker.failures", .count(atLeast: 1),
                standard: "\(upstream.breakerFailures)", "After how many failures in a row"),
            .init(
                "upstream.breaker.open_time", .duration, standard: text(upstream.breakerOpenTime),
                "How long at first; twice as long after each trial that fails"),
            .init(
                "upstream.breaker.max_open_time", .duration,
                standard: text(upstream.breakerMaximumOpenTime), "How long at most"),
            .init("upstream.hedging", .section, "Asking a second replica where the first is slow"),
            .init(
                "upstream.hedging.enabled", .flag, standard: "\(upstream.hedges)",
                "Whether another replica is asked after the cluster's usual time (p95) to the first byte"
            ),
            .init(
                "upstream.extra_requests_percent", .count(atLeast: 0),
                standard: "\(Int((upstream.extraRequests * 100).rounded()))",
                "How many requests more than were asked for may be sent as hedges and retries"),
        ]
    }()

    private static func text(_ duration: Duration) -> String {
        DurationText.text(milliseconds: duration.wholeMilliseconds)
    }

    /// The settings. Adds the mistakes that the table cannot see.
    static func settings(_ checked: inout CheckedConfiguration) -> UpstreamSettings {
        var upstream = UpstreamSettings()
        set(&upstream.connectTimeout, checked.duration("upstream.connect_timeout"))
        upstream.leastConnectTimeout = min(upstream.leastConnectTimeout, upstream.connectTimeout)
        upstream.firstByteTimeout = checked.duration("upstream.first_byte_timeout")
        set(&upstream.progressTimeout, checked.duration("upstream.progress_timeout"))
        set(&upstream.progressBytes, checked.number("upstream.progress_bytes"))
        set(&upstream.breakerFailures, checked.number("upstream.breaker.failures"))
        set(&upstream.breakerOpenTime, checked.duration("upstream.breaker.open_time"))
        set(&upstream.breakerMaximumOpenTime, checked.duration("upstream.breaker.max_open_time"))
        set(&upstream.hedges, checked.flag("upstream.hedging.enabled"))
        if upstream.breakerMaximumOpenTime < upstream.breakerOpenTime {
            checked.refuse(
                "upstream.breaker.max_open_time",
                "must not be less than open_time, \(text(upstream.breakerOpenTime))")
        }
        if let percent = checked.number("upstream.extra_requests_percent") {
            if percent > 100 {
                checked.refuse("upstream.extra_requests_percent", "must be 100 at most")
            } else {
                upstream.extraRequests = Double(percent) / 100
            }
        }
        return upstream
    }
}
