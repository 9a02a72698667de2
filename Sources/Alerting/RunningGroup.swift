import Federation
import Observations
import Rules
import Synchronization
import TimeSeries

/// What a group's evaluation has to do with others: whom it asks, and who is told what comes of it.
struct GroupSurroundings: Sendable {
    let queries: RuleQueries
    let observations: ObservationStore
    let keeping: any StateKeeping
    let outlets: AlertingOutlets
    let metrics: AlertingMetrics
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
        /// Whether the state from before the process was looked for.
        var isPrepared = false
        /// Evaluations since it was.
        var evaluationCount = 0
        var origin = Origin.new
    }

    /// Where a group's state comes from at its first evaluation.
    private enum Origin {
        case new
        /// The same group before a reload, which may still be evaluating.
        case earlier(RunningGroup)
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
        metrics = surroundings.metrics.metrics(of: group)
        var kept = Kept(report: GroupReport(state: state), last: schedule.slot(notAfter: time))
        if let earlier { kept.origin = .earlier(earlier) }
        self.kept = Mutex(kept)
        if let earlier, !earlier.isRunning { takeOver(from: earlier) }
        metrics.loaded(state, schedule.interval)
    }

    var report: GroupReport { kept.withLock { $0.report } }

    var isRunning: Bool { kept.withLock { $0.isRunning } }

    // MARK: Schedule

    /// When the next evaluation is due; nil while one runs.
    var due: Int64? {
        kept.withLock { $0.isRunning ? nil : $0.last + schedule.interval }
    }

    /// Begins the evaluation that is due at `time`, if one is. What was missed meanwhile is counted
    /// and not made up for. Whoever gets a time calls `run` with it.
    func begin(at time: Int64) -> Int64? {
        if case .earlier(let group) = kept.withLock({ $0.origin }) {
            guard !group.isRunning else { return nil }
            takeOver(from: group)
        }
        return kept.withLock { kept in
            guard !kept.isRunning, kept.last + schedule.interval <= time else { return nil }
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
            guard case .earlier = kept.origin else { return }
            kept.origin = .new
            kept.report.state.carry(from: before.report.state)
            kept.report.missedCount = before.report.missedCount
            kept.isPrepared = before.isPrepared
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
        let report = await evaluated(at: time)
        kept.withLock { kept in
            kept.isRunning = false
            // Told to stop: what was answered then means nothing.
            guard var report else { return }
            report.missedCount = kept.report.missedCount
            report.duration = start.duration(to: clock.now)
            kept.report = report
            kept.isPrepared = true
            kept.evaluationCount += 1
        }
        if report != nil { metrics.ended(self.report) }
    }

    /// The group after an evaluation; nil where it was told to stop meanwhile.
    private func evaluated(at time: Int64) async -> GroupReport? {
        let before = kept.withLock { $0 }
        var report = before.report
        var state = report.state
        if !before.isPrepared {
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
        var left = wave[...]
        return await withTaskGroup(of: Answered.self) { group in
            var answers: [Answered] = []
            func ask() {
                guard let rule = left.popFirst() else { return }
                let question = state.question(rule, at: time)
                let earlier = state.rules[rule].lastCoverage
                group.addTask { await self.answered(rule, question, at: time, earlier) }
            }
            for _ in 0..<max(1, surroundings.concurrentQuestions) { ask() }
            for await answer in group {
                answers.append(answer)
                ask()
            }
            return answers.sorted { $0.rule < $1.rule }
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
                for found in await found(wanted) { lookups[found.lookup] = found.answer }
            }
        }
        return state.failed(answered.rule, at: time, RuleGroupState.tooManyLookups)
    }

    private struct Found: Sendable {
        var lookup: RuleLookup
        var answer: TemplateAnswer
    }

    private func found(_ wanted: [RuleLookup]) async -> [Found] {
        var left = wanted[...]
        return await withTaskGroup(of: Found.self) { group in
            var found: [Found] = []
            func ask() {
                guard let lookup = left.popFirst() else { return }
                group.addTask { await self.answered(lookup) }
            }
            for _ in 0..<max(1, surroundings.concurrentQuestions) { ask() }
            for await one in group {
                found.append(one)
                ask()
            }
            return found
        }
    }

    private func answered(_ lookup: RuleLookup) async -> Found {
        Found(
            lookup: lookup,
            answer: await surroundings.queries.answer(to: lookup, within: patience))
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
