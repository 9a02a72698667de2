/// What the page of metrics says about a name: a row of a table.
struct MetricDescription: Sendable {
    /// As it is shown, with `_total` or `_seconds`.
    var name: String
    /// One sentence.
    var help: String
    /// The buckets' upper bounds, for histograms that need others than the usual ones.
    var bounds: [Double]?

    init(_ name: String, _ help: String, bounds: [Double]? = nil) {
        self.name = name
        self.help = help
        self.bounds = bounds
    }

    /// Seconds: from an answer out of memory to the longest query.
    static let latencyBounds: [Double] = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
    ]

    /// Counts of things and bytes: powers of four.
    static let countBounds: [Double] = (0...16).map { Double(1 << (2 * $0)) }

    /// What this module records.
    static let gateway: [MetricDescription] = [
        .init(
            "isthmus_config_last_reload_successful",
            "Whether the last attempt to read the inventory succeeded."),
        .init(
            "isthmus_config_last_reload_success_timestamp_seconds",
            "When the inventory in force was read, seconds since the Unix epoch."),
        .init(
            "isthmus_config_reloads_total",
            "Attempts to read the inventory again, by outcome."),
        .init(
            "isthmus_rules_last_reload_successful",
            "Whether the last attempt to read the rule files succeeded."),
        .init(
            "isthmus_rules_last_reload_success_timestamp_seconds",
            "When the rules in force were read, seconds since the Unix epoch."),
        .init("isthmus_rules_reloads_total", "Attempts to read the rule files again, by outcome."),
        .init("isthmus_rule_groups", "Rule groups in the files in force."),
        .init(
            "isthmus_auth_last_reload_successful",
            "Whether the files of clients' secrets were good when they were last read."),
        .init(
            "isthmus_auth_last_reload_success_timestamp_seconds",
            "When clients' secrets were last put in force."),
        .init(
            "isthmus_auth_reloads_total",
            "Attempts to read clients' secrets again, by outcome."),
        .init("isthmus_auth_clients", "Clients that may ask."),
        .init("isthmus_clusters", "Clusters in the inventory in force."),
    ]
}
