// The first file to read: the life of a query, top to bottom. Text becomes an expression, the
// expression a plan, the plan replies, the replies a value; each stage is a function from the type
// before to the type after, and only fetching waits.

import Clusters
import Evaluation
import Observations
import Planning
import PromQL
import ServiceLifecycle
import Storage
import TimeSeries
import Tracing
import Upstream

/// Answers PromQL queries from all clusters.
package final class QueryService: Sendable {
    let fleet: Fleet
    let upstream: UpstreamClient
    let settings: QuerySettings
    /// Milliseconds since the Unix epoch.
    let now: @Sendable () -> Int64
    private let metrics = FederationMetrics()
    /// Which queries run and which wait.
    package let admission: Admission
    /// What queries hold together.
    package let memory: MemoryBudget
    /// Large evaluations leave a core to the rest.
    private let evaluations: ConcurrencyGate
    let arranged = ArrangedFleet()
    let fetches: SharedFetches
    let gates: ConcurrencyGates
    /// Nil where nothing is remembered.
    let cache: AnswerCache?
    /// The gateway's own series; nil where it has none.
    let observations: ObservationView?

    package init(
        fleet: Fleet, upstream: UpstreamClient, settings: QuerySettings,
        cache: AnswerCache? = nil, observations: ObservationStore? = nil,
        now: @escaping @Sendable () -> Int64
    ) {
        self.fleet = fleet
        self.upstream = upstream
        self.settings = settings
        admission = Admission(settings.limits)
        memory = MemoryBudget(settings.limits)
        evaluations = ConcurrencyGate(limit: max(1, settings.limits.largeEvaluations))
        self.cache = cache
        self.observations = observations.map { ObservationView($0) }
        self.now = now
        fetches = SharedFetches()
        gates = ConcurrencyGates()
    }

    /// The service of whoever sees a part of the fleet alone. Single clusters are asked, and what they
    /// answered is remembered, together with the other service: what one cluster is asked and says
    /// does not depend on who else is in view. Everything that is made of several clusters' answers
    /// is made here of those in view.
    package init(_ other: QueryService, seeing fleet: Fleet, _ observations: ObservationView?) {
        self.fleet = fleet
        self.observations = observations
        upstream = other.upstream
        settings = other.settings
        cache = other.cache
        now = other.now
        fetches = other.fetches
        gates = other.gates
        admission = other.admission
        memory = other.memory
        evaluations = other.evaluations
    }

    /// What it shares with others that ask clusters for clients.
    package var load: QueryLoad { QueryLoad(admission: admission, memory: memory) }

    /// What runs beside it. Without them each query asks for itself, and nothing new is remembered.
    package var services: [any ServiceLifecycle.Service] {
        [fetches] + (cache.map { [$0] } ?? [])
    }

    /// How old a cluster's data is when nothing changes it any more, milliseconds; nil while nothing
    /// is known of it.
    func freshness(of cluster: Cluster, _ state: ClusterState) -> Int64? {
        guard cluster.freshness != nil || state.delays != nil else { return nil }
        let standard = cache?.settings.freshness ?? CacheSettings().freshness
        return state.freshness(of: cluster, standard: standard.milliseconds)
    }

    /// The answer of the fleet.
    package func query(_ request: QueryRequest) async throws(QueryFailure) -> QueryAnswer {
        var record = QueryRecord()
        return try await query(request, &record)
    }

    private func query(
        _ request: QueryRequest, _ record: inout QueryRecord
    ) async throws(QueryFailure) -> QueryAnswer {
        do {
            let answer = try await answered(request, &record)
            metrics.queryAnswered(answer)
            return answer
        } catch {
            metrics.queryFailed(error)
            throw error
        }
    }

    private func answered(
        _ request: QueryRequest, _ record: inout QueryRecord
    ) async throws(QueryFailure) -> QueryAnswer {
        let clock = ContinuousClock()
        let deadline = clock.now + min(request.timeout ?? settings.timeout, settings.timeout)
        var watch = Stopwatch(clock, upstream.tracer)

        let expression = try parsed(request)
        watch.lap("parse")

        var round = FetchRound(
            snapshot: fleet.current, service: self, request: request, deadline: deadline,
            expression: expression)
        defer { record.note(round, watch.phases) }
        try await round.identifyClusters()
        watch.lap("identify")

        // Some queries need to know a scalar first, and some partial answers cannot be told from
        // right ones: each is a further round.
        var course = QueryCourse(
            expression, on: request.times.grid, fleet: round.fleetScope(),
            toldLookback: request.lookbackDelta)
        var place: Admission.Place?
        // The place is held until the value is there, the memory until the answer is sent.
        defer { withExtendedLifetime(place) {} }
        while true {
            let plan = try next(&course)
            if record.plans.isEmpty {
                place = try await admission.enter(cost: plan.cost, by: deadline)
                watch.lap("queue")
            }
            record.plans.append(plan)
            watch.lap("plan")
            let wasComplete = round.missingCount
            try await round.fetch(plan)
            watch.lap("fetch")
            if round.missingCount > wasComplete, course.forgetAnswers() { continue }
            let outcome = try await evaluated(plan, &round, deadline: deadline, &course)
            watch.lap("evaluate")
            guard let outcome else { continue }
            for _ in 0..<course.replanCount { metrics.queryReplanned() }
            return answer(outcome, plan, round, request, watch)
        }
    }

    private func next(_ course: inout QueryCourse) throws(QueryFailure) -> Plan {
        let plan: Plan
        do {
            plan = try course.nextPlan()
        } catch {
            throw .execution(error.description)
        }
        try settings.limits.check(plan)
        return plan
    }

    /// How the query would be answered and, where that is wanted, how it went.
    package func explain(_ request: ExplainRequest) async throws(QueryFailure) -> Explanation {
        guard request.analyzes else {
            let plan = try plan(request.query)
            return Explanation(request: request.query, plan: plan, fleet: fleet.current)
        }
        var record = QueryRecord()
        let result: Result<QueryAnswer, QueryFailure>
        do {
            result = .success(try await query(request.query, &record))
        } catch {
            result = .failure(error)
        }
        // Without a plan there is nothing to explain but the failure.
        guard let plan = record.plans.last else {
            _ = try result.get()
            throw .internal("a query was answered without a plan")
        }
        var explanation = Explanation(request: request.query, plan: plan, fleet: fleet.current)
        explanation.analysis = QueryAnalysis(record, of: plan, result)
        return explanation
    }

    /// The plan for what is known of the clusters now.
    private func plan(_ request: QueryRequest) throws(QueryFailure) -> Plan {
        let expression = try parsed(request)
        let round = FetchRound(
            snapshot: fleet.current, service: self, request: request, deadline: .now,
            expression: expression)
        let course = QueryCourse(
            expression, on: request.times.grid, fleet: round.fleetScope(),
            toldLookback: request.lookbackDelta)
        do {
            return try course.plan()
        } catch {
            throw .execution(error.description)
        }
    }

    // MARK: Stages

    private func parsed(_ request: QueryRequest) throws(QueryFailure) -> Expression {
        let expression: Expression
        do {
            expression = try parse(
                request.expression,
                options: ParseOptions(
                    experimentalFunctions: settings.experimentalFunctions,
                    maximumDepth: settings.limits.nesting))
        } catch {
            if error.kind == .depth {
                throw .badData(
                    "invalid parameter \"query\": \(error) (\(LimitName.nesting.key))")
            }
            throw .badData("invalid parameter \"query\": \(error)")
        }
        try settings.limits.check(expression, at: request.times)
        guard case .range(let start, let end, let step) = request.times else {
            return try resolved(expression, at: request.times.grid)
        }
        guard expression.type == .scalar || expression.type == .vector else {
            throw .badData(
                "invalid parameter \"query\": invalid expression type "
                    + "\"\(expression.type.words)\" for range query, must be Scalar or instant "
                    + "Vector")
        }
        return try resolved(
            expression, at: TimeGrid(start: start, end: end, step: step), end: end, step: step)
    }

    /// The expression with its durations, times and facts of the query as literals.
    private func resolved(
        _ expression: Expression, at grid: TimeGrid, end: Int64? = nil, step: Int64 = 0
    ) throws(QueryFailure) -> Expression {
        do {
            return try expression.resolved(
                in: QueryTimes(
                    start: grid.start, end: end ?? grid.end, step: step,
                    defaultSubqueryStep: settings.evaluationInterval))
        } catch {
            throw .badData("invalid parameter \"query\": \(error)")
        }
    }

    /// How many values an evaluation reads that takes long enough to be one of few.
    private static let largeEvaluation = 200_000

    private func evaluated(
        _ plan: Plan, _ round: inout FetchRound, deadline: ContinuousClock.Instant,
        _ course: inout QueryCourse
    ) async throws(QueryFailure) -> EvaluationOutcome? {
        if round.sampleCount(for: plan) >= Self.largeEvaluation {
            guard await evaluations.enters(by: deadline) else {
                if Task.isCancelled { throw .cancelled }
                throw .timeout("query timed out in expression evaluation")
            }
            defer { evaluations.leave() }
            return try evaluatedNow(plan, &round, deadline: deadline, &course)
        }
        return try evaluatedNow(plan, &round, deadline: deadline, &course)
    }

    private func evaluatedNow(
        _ plan: Plan, _ round: inout FetchRound, deadline: ContinuousClock.Instant,
        _ course: inout QueryCourse
    ) throws(QueryFailure) -> EvaluationOutcome? {
        let lease = MemoryLease(round.memory)
        defer { withExtendedLifetime(lease) {} }
        let limits = EvaluationLimits(
            maximumSamples: settings.maximumSamples,
            shouldStop: { Task.isCancelled || ContinuousClock.now > deadline },
            holds: { lease.holds($0 * 8) })
        do {
            let inputs = try round.inputs(for: plan, limits: limits)
            return try course.outcome(of: plan, inputs: inputs, limits: limits)
        } catch {
            if Task.isCancelled { throw .cancelled }
            if let failure = round.memory.failure { throw failure }
            if ContinuousClock.now > deadline {
                throw .timeout("query timed out in expression evaluation")
            }
            if case .tooManySamples = error {
                throw .execution("\(error.description) (\(LimitName.samples.key))")
            }
            throw .execution(error.description)
        }
    }

    private func answer(
        _ outcome: EvaluationOutcome, _ plan: Plan, _ round: FetchRound, _ request: QueryRequest,
        _ watch: Stopwatch
    ) -> QueryAnswer {
        var annotations = outcome.annotations.located(in: request.expression)
        let coverage = round.coverage(of: plan)
        for missing in coverage.missing { annotations.warn(missing.warning) }
        for gap in coverage.gaps { annotations.warn(gap.message) }
        for warning in round.observationWarnings(of: plan) { annotations.warn(warning) }
        var value = outcome.value
        if value.limit(to: request.limit) {
            annotations.warn("results truncated due to limit")
        }
        var answer = QueryAnswer(
            value: value, annotations: annotations, coverage: coverage,
            statistics: statistics(round, plan, watch))
        round.memory.keep(only: answer.value.heldBytes)
        answer.memory = round.memory
        return answer
    }

    private func statistics(
        _ round: FetchRound, _ plan: Plan, _ watch: Stopwatch
    ) -> QueryStatistics {
        var statistics = QueryStatistics(
            phases: watch.phases, fetchedSamples: round.sampleCount(for: plan),
            fetchedSeries: round.seriesCount(for: plan))
        statistics.fragments = round.fragmentUses
        statistics.cache = CacheReport(all: statistics.fragments.map(\.cache))
        return statistics
    }
}

