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

    /// Nil where there are neither rules nor anybody to tell.
    init?(
        _ configuration: GatewayConfiguration, groups: [RuleGroup],
        query: @escaping RuleQueries.Query, fleet: Fleet, observations: ObservationStore,
        upstream: UpstreamClient, redis: RedisStore?, metrics: any MetricsFactory, logger: Logger
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
        service = AlertingService(
            settings, groups: groups, query: query, fleet: fleet, observations: observations,
            keeping: keeper,
            outlets: AlertingOutlets(
                notify: { notifier.send($0) },
                write: { samples in for writer in writers { writer.write(samples) } }),
            clock: AlertingClock(now: WallClock.now), metrics: metrics, logger: logger)
        self.notifier = notifier
        self.writers = writers
    }

    /// In the order in which they begin; the last is the first to be stopped, so that what an
    /// evaluation gives is still sent.
    var services: [any ServiceLifecycle.Service] { [notifier] + writers + [service] }

    /// What is to be told of it.
    var report: AlertingReport {
        AlertingReport(groups: service.groups, alertmanagers: notifier.reports)
    }
}
