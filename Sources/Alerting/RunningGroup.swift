import Federation
import Metrics
import Observations
import Rules
import Synchronization
import TimeSeries
import Tracing
import Upstream

/// What a group's evaluation has to do with others: whom it asks, and who is told what comes of it.
struct GroupSurroundings: Sendable {
    let queries: RuleQueries
    let observations: ObservationStore
    let keeping: any StateKeeping
    let outlets: AlertingOutlets
    let metrics: any MetricsFactory
    let concurrentQuestions: Int
    /// Whose data the series lack that groups record.
    let records = SharedRecords()
}

/// A group of rules that is evaluated again and again.
///
/// The scheduler sees to it that one evaluation at a time runs. An evaluation works on a copy of the
/// state; what others see is the state after the last one.
final class RunningGroup: Sendable {
    let schedule: GroupSchedule
    let group: RuleGroup
    private let waves: [[Int]]
    private let surroundings: GroupSurroundings
    private let kept: Mutex<Kept>
    private let metrics: GroupMetrics

    private struct Kept {
        var report: GroupReport
        /// The time of the last evaluation that was begun, or of the slot before the first.
        var last: Int64
        var isRunning = false
        /// Evaluations since the state from before the process was looked for.
        var evaluationCount = 0
        /// The same group before a reload, as long as it may still be evaluating.
        var earlier: RunningGroup?
    }

    /// `time` is now: the first evaluation is the next of its schedule.
    init(
        _ state: RuleGroupState, earlier: RunningGroup?, surroundings: GroupSurroundings,
        at time: Int64
    ) {
        group = state.group
        let schedule = GroupSchedule(
            name: group.name, file: group.file, interval: state.interval)
        self.schedule = schedule
        self.surroundings = surroundings
        waves = RuleDependencies(group).waves
        metrics = GroupMetrics(group.key, factory: surroundings.metrics)
        kept = Mutex(
            Kept(
                report: GroupReport(state: state), last: schedule.slot(notAfter: time),
                earlier: earlier))
        settle()
        metrics.loaded(state, schedule.interval)
    }

    var report: GroupReport { kept.withLock { $0.report } }

    /// Takes over from the group before a reload, if that is done. Whether this group's state is
    /// whole, and no evaluation is changing it.
    @discardableResult
    func settle() -> Bool {
        if let earlier = kept.withLock({ $0.earlier }) {
            // Of several reloads in a row each one's group takes over from the one before.
            guard earlier.settle() else { return false }
            takeOver(from: earlier)
        }
        return !kept.withLock { $0.isRunning }
    }

    // MARK: Schedule

    /// When the next evaluation is due; nil while one runs, of this group or of the one before it.
    var due: Int64? { settle() ? kept.withLock { $0.last + schedule.interval } : nil }

    /// Begins the evaluation that is due at `time`, if one is. What was missed meanwhile is counted
    /// and not made up for. Whoever gets a time calls `run` with it.
    func begin(at time: Int64) -> Int64? {
        guard settle() else { return nil }
        return kept.withLock { kept in
            guard kept.last + schedule.interval <= time else { return nil }
            let next = schedule.next(after: kept.last, at: time)
            kept.last = next.time
            kept.isRunning = true
            kept.report.missedCount += next.missed
            metrics.missed(next.missed)
            return next.time
        }
    }

    private func takeOver(from earlier: RunningGroup) {
        let before = earlier.kept.withLock { $0 }
        kept.withLock { kept in
            guard kept.earlier != nil else { return }
            kept.earlier = nil
            kept.report.state.carry(from: before.report.state)
            kept.report.missedCount = before.report.missedCount
            kept.evaluationCount = before.evaluationCount
            // An interval that stays keeps its places.
            if earlier.schedule == schedule { kept.last = before.last }
        }
    }

    /// The ends of all series, for a group that is gone.
    func end(at time: Int64) {
        let samples = report.state.ends(at: time)
        surroundings.append(samples)
        metrics.removed()
    }

    // MARK: One evaluation

    /// Evaluates all rules for a time that `begin` gave.
    func run(at time: Int64, now: @Sendable () -> Int64) async {
        let clock = ContinuousClock()
        let start = clock.now
        metrics.began(late: now() - time)
        let report = await tracedReport(at: time)
        kept.withLock { kept in
            kept.isRunning = false
            // Told to stop: what was answered then means nothing.
            guard var report else { return }
            report.missedCount = kept.report.missedCount
            report.duration = start.duration(to: clock.now)
            kept.report = report
            kept.evaluationCount += 1
        }
        if report != nil { metrics.ended(self.report) }
    }

