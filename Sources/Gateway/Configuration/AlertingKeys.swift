import Alerting
import Clusters
import Federation
import Observations
import PromQL
import Rules
import TimeSeries

/// The section `alerting` of the configuration: its keys, and the settings that they make.
enum AlertingKeys {
    static let rows: [ConfigurationKey] = {
        let rules = RuleSettings()
        let alerting = AlertingSettings()
        let observations = ObservationSettings()
        let own: [ConfigurationKey] = [
            .init("alerting", .section, "Alert and recording rules over all clusters"),
            .init(
                "alerting.rule_files", .list(of: .text),
                "Rule files as Prometheus has them; *, ? and [] stand for what they do in a shell"),
            .init(
                "alerting.evaluation_interval", .duration,
                "Between two evaluations of a group that names no interval; query.evaluation_interval where absent"
            ),
            .init(
                "alerting.query_offset", .duration, standard: text(rules.queryOffset),
                "How far back the rules of a group look that names no query_offset"),
            .init(
                "alerting.resend_delay", .duration, standard: text(rules.resendDelay),
                "How long an alert that goes on is not told again"),
            .init(
                "alerting.for_grace_period", .duration, standard: text(rules.forGracePeriod),
                "After a restart, alerts whose for is shorter begin to wait anew"),
            .init(
                "alerting.for_outage_tolerance", .duration, standard: text(rules.outageTolerance),
                "How long the gateway may be away for alerts to go on waiting where they were"),
            .init(
                "alerting.concurrent_questions", .count(atLeast: 1),
                standard: "\(alerting.concurrentQuestions)",
                "Rules of a group that are asked at once, where they do not read each other"),
            .init(
                "alerting.built_in_rules", .flag, standard: "\(alerting.hasBuiltInRules)",
                "Whether FederationClusterUnreachable is evaluated for each cluster"),
            .init(
                "alerting.resolved_retention", .duration, standard: text(rules.resolvedRetention),
                "How long an alert that is over is told to be so"),
            .init(
                "alerting.external_labels", .texts,
                "Labels of alerts and written samples that do not have them; those of the result win"
            ),
            .init(
                "alerting.external_url", .url(.service),
                "How people reach this gateway: for links in alerts; the address it listens at where absent"
            ),
            .init(
                "alerting.policies", .list(of: .mapping),
                "What becomes of alerts while clusters are missing; the first that names a rule counts: group, alert, on_partial (hold, abort, best_effort), partial_grace, max_hold, after_hold (keep, resolve), clusters"
            ),
            .init(
                "alerting.observations", .section,
                "The gateway's own series: alert states, what rules record, which clusters answer"),
            .init(
                "alerting.observations.retention", .duration,
                standard: text(observations.retention.wholeMilliseconds),
                "How long they are kept in memory"),
            .init(
                "alerting.observations.max_series", .count(atLeast: 1),
                standard: "\(observations.maximumSeries)", "The most series"),
            .init(
                "alerting.observations.max_samples", .count(atLeast: 1),
                standard: "\(observations.maximumSamples)", "The most samples, 16 bytes each"),
        ]
        return own + AlertmanagerKeys.rows + RemoteWriteKeys.rows
            + restore.rows(
                isRequired: false,
                "The Prometheus that remote_write goes to: asked for ALERTS_FOR_STATE at the start where no Redis has the state"
            )
    }()

    private static let restore = ServiceKeys(section: "alerting.restore_from", address: .replicas)

    private static func text(_ milliseconds: Int64) -> String {
        DurationText.text(milliseconds: milliseconds)
    }

    /// Durations that may be 0.
    static let mayBeZero: Set<String> = [
        "alerting.query_offset", "alerting.for_grace_period", "alerting.for_outage_tolerance",
        "alerting.resolved_retention",
    ]

