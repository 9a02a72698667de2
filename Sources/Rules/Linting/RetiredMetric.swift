import PromQL

/// A metric that widespread rules name and that the programs of a mesh give no longer, or never
/// gave: a rule about it can never fire.
public struct RetiredMetric: Hashable, Sendable {
    public enum Name: Hashable, Sendable {
        case exactly(String)
        /// A name with any of a histogram's endings, or none.
        case histogram(String)
        case beginning(String)
    }

    public var name: Name
    /// What to use instead, or why there is nothing; a part of a sentence.
    public var advice: String

    private init(_ name: Name, _ advice: String) {
        self.name = name
        self.advice = advice
    }

    public func matches(_ metric: String) -> Bool {
        switch name {
        case .exactly(let name): metric == name
        case .beginning(let start): metric.hasPrefix(start)
        case .histogram(let name):
            metric.hasPrefix(name)
                && ["", "_bucket", "_count", "_sum"].contains(metric.dropFirst(name.count))
        }
    }

    /// The row for a metric; nil where the metric is none of these.
    public static func named(_ metric: String) -> RetiredMetric? {
        all.first { $0.matches(metric) }
    }

    /// All rows; the first that matches counts.
    public static let all: [RetiredMetric] = [
        // Istio's telemetry: version 2 came with Istio 1.5 and replaced Mixer.
        RetiredMetric(
            .histogram("istio_request_duration_seconds"),
            "since Istio 1.5 it is istio_request_duration_milliseconds, in milliseconds"),
        RetiredMetric(
            .histogram("istio_request_duration"),
            "it is istio_request_duration_milliseconds, in milliseconds"),
        RetiredMetric(.exactly("istio_request_count"), "it is istio_requests_total"),
        RetiredMetric(
            .exactly("istio_double_request_count"),
            "it was an example of Mixer's documentation; istio_requests_total counts requests"),
        RetiredMetric(.histogram("istio_request_size"), "it is istio_request_bytes"),
        RetiredMetric(.histogram("istio_response_size"), "it is istio_response_bytes"),
        RetiredMetric(
            .exactly("istio_request_bytes_total"),
            "istio_request_bytes is a histogram: its bytes are istio_request_bytes_sum"),
        RetiredMetric(
            .exactly("istio_response_bytes_total"),
            "istio_response_bytes is a histogram: its bytes are istio_response_bytes_sum"),
        RetiredMetric(.exactly("istio_tcp_bytes_sent_total"), "it is istio_tcp_sent_bytes_total"),
        RetiredMetric(
            .exactly("istio_tcp_bytes_received_total"), "it is istio_tcp_received_bytes_total"),
        RetiredMetric(
            .histogramPart("istio_requests_total"), "istio_requests_total is a counter alone"),
        RetiredMetric(
            .histogramPart("istio_tcp_sent_bytes_total"),
            "istio_tcp_sent_bytes_total is a counter alone"),
        RetiredMetric(
            .histogramPart("istio_tcp_received_bytes_total"),
            "istio_tcp_received_bytes_total is a counter alone"),
        RetiredMetric(.beginning("istio_mixer_"), mixer),
        RetiredMetric(.beginning("mixer_"), mixer),
        // Galley has been part of istiod since Istio 1.5; its validation kept its names.
        RetiredMetric(
            .beginning("galley_runtime_"),
            "Galley is part of istiod since Istio 1.5; pilot_k8s_cfg_events counts its events"),
        RetiredMetric(
            .beginning("galley_source_"),
            "Galley is part of istiod since Istio 1.5; pilot_k8s_cfg_events counts its events"),
        RetiredMetric(
            .beginning("galley_mcp_"),
            "Galley is part of istiod since Istio 1.5 and sends nothing by MCP"),
        RetiredMetric(
            .beginning("citadel_secret_controller_"),
            "Citadel keeps no secrets since Istio 1.6; citadel_server_csr_count counts requests"),
        // Istio's control plane.
        RetiredMetric(
            .exactly("pilot_xds_push_errors"),
            "pilot_total_xds_internal_errors counts errors, pilot_total_xds_rejects refusals"),
        RetiredMetric(
            .exactly("pilot_xds_push_timeout"), "pilot_xds_write_timeout counts timeouts"),
        RetiredMetric(
            .exactly("pilot_xds_push_timeout_failures"),
            "pilot_xds_write_timeout counts timeouts"),
        RetiredMetric(.exactly("pilot_xds_connected"), "pilot_xds is how many are connected"),
        RetiredMetric(
            .exactly("pilot_conflict_outbound_listener_http_over_current_tcp"),
            "only pilot_conflict_outbound_listener_tcp_over_current_tcp is left of its kind"),
        RetiredMetric(
            .exactly("pilot_conflict_outbound_listener_tcp_over_current_http"),
            "only pilot_conflict_outbound_listener_tcp_over_current_tcp is left of its kind"),
        RetiredMetric(
            .exactly("pilot_rds_expired_nonce"), "it is pilot_xds_expired_nonce"),
    ]

    private static let mixer = "Mixer is gone since Istio 1.8; the proxies give istio_ metrics"
}

extension RetiredMetric.Name {
    /// A counter's name with an ending that only histograms have.
    fileprivate static func histogramPart(_ counter: String) -> Self { .beginning(counter + "_") }
}
