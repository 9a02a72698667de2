// The first file to read in Notifying: alerts on their way to Alertmanagers. Whoever sends waits
// for nothing; each Alertmanager has a queue and a sender of its own. Nothing here decides whether
// an alert fires.

import Clusters
import Logging
import Metrics
import Rules
import ServiceLifecycle
import TimeSeries
import Upstream

/// Sends alerts to Alertmanagers: every alert to each of them.
package final class Notifier: ServiceLifecycle.Service {
    private let settings: NotifierSettings
    private let surroundings: Alertmanager.Surroundings
    private let groups: [AlertmanagerGroup]
    private let lookup: NameLookup
    /// Alertmanagers whose senders are to be run.
    private let arrivals: AsyncStream<Alertmanager>
    private let gate: AsyncStream<Alertmanager>.Continuation

    /// `now` times how long alerts wait, and nothing else.
    package init(
        _ settings: NotifierSettings, upstream: UpstreamClient, lookup: NameLookup = .system,
        logger: Logger = Logger(label: "isthmus.alerting"),
        metrics factory: any MetricsFactory = MetricsSystem.factory,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        let surroundings = Alertmanager.Surroundings(
            upstream: upstream, settings: settings, logger: logger,
            metrics: NotifierMetrics(factory: factory), now: now)
        self.settings = settings
        self.surroundings = surroundings
        self.lookup = lookup
        groups = settings.alertmanagers.map { AlertmanagerGroup($0, surroundings) }
        (arrivals, gate) = AsyncStream.makeStream()
        surroundings.metrics.hasCapacity(settings.queueCapacity)
        for group in groups { admit(group.update()) }
    }

    /// All Alertmanagers that are known now, in the configuration's order.
    package var reports: [AlertmanagerReport] { groups.flatMap(\.reports) }

    /// Lets alerts wait to be sent, and returns at once. Of one alert's messages the last is sent.
    package func send(_ notifications: [AlertNotification]) {
        let relabelled = notifications.compactMap { notification -> RelabelledAlert? in
            let labels = settings.relabelling.relabelled(
                notification.labels, defaults: settings.externalLabels)
            guard let labels, !labels.isEmpty else { return nil }
            return RelabelledAlert(notification: notification, labels: labels)
        }
        guard !relabelled.isEmpty else { return }
        let now = surroundings.now()
        for group in groups { group.send(relabelled, now: now) }
    }

    // MARK: Running

    /// Sends until it is told to stop, and then what still waits, within the drain time.
    package func run() async {
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await self.serve() }
            tasks.addTask { await self.awaitDrainTimesEnd() }
            // Whichever is first; the other one is not waited for.
            await tasks.next()
            tasks.cancelAll()
        }
        // Where it was cancelled, nobody has said so yet.
        end()
    }

    private func serve() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { tasks in
                for group in groups {
                    for (place, question) in group.questions.enumerated() {
                        tasks.addTask { await self.watch(question, place, of: group) }
                    }
                }
                for await alertmanager in arrivals {
                    tasks.addTask { await alertmanager.run() }
                }
            }
        } onGracefulShutdown: {
            self.end()
        }
    }

    private func end() {
        for group in groups { group.end() }
        gate.finish()
    }

    private func awaitDrainTimesEnd() async {
        // Cancelled means that all is sent.
        try? await gracefulShutdown()
        try? await Task.sleep(for: settings.drainTime)
    }

    private func admit(_ alertmanagers: [Alertmanager]) {
        for alertmanager in alertmanagers { gate.yield(alertmanager) }
        surroundings.metrics.discovered(reports.count)
    }

    // MARK: Discovery

    /// Looks a name up again and again. What it stood for last holds while nobody answers.
    private func watch(
        _ question: NameQuestion, _ place: Int, of group: AlertmanagerGroup
    ) async {
        await cancelWhenGracefulShutdown { [self] in
            var problem: NameLookup.Problem?
            while !Task.isCancelled {
                do throws(NameLookup.Problem) {
                    let addresses = try await lookup.addresses(question)
                    admit(group.update(name: place, to: addresses))
                    if problem != nil { tell(question, nil) }
                    problem = nil
                } catch {
                    guard !Task.isCancelled else { break }
                    surroundings.metrics.lookupFailed()
                    if problem != error { tell(question, error) }
                    problem = error
                }
                try? await Task.sleep(for: question.interval)
            }
        }
    }

    private func tell(_ question: NameQuestion, _ problem: NameLookup.Problem?) {
        guard let problem else {
            surroundings.logger.notice(
                "the Alertmanagers' name is found again", metadata: ["name": "\(question.name)"])
            return
        }
        surroundings.logger.warning(
            "the Alertmanagers' name cannot be looked up; the last known ones are kept",
            metadata: ["name": "\(question.name)", "error": "\(problem.words)"])
    }
}