    /// What the section says. Adds the mistakes that the table cannot see.
    static func configuration(_ checked: inout CheckedConfiguration) -> AlertingConfiguration {
        var alerting = AlertingConfiguration()
        var rules = RuleSettings()
        rules.interval =
            checked.milliseconds("alerting.evaluation_interval")
            ?? checked.milliseconds("query.evaluation_interval") ?? rules.interval
        set(&rules.queryOffset, checked.milliseconds("alerting.query_offset"))
        set(&rules.resendDelay, checked.milliseconds("alerting.resend_delay"))
        set(&rules.forGracePeriod, checked.milliseconds("alerting.for_grace_period"))
        set(&rules.outageTolerance, checked.milliseconds("alerting.for_outage_tolerance"))
        set(&rules.resolvedRetention, checked.milliseconds("alerting.resolved_retention"))
        rules.externalLabels = externalLabels(&checked)
        alerting.externalURL = checked.text("alerting.external_url")
        alerting.settings.rules = rules
        set(
            &alerting.settings.concurrentQuestions,
            checked.number("alerting.concurrent_questions"))
        set(&alerting.settings.hasBuiltInRules, checked.flag("alerting.built_in_rules"))
        alerting.settings.policies =
            checked.document("alerting.policies") { RulePolicyReader.read($0, &$1) }
            ?? RulePolicies()
        let slash = checked.file.lastIndex(of: "/")
        let directory = slash.map { String(checked.file[...$0]) } ?? ""
        set(&alerting.observations.retention, checked.duration("alerting.observations.retention"))
        set(
            &alerting.observations.maximumSeries,
            checked.number("alerting.observations.max_series"))
        set(
            &alerting.observations.maximumSamples,
            checked.number("alerting.observations.max_samples"))
        var paths = FileReferences(
            directory: directory.hasSuffix("/") ? String(directory.dropLast()) : directory)
        alerting.alertmanagers = AlertmanagerKeys.settings(&checked, &paths)
        alerting.relabelling = checked.relabelling("alerting.alert_relabel_configs")
        alerting.receivers = RemoteWriteKeys.receivers(
            &checked, &paths, externalLabels: rules.externalLabels)
        alerting.restoreFrom = restore.service(&checked, paths: &paths)
        for reference in paths.found {
            guard let problem = DiskFile.problem(reading: reference.path) else { continue }
            checked.refuse(
                reference.key, "the file \(reference.path) cannot be read: \(problem)")
        }
        alerting.ruleFiles = checked.list("alerting.rule_files").map {
            $0.text.hasPrefix("/") ? $0.text : directory + $0.text
        }
        return alerting
    }

    private static func externalLabels(_ checked: inout CheckedConfiguration) -> Labels {
        var builder = LabelsBuilder()
        for label in checked.texts("alerting.external_labels") {
            if label.name.isEmpty || label.name == Labels.metricNameLabel {
                checked.refuse(
                    "alerting.external_labels", at: label.place,
                    "\(GoText.quoted(label.name)) cannot be a label's name")
            }
            builder.set(label.name, label.text)
        }
        return builder.labels()
    }
}

/// Rules as the configuration has them, before their files are read.
struct AlertingConfiguration: Sendable {
    /// Patterns of paths.
    var ruleFiles: [String] = []
    var settings = AlertingSettings()
    /// Without a slash at the end; nil for where the gateway listens.
    var externalURL: String?
    var observations = ObservationSettings()
    var alertmanagers: [AlertmanagerSettings] = []
    /// Of alerts, before each Alertmanager's own.
    var relabelling = Relabelling()
    var receivers: [RemoteWriteKeys.Receiver] = []
    /// Asked for the series of alerts at the start.
    var restoreFrom: Clusters.Service?

    /// Whether there is anything to evaluate or to tell.
    var isUsed: Bool { !ruleFiles.isEmpty || !alertmanagers.isEmpty }
}

extension GatewayConfiguration {
    /// Rule files may ask what queries may.
    var ruleFiles: RuleFiles {
        RuleFiles(
            options: ParseOptions(experimentalFunctions: query.experimentalFunctions))
    }

    /// How people reach the gateway, without a slash at the end.
    var externalURL: String {
        if let url = alerting.externalURL { return url }
        let isEverywhere = ["0.0.0.0", "::", ""].contains(listen.host)
        let host = isEverywhere ? HostName.current : listen.host
        return "http://\(ListenAddress(host: host, port: listen.port))"
    }
}
