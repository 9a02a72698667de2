// The first file to read in ControlPlane: the watch of what the meshes depend on. Each replica of
// each declared endpoint is asked on a schedule of its own, the clusters' metrics are asked what they
// say, and from time to time all of that becomes one report and series of the gateway's own. What
// answers mean is MeshHealth's to say. The module asks by GET alone, what stands in MeshHealth's
// table, and changes nothing anywhere.

import Clusters
import Federation
import Logging
import MeshHealth
import Observations
import ServiceLifecycle
import Synchronization
import Upstream

/// Watches the control planes and certificates of all clusters.
///
/// It runs as a service; the report is there before and after too, of the last look.
package final class ControlPlaneWatch: ServiceLifecycle.Service, Sendable {
    /// Asks the whole fleet a query.
    package typealias Query =
        @Sendable (QueryRequest) async throws(QueryFailure) -> QueryAnswer

    private let fleet: Fleet
    private let upstream: UpstreamClient
    private let query: Query
    private let observations: ObservationStore
    private let settings: ControlPlaneSettings
    private let metrics: ControlPlaneMetrics
    private let clock: ControlPlaneClock
    private let logger: Logger
    private let gate: ConcurrencyGate
    private let memory: Mutex<HealthMemory>
    private let writer = Mutex(SeriesWriter())
    private let latest = Mutex(ControlPlaneReport())

    /// How often the inventory is looked at, and whether there is anything new, milliseconds.
    private static let attention: Int64 = 1000

    package init(
        fleet: Fleet, upstream: UpstreamClient, query: @escaping Query,
        observations: ObservationStore, settings: ControlPlaneSettings = ControlPlaneSettings(),
        metrics: ControlPlaneMetrics = ControlPlaneMetrics(), clock: ControlPlaneClock,
        logger: Logger = Logger(label: "isthmus.control-plane")
    ) {
        self.fleet = fleet
        self.upstream = upstream
        self.query = query
        self.observations = observations
        self.settings = settings
        self.metrics = metrics
        self.clock = clock
        self.logger = logger
        gate = ConcurrencyGate(limit: settings.concurrency)
        memory = Mutex(HealthMemory(settings))
        observations.declare(names: ObservedHealth.names, by: "control planes")
    }

    /// What the last look found.
    package func report() async -> ControlPlaneReport { latest.withLock { $0 } }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { tasks in
                tasks.addTask { await self.askMetricsAlways() }
                tasks.addTask { await self.lookAlways() }
                while !Task.isCancelled {
                    for watched in self.followFleet() {
                        tasks.addTask { await self.watch(watched) }
                    }
                    await self.clock.sleep(self.clock.now() + Self.attention)
                }
            }
        }
    }

    /// Asks everything once, now, whatever the schedule, and looks at it: the round of tests and of
    /// trials.
    package func lookOnce() async {
        _ = followFleet()
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await self.askMetrics(within: 0) }
            for watched in self.memory.withLock({ $0.all }) {
                tasks.addTask { await self.ask(watched, due: nil) }
            }
        }
        look()
    }

    // MARK: Replicas

    private func followFleet() -> [HealthMemory.Watched] {
        let inventory = fleet.current.inventory
        let (fresh, count) = memory.withLock { ($0.follow(inventory), $0.count) }
        if !fresh.isEmpty {
            logger.debug("watches control planes", metadata: ["replicas": "\(count)"])
        }
        metrics.watches(count)
        return fresh
    }

    /// Asks a replica at its times, as long as it is watched.
    private func watch(_ watched: HealthMemory.Watched) async {
        // At once, however many others are new: that it takes its time is no delay.
        await ask(watched, due: nil)
        var due = watched.replica.due(after: clock.now())
        await clock.sleep(due)
        while !Task.isCancelled, memory.withLock({ $0.isWatched(watched) }) {
            await ask(watched, due: due)
            let next = watched.replica.due(after: due)
            due = max(due + 1, watched.replica.due(after: clock.now()))
            // It took so long that it should have been asked again meanwhile.
            if due > next { metrics.late() }
            if memory.withLock({ $0.isInDoubt(watched) }) {
                // It is looked at again soon, so that what has changed shows within two intervals.
                due = min(due, clock.now() + max(1, watched.replica.interval / 2))
            }
            await clock.sleep(due)
        }
    }

    /// `due` is when it should be asked; nil for whenever there is a place.
    private func ask(_ watched: HealthMemory.Watched, due: Int64?) async {
        let interval = Duration.milliseconds(watched.replica.interval)
        do {
            try await gate.withPlace(by: .now + (due == nil ? interval * 4 : interval)) {
                if let due, clock.now() - due > watched.replica.interval / 4 { metrics.late() }
                await askNow(watched)
            }
        } catch is NoPlace {
            metrics.late()
        } catch {
            // Cancelled means told to stop.
        }
    }

    private func askNow(_ watched: HealthMemory.Watched) async {
        let start = ContinuousClock.now
        let asking = memory.withLock { $0.asking(watched, at: clock.now()) }
        let question = ReplicaAsking(
            replica: watched.replica, upstream: upstream, settings: settings.probes,
            now: clock.now, skipping: asking.skipping, wantsHandshake: asking.wantsHandshake)
        guard let finding = await question.finding() else { return }
        let target = watched.replica.target
        metrics.asked(
            target.kind, found: InstanceHealth(target, finding.readings).state,
            after: start.duration(to: .now))
        memory.withLock { $0.note(finding, of: watched) }
    }

    // MARK: Metrics

    private func askMetricsAlways() async {
        let interval = settings.metricsInterval.wholeMilliseconds
        var start = clock.now()
        // At first as soon as may be, later so that others are not in each other's way.
        await askMetrics(within: 0)
        while !Task.isCancelled {
            await clock.sleep(start + interval)
            start = clock.now()
            await askMetrics(within: interval / 2)
        }
    }

    /// `spread` is over how long the questions are spread, milliseconds; 0 for not at all.
    private func askMetrics(within spread: Int64) async {
        let time = clock.now()
        let round = MetricRound(
            query: query, settings: settings, metrics: metrics, clock: clock, time: time,
            spread: spread)
        let replies = await round.replies()
        guard !Task.isCancelled else { return }
        memory.withLock { $0.note(replies, at: time) }
    }

    // MARK: Reports

    /// Looks at everything once in each interval, and soon after something has changed.
    private func lookAlways() async {
        let interval = settings.interval.wholeMilliseconds
        var next = clock.now()
        while !Task.isCancelled {
            let now = clock.now()
            guard now >= next || memory.withLock({ $0.hasNews }) else {
                await clock.sleep(now + Self.attention)
                continue
            }
            let start = ContinuousClock.now
            look()
            next = now + interval
            // Of all the time at most a tenth goes into reports, whatever changes.
            let pause = start.duration(to: .now) * 10
            await clock.sleep(now + max(Self.attention, min(interval, pause.wholeMilliseconds)))
        }
    }

    /// Makes the report of what is known now, and keeps it as series. Nothing is asked.
    package func look() {
        let start = ContinuousClock.now
        let time = clock.now()
        let (parts, known) = memory.withLock { memory in
            let parts = memory.parts(at: time)
            return (parts, memory)
        }
        let picture = HealthPicture(parts)
        memory.withLock { $0.note(picture.proxies) }
        let series = ObservedHealth.series(picture, states: parts.states, memory: known)
        observations.append(writer.withLock { $0.samples(of: series, at: time) })
        let report = ControlPlaneReport(
            picture: picture, observedAt: known.observedAt,
            missing: known.metrics?.missing ?? [], metricsAt: known.metrics?.time, series: series)
        latest.withLock { $0 = report }
        metrics.reported(picture, after: start.duration(to: .now))
    }
}
