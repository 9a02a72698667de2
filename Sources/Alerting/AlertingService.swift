// The first file to read in Alerting: rules on a schedule. Each group is evaluated again and again
// at its own times (`RunningGroup`): its questions go to the fleet (`RuleQueries`), the answers to
// the state machine of `Rules`, and what comes of it to the gateway's own series, to Alertmanagers
// (`Notifying`), to receivers of samples (`RemoteWriting`) and to where state is kept (`State`).

import Clusters
import Federation
import Logging
import Metrics
import Observations
import Rules
import ServiceLifecycle
import Synchronization
import TimeSeries

/// Evaluates rules over all clusters.
package final class AlertingService: ServiceLifecycle.Service, Sendable {
    private let settings: AlertingSettings
    private let fleet: Fleet
    private let clock: AlertingClock
    private let logger: Logger
    private let surroundings: GroupSurroundings
    private let reachability: ClusterReachability
    private let bell = Bell()
    private let state: Mutex<State>

    private struct State {
        /// As the files have them.
        var declared: [RuleGroup] = []
        /// Those that are evaluated, the built-in one last.
        var running: [RunningGroup] = []
        /// Those that are no more, but are not done yet.
        var retiring: [RunningGroup] = []
        /// The names of external labels that the groups were made for.
        var labelNames: Set<String> = []
    }

    package init(
        _ settings: AlertingSettings, groups: [RuleGroup], query: @escaping RuleQueries.Query,
        fleet: Fleet, observations: ObservationStore, keeping: any StateKeeping = NothingKept(),
        outlets: AlertingOutlets, clock: AlertingClock,
        metrics factory: any MetricsFactory = MetricsSystem.factory,
        logger: Logger = Logger(label: "isthmus.alerting")
    ) {
        self.settings = settings
        self.fleet = fleet
        self.clock = clock
        self.logger = logger
        let reachability = ClusterReachability()
        self.reachability = reachability
        surroundings = GroupSurroundings(
            queries: RuleQueries(query: query, fleet: fleet, reachability: reachability),
            observations: observations, keeping: keeping, outlets: outlets,
            metrics: factory,
            concurrentQuestions: settings.concurrentQuestions)
        state = Mutex(State())
        replace(with: groups)
    }

    /// What is to be told of the groups.
    package var groups: [GroupReport] { state.withLock { $0.running }.map(\.report) }

    // MARK: Which groups there are

    /// Evaluates other groups from now on. Groups that are the same go on as they are; in changed
    /// ones the rules that are the same go on with their alerts.
    package func replace(with groups: [RuleGroup]) { arrange(groups) }

    /// `groups` are nil where the same ones are arranged for another fleet.
    private func arrange(_ groups: [RuleGroup]?) {
        let time = clock.now()
        state.withLock { state in
            let names = fleet.current.inventory.externalLabelNames
            // Whoever else has declared groups meanwhile must not be undone.
            if groups == nil, names == state.labelNames { return }
            let declared = groups ?? state.declared
            let all = declared + (settings.hasBuiltInRules ? [BuiltInRules.group] : [])
            let before = Dictionary(state.running.map { ($0.group.key, $0) }) { first, _ in first }
            let isFirst = state.labelNames.isEmpty
            let isOfSameFleet = state.labelNames == names
            var settings = self.settings.rules
            settings.clusterLabelNames = names.union(settings.clusterLabelNames)
            let states = RuleGroupState.all(
                all, settings: settings, policies: self.settings.policies,
                restores: surroundings.keeping.restoresLate && isFirst)
            state.running = states.map { fresh in
                let earlier = before[fresh.group.key]
                if let earlier, isOfSameFleet, earlier.group == fresh.group,
                    earlier.report.state.isJudged(as: fresh)
                {
                    return earlier
                }
                return RunningGroup(
                    fresh, earlier: earlier, surroundings: surroundings, at: time)
            }
            let keys = Set(all.map(\.key))
            state.retiring += before.values.filter { !keys.contains($0.group.key) }
            state.declared = declared
            state.labelNames = names
            surroundings.observations.declare(names: RuleGroup.seriesNames(of: all))
        }
        bell.ring()
    }

    // MARK: Schedule

    package func run() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { tasks in
                while !Task.isCancelled {
                    self.followFleet()
                    self.endRetired()
                    for (group, time) in self.dueGroups() {
                        tasks.addTask { await self.evaluate(group, at: time) }
                    }
                    await self.pause()
                }
            }
        }
    }

    /// Evaluates each group once for a time, whatever its schedule: the time of tests and of trials.
    package func evaluateAll(at time: Int64) async {
        for group in state.withLock({ $0.running }) {
            await evaluate(group, at: time)
        }
    }

    private func evaluate(_ group: RunningGroup, at time: Int64) async {
        if group.group.key == BuiltInRules.group.key { observeSelf(at: time) }
        await group.run(at: time, now: clock.now)
        // It may be due again already, or awaited by its successor.
        bell.ring()
    }

    private func dueGroups() -> [(RunningGroup, Int64)] {
        let time = clock.now()
        return state.withLock { $0.running }.compactMap { group in
            group.begin(at: time).map { (group, $0) }
        }
    }

    /// Waits until a group is due, or until something has changed.
    private func pause() async {
        let due = state.withLock { $0.running }.compactMap(\.due).min()
        await withDiscardingTaskGroup { tasks in
            guard let due else { return await bell.wait() }
            tasks.addTask { await self.ring(at: due) }
            await bell.wait()
            tasks.cancelAll()
        }
    }

    private func ring(at time: Int64) async {
        await clock.sleep(time)
        if !Task.isCancelled { bell.ring() }
    }

    /// What missing clusters mean for a rule depends on the names of the external labels.
    private func followFleet() {
        let names = fleet.current.inventory.externalLabelNames
        if names != state.withLock({ $0.labelNames }) { arrange(nil) }
    }

    /// Ends the series of groups that are gone and done.
    private func endRetired() {
        let ended = state.withLock { state in
            let ended = state.retiring.filter { $0.settle() }
            state.retiring.removeAll { group in ended.contains { $0 === group } }
            return ended
        }
        let time = clock.now()
        for group in ended {
            logger.info("rule group is gone", metadata: ["group": "\(group.group.key)"])
            group.end(at: time)
        }
    }

    // MARK: Series of its own

    /// Keeps what the built-in rules and those of `deploy/rules` look at: which clusters answer, and
    /// how late groups are.
    private func observeSelf(at time: Int64) {
        var samples = reachability.samples(of: fleet.current, at: time)
        for report in groups {
            guard let evaluatedAt = report.evaluatedAt else { continue }
            let lag = max(0, time - evaluatedAt - report.state.interval)
            samples.append(
                .init(
                    labels: [
                        "__name__": BuiltInRules.lagMetric,
                        "rule_group": report.state.group.key,
                    ], time: time, value: .float(Double(lag) / 1000)))
        }
        surroundings.observations.append(samples)
    }
}
