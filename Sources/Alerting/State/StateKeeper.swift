import Logging
import Metrics
import Rules
import Storage

/// Keeps the state of alerts beyond the process: in the Redis that gateways share; else alerts are
/// found again in the series that were written of them, or by evaluating over the past.
///
/// With Redis, each evaluation begins with what others know for certain since, and ends with a
/// change that all see, before anything is told. What fails costs a wait that is bounded, and the
/// evaluation goes on with what this gateway knows itself.
package struct StateKeeper: StateKeeping {
    private let shared: SharedGroupStates?
    private let series: ForStateSource?
    private let backFill: BackFill?
    private let metrics: StateMetrics
    private let logger: Logger

    package init(
        redis: RedisStore?, series: ForStateSource? = nil, backFill: BackFill? = nil,
        settings: StateSettings = StateSettings(),
        metrics factory: any MetricsFactory = MetricsSystem.factory,
        logger: Logger = Logger(label: "isthmus.alerting")
    ) {
        let metrics = StateMetrics(factory: factory)
        shared = redis.map {
            SharedGroupStates($0, settings: settings, metrics: metrics, logger: logger)
        }
        self.series = series
        self.backFill = backFill
        self.metrics = metrics
        self.logger = logger
    }

    package var restoresLate: Bool { true }

    package func restore(_ state: inout RuleGroupState, at time: Int64) async {
        if let shared, case .kept(let snapshot) = await shared.snapshotAtStart(of: state.group) {
            state.restore(snapshot, at: time)
            metrics.restored(from: .redis)
            return
        }
        // A group that came with a reload begins now.
        guard state.rules.contains(where: { !$0.isRestored }) else { return }
        // The series are asked once there are alerts again.
        if series != nil { return }
        let isFound = await backFill?.run(&state, before: time) ?? false
        state.restore(GroupSnapshot(), at: time)
        metrics.restored(from: isFound ? .backFill : .nothing)
    }

    package func restoreWaiting(_ state: inout RuleGroupState, at time: Int64) async {
        guard let series else { return }
        var hasFailed = false
        var isFound = false
        for index in state.rules.indices where !state.rules[index].isRestored {
            var samples: [ForStateSample] = []
            if !hasFailed, let (matchers, start) = state.restoration(index, at: time),
                !state.rules[index].activeAlerts.isEmpty
            {
                do throws(ForStateFailure) {
                    samples = try await series.samples(
                        matchers, from: start, at: time, interval: state.interval)
                } catch {
                    // As in Prometheus, what cannot be had now is not asked for again.
                    hasFailed = true
                    logger.warning(
                        "the series of alerts cannot be read; alerts begin to wait anew",
                        metadata: ["group": "\(state.group.key)", "error": "\(error.message)"])
                }
            }
            isFound = isFound || !samples.isEmpty
            state.restore(index, from: samples, at: time)
        }
        metrics.restored(from: isFound ? .series : .nothing)
    }

    package func adopt(_ state: inout RuleGroupState, at time: Int64) async {
        guard let shared, case .kept(let snapshot) = await shared.snapshot(of: state.group)
        else { return }
        state.adopt(snapshot, through: time)
    }

    package func save(_ state: inout RuleGroupState, at time: Int64) async {
        guard let shared,
            let merged = await shared.merge(state.snapshot(), of: state.group, at: time)
        else { return }
        state.adopt(merged, through: time)
    }
}