/// Notes how long each stage took, inside a trace as a span too.
private struct Stopwatch {
    private let clock: ContinuousClock
    private let tracer: any Tracer
    private var last: ContinuousClock.Instant
    private(set) var phases: [QueryStatistics.Phase] = []

    /// The stages that are spans. What is fetched has a span for each cluster and fragment.
    private static let spans: Set<String> = ["plan", "evaluate"]

    init(_ clock: ContinuousClock, _ tracer: any Tracer) {
        self.clock = clock
        self.tracer = tracer
        last = clock.now
    }

    /// Adds the time since the last lap to the stage's.
    mutating func lap(_ name: String) {
        let time = clock.now
        let duration = last.duration(to: time)
        last = time
        if let context = ServiceContext.current, Self.spans.contains(name) {
            let now = DefaultTracerClock.now.nanosecondsSinceEpoch
            let start = now - min(now, UInt64(max(0, duration / .nanoseconds(1))))
            tracer.startSpan(
                name, context: context,
                at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: start)
            ).end(at: DefaultTracerClock.Timestamp(nanosecondsSinceEpoch: now))
        }
        if let index = phases.firstIndex(where: { $0.name == name }) {
            phases[index].duration += duration
        } else {
            phases.append(.init(name: name, duration: duration))
        }
    }
}

extension QueryRequest.Times {
    /// The times at which the query is evaluated.
    package var grid: TimeGrid {
        switch self {
        case .instant(let time): TimeGrid(instant: time)
        case .range(let start, let end, let step):
            TimeGrid(start: start, end: end, step: step)
        }
    }
}

extension QueryValue {
    /// Cuts the value to as many series. Returns whether anything was cut; no limit is 0.
    fileprivate mutating func limit(to count: Int) -> Bool {
        guard count > 0 else { return false }
        switch self {
        case .vector(let series, let grid) where series.count > count:
            self = .vector(Array(series.prefix(count)), grid: grid)
        case .samples(let series) where series.count > count:
            self = .samples(Array(series.prefix(count)))
        default: return false
        }
        return true
    }
}