    /// The group after an evaluation, which is a trace of its own.
    private func tracedReport(at time: Int64) async -> GroupReport? {
        let span = InstrumentationSystem.tracer.startSpan("evaluate rule group", context: .topLevel)
        defer { span.end() }
        let report = await ServiceContext.$current.withValue(span.context) {
            await evaluated(at: time)
        }
        guard span.isRecording else { return report }
        span.updateAttributes { attributes in
            attributes["isthmus.rule_group"] = group.name
            attributes["isthmus.rule_file"] = group.file
            attributes["isthmus.rules"] = group.rules.count
            attributes["isthmus.evaluation_time"] = time
        }
        return report
    }

    /// The group after an evaluation; nil where it was told to stop meanwhile.
    private func evaluated(at time: Int64) async -> GroupReport? {
        let before = kept.withLock { $0 }
        var report = before.report
        var state = report.state
        if before.evaluationCount == 0 {
            await surroundings.keeping.restore(&state, at: time)
        }
        await surroundings.keeping.adopt(&state, at: time)
        state.note(surroundings.records.current)
        var notifications: [(rule: Int, told: [AlertNotification])] = []
        for wave in waves {
            let answers = await answers(to: wave, of: state, at: time)
            if Task.isCancelled { return nil }
            for answer in answers {
                let clock = ContinuousClock()
                let start = clock.now
                let outcome = await evaluate(answer, of: &state, at: time)
                if Task.isCancelled { return nil }
                surroundings.append(outcome.samples)
                notifications.append((answer.rule, outcome.notifications))
                metrics.evaluated(hasFailed: outcome.failure != nil)
                report.ruleDurations[answer.rule] =
                    answer.duration + start.duration(to: clock.now)
            }
        }
        surroundings.append(state.finish(at: time))
        surroundings.records.note(state.records, of: group)
        // Twice evaluated, as in Prometheus: alerts are there to be given their old times.
        if before.evaluationCount == 1 {
            await surroundings.keeping.restoreWaiting(&state, at: time)
        }
        await surroundings.keeping.save(&state, at: time)
        if Task.isCancelled { return nil }
        // Another gateway may know better by now what this one only holds.
        for (rule, told) in notifications {
            let confirmed = state.confirmed(told, rule: rule)
            if !confirmed.isEmpty { surroundings.outlets.notify(confirmed) }
        }
        report.state = state
        report.evaluatedAt = time
        return report
    }

    private struct Answered: Sendable {
        var rule: Int
        var answer: RuleAnswer
        var duration: Duration
    }

    /// The answers to the questions of rules that do not wait for each other.
    private func answers(
        to wave: [Int], of state: RuleGroupState, at time: Int64
    ) async -> [Answered] {
        await wave.answers(atOnce: surroundings.concurrentQuestions) { rule in
            await self.answered(
                rule, state.question(rule, at: time), at: time, state.rules[rule].lastCoverage)
        }
    }

    private func answered(
        _ rule: Int, _ question: RuleQuestion, at time: Int64, _ earlier: RuleCoverage
    ) async -> Answered {
        let clock = ContinuousClock()
        let start = clock.now
        let answer = await surroundings.queries.answer(
            to: question, at: time, within: patience, earlier: earlier)
        return Answered(
            rule: rule, answer: answer, duration: start.duration(to: clock.now))
    }

    /// A question that takes longer than half of the interval delays the next evaluation too.
    private var patience: Duration { .milliseconds(max(500, schedule.interval / 2)) }

    private func evaluate(
        _ answered: Answered, of state: inout RuleGroupState, at time: Int64
    ) async -> RuleOutcome {
        var lookups: [RuleLookup: TemplateAnswer] = [:]
        for _ in 0..<RuleGroupState.maximumLookupRounds {
            switch state.evaluate(
                answered.rule, at: time, answer: answered.answer, lookups: lookups)
            {
            case .done(let outcome): return outcome
            case .needs(let wanted):
                let found = await wanted.answers(atOnce: surroundings.concurrentQuestions) {
                    await self.surroundings.queries.answer(to: $0, within: self.patience)
                }
                for (lookup, answer) in zip(wanted, found) { lookups[lookup] = answer }
            }
        }
        return state.failed(answered.rule, at: time, RuleGroupState.tooManyLookups)
    }
}

extension GroupSurroundings {
    func append(_ samples: [RuleSample]) {
        guard !samples.isEmpty else { return }
        observations.append(
            samples.map { .init(labels: $0.labels, time: $0.time, value: $0.value) })
        outlets.write(samples)
    }
}

/// Whose data the series lack that groups record, as of each group's last evaluation.
final class SharedRecords: Sendable {
    private let records = Mutex<[String: RecordedCoverage]>([:])

    var current: [String: RecordedCoverage] { records.withLock { $0 } }

    /// Notes what a group records itself.
    func note(_ found: [String: RecordedCoverage], of group: RuleGroup) {
        records.withLock { records in
            for name in group.recordedNames { records[name] = found[name] }
        }
    }
}
