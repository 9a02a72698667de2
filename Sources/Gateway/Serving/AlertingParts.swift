import Alerting
import Federation
import HTTPAPI
import Logging
import Metrics
import Observations
import Rules
import ServiceLifecycle
import Storage
import Upstream

/// What evaluates rules and tells of them, put together as the configuration says.
struct AlertingParts: Sendable {
    let service: AlertingService
    private let notifier: Notifier
    private let writers: [RemoteWriter]
    private let lint: LintWatch

    /// Nil where there are neither rules nor anybody to tell.
    init?(
        _ configuration: GatewayConfiguration, groups: [RuleGroup],
        query: @escaping RuleQueries.Query, metadata: MetadataService, fleet: Fleet,
        observations: ObservationStore, upstream: UpstreamClient, redis: RedisStore?,
        metrics: any MetricsFactory, logger: Logger
    ) {
        let alerting = configuration.alerting
        guard alerting.isUsed else { return nil }
        var settings = alerting.settings
        settings.rules.externalURL = configuration.externalURL
        let notifier = Notifier(
            NotifierSettings(
                alertmanagers: alerting.alertmanagers, relabelling: alerting.relabelling,
                externalLabels: settings.rules.externalLabels,
                externalURL: configuration.externalURL),
            upstream: upstream, logger: logger, metrics: metrics)
        let writers = alerting.receivers.map { receiver in
            RemoteWriter(
                receiver.settings, upstream: upstream,
                relabel: { receiver.relabelling.relabelled($0) }, logger: logger,
                metrics: metrics)
        }
        let keeper = StateKeeper(
            redis: redis,
            series: alerting.restoreFrom.map {
                ForStateSource(
                    $0, upstream: upstream, addedLabels: settings.rules.externalLabels)
            },
            backFill: BackFill(query: query, fleet: fleet), metrics: metrics, logger: logger)
        let service = AlertingService(
            settings, groups: groups, query: query, fleet: fleet, observations: observations,
            keeping: keeper,
            outlets: AlertingOutlets(
                notify: { notifier.send($0) },
                write: { samples in for writer in writers { writer.write(samples) } }),
            clock: AlertingClock(now: WallClock.now), metrics: metrics, logger: logger)
        self.service = service
        self.notifier = notifier
        self.writers = writers
        lint = LintWatch(
            groups: { service.groups },
            lint: { LiveLint(metadata, fleet: fleet, now: WallClock.now()) },
            clock: AlertingClock(now: WallClock.now), metrics: metrics, logger: logger)
    }

    /// In the order in which they begin; the last is the first to be stopped, so that what an
    /// evaluation gives is still sent.
    var services: [any ServiceLifecycle.Service] { [notifier] + writers + [service, lint] }

    /// What is to be told of it.
    var report: AlertingReport {
        AlertingReport(groups: lint.reports, alertmanagers: notifier.reports)
    }
}
