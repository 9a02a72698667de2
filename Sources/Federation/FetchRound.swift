import Clusters
import Evaluation
import Planning
import PromQL
import TimeSeries
import Upstream

/// One query's dealings with the clusters: who they are, what they were asked, what came back.
///
/// A cluster that fails anywhere is left out everywhere: a ratio whose upper part has a cluster
/// that its lower part lacks is a wrong number that looks right.
struct FetchRound {
    let snapshot: FleetSnapshot
    let service: QueryService
    let request: QueryRequest
    let deadline: ContinuousClock.Instant
    /// Until when clusters are waited for.
    private let clusterDeadline: ContinuousClock.Instant
    private let expression: Expression
    /// The times at which the query looks at data, milliseconds.
    private let reach: ClosedRange<Int64>?

    /// What clusters can do, as known when the query began or found out for it.
    private var capabilities: [ClusterID: Capabilities] = [:]
    /// Whether some was found out after the snapshot was taken.
    private var hasIdentified = false
    private var missing: [ClusterID: MissingCause] = [:]
    private var sourceTexts: [ClusterID: String] = [:]
    private(set) var parts: [Fragment: [ClusterID: FragmentPart]] = [:]
    /// What came of each question, in the order in which was asked.
    private(set) var reports: [Fragment: [FetchReport]] = [:]
    private var observed: ObservedAnswers
    /// What the query holds.
    let memory: QueryMemory

    /// `expression` is the query, resolved.
    init(
        snapshot: FleetSnapshot, service: QueryService, request: QueryRequest,
        deadline: ContinuousClock.Instant, expression: Expression
    ) {
        self.snapshot = snapshot
        self.service = service
        self.request = request
        self.deadline = deadline
        clusterDeadline = min(deadline, request.patience.map { .now + $0 } ?? deadline)
        self.expression = expression
        memory = QueryMemory(service.memory)
        reach = expression.reach(over: request.times.grid)
        for cluster in snapshot.inventory.clusters {
            capabilities[cluster.id] = snapshot.state(of: cluster.id).capabilities
            if cluster.maintenance { missing[cluster.id] = .maintenance }
        }
        observed = ObservedAnswers(
            service.observations, settings: service.settings, expression: expression,
            grid: request.times.grid,
            lookback: request.lookbackDelta ?? snapshot.commonLookback)
    }

    // MARK: Who the clusters are

    /// Asks the clusters that have not said yet what they are. Without it an own label of an
    /// external label's name would go unnoticed, so a cluster that does not say is missing.
    mutating func identifyClusters() async throws(QueryFailure) {
        // Where no cluster is asked anything, nobody waits for one.
        if expression.selectors.allSatisfy(\.isReserved) { return }
        let unknown = snapshot.inventory.clusters.filter {
            capabilities[$0.id] == nil && missing[$0.id] == nil
        }
        guard !unknown.isEmpty else { return }
        hasIdentified = true
        let identifications = await identifications(of: unknown)
        if Task.isCancelled { throw .cancelled }
        for identification in identifications {
            switch identification.capabilities {
            case .success(let found): capabilities[identification.cluster] = found
            case .failure(let cause): missing[identification.cluster] = cause
            }
        }
    }

    private func identifications(of clusters: [Cluster]) async -> [Identification] {
        await withTaskGroup(of: Identification.self) { group in
            for cluster in clusters {
                let probe = ClusterProbe(
                    cluster: cluster, fleet: service.fleet,
                    client: ClusterClient(
                        upstream: service.upstream, cluster: cluster,
                        requestDeadline: identificationDeadline(of: cluster),
                        settings: service.settings))
                group.addTask { await probe.identification() }
            }
            var result: [Identification] = []
            for await identification in group { result.append(identification) }
            return result
        }
    }

    /// The other clusters wait meanwhile, so half of the time is left for asking them; and one that
    /// did not answer the last time gets no more than a moment.
    private func identificationDeadline(of cluster: Cluster) -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        let half = now.duration(to: clusterDeadline) / 2
        let failedBefore = snapshot.state(of: cluster.id).reachable == false
        return now + (failedBefore ? min(half, .seconds(1)) : half)
    }

    // MARK: Planning

    /// What planning knows of the clusters and of the gateway's own series.
    func fleetScope() -> FleetScope {
        var scope = scopeOfClusters()
        scope.observed = observed.metrics
        return scope
    }

    private func scopeOfClusters() -> FleetScope {
        // Arranging a thousand clusters takes longer than planning for them.
        let isOfSnapshot = !hasIdentified
        if isOfSnapshot, let scope = service.arranged.scope(of: snapshot) { return scope }
        let scope = FleetScope(
            snapshot.inventory.clusters.map { cluster in
                ClusterScope(
                    id: cluster.id, externalLabels: cluster.externalLabels,
                    capabilities: capabilities[cluster.id] ?? Capabilities())
            })
        if isOfSnapshot { service.arranged.keep(scope, of: snapshot) }
        return scope
    }

    /// How many clusters are missing so far.
    var missingCount: Int { missing.count }

    // MARK: Fetching

    /// Asks all clusters all fragments that are not known yet. Throws where the question is at
    /// fault, where no cluster answers, and where one is missing that was wanted.
    mutating func fetch(_ plan: Plan) async throws(QueryFailure) {
        try requireLookbackSupport(plan)
        var fetches: [Fetch] = []
        for fragment in plan.fragments where parts[fragment] == nil {
            fetches += self.fetches(of: fragment, seriesOrder(of: plan))
        }
        for fragment in plan.fragments where parts[fragment] == nil { parts[fragment] = [:] }
        let replies = await replies(to: fetches)
        note(replies, of: plan)
        if Task.isCancelled { throw .cancelled }
        if let failure = memory.failure { throw failure }
        for reply in replies {
            let cluster = reply.fetch.request.cluster
            switch reply.outcome {
            case .answered(let part):
                parts[reply.fragment, default: [:]][cluster] = part
                try hold(part.heldBytes)
            case .missing(let cause): missing[cluster] = missing[cluster] ?? cause
            case .rejected(let type, let message):
                throw type == "bad_data" ? .badData(message) : .execution(message)
            }
        }
        try requireCoverage(plan)
    }

    /// Holds what an answer takes. What is remembered takes as much as what has come just now.
    private func hold(_ bytes: Int) throws(QueryFailure) {
        do {
            try memory.hold(bytes)
        } catch {
            throw error.failure
        }
    }

    /// Notes what came of each question of the plan; of fragments that were known, it is noted.
    private mutating func note(_ replies: [Reply], of plan: Plan) {
        var found: [Fragment: [FetchReport]] = [:]
        for reply in replies.sorted(by: { $0.place < $1.place }) {
            found[reply.fragment, default: []].append(reply.report)
        }
        for fragment in plan.fragments where reports[fragment] == nil {
            let asked = found[fragment] ?? []
            let names = Set(asked.map(\.cluster))
            let left = fragment.requests.map(\.cluster).filter { !names.contains($0) }
            reports[fragment] =
                (asked + left.map { .init(cluster: $0, outcome: .notAsked, duration: .zero) })
                .sorted { $0.cluster < $1.cluster }
        }
    }

    private struct Reply: Sendable {
        /// Among the fetches of the round.
        var place: Int
        var fragment: Fragment
        var fetch: FragmentFetch
        var outcome: Outcome<FragmentPart>
        var duration: Duration

        var report: FetchReport {
            let noted: FetchReport.Outcome =
                switch outcome {
                case .answered: .answered
                case .missing(let cause): .missing(cause: cause.kind, message: cause.message)
                case .rejected(let type, let message): .rejected(type: type, message: message)
                }
            var report = FetchReport(
                cluster: fetch.request.cluster, outcome: noted, duration: duration)
            if case .answered(let part) = outcome { report.cache = part.cache }
            return report
        }

        var isRejection: Bool {
            if case .rejected = outcome { true } else { false }
        }
    }

    private struct Fetch: Sendable {
        var fragment: Fragment
        var fetch: FragmentFetch

        func reply(at place: Int) async -> Reply {
            let clock = ContinuousClock()
            let start = clock.now
            let outcome = await FragmentSpan.outcome(of: fetch, fragment: fragment.text)
            return Reply(
                place: place, fragment: fragment, fetch: fetch, outcome: outcome,
                duration: start.duration(to: clock.now))
        }
    }

    private mutating func fetches(
        of fragment: Fragment, _ order: QueryRequest.SeriesOrder
    ) -> [Fetch] {
        let now = service.now()
        var reaches: [Int64: DataReach] = [:]
        return fragment.requests.compactMap { request in
            guard missing[request.cluster] == nil,
                let cluster = snapshot.inventory[request.cluster]
            else { return nil }
            let known = capabilities[cluster.id] ?? Capabilities()
            let lookback =
                self.request.lookbackDelta ?? known.lookback ?? Capabilities.usualLookback
            let reach =
                reaches[lookback] ?? DataReach(of: fragment.questions, lookback: lookback)
            reaches[lookback] = reach
            let state = snapshot.state(of: cluster.id)
            let freshness = service.freshness(of: cluster, state)
            let question = ServerQuestion(
                source: sourceText(of: cluster, known, state),
                query: request.query, grid: fragment.grid,
                wantsSamples: fragment.wantsSamples, lookbackDelta: self.request.lookbackDelta)
            let horizon = SettledHorizon(
                reach: reach, settledUntil: freshness.map { now - $0 } ?? .min,
                dataStart: state.dataStart)
            return Fetch(
                fragment: fragment,
                fetch: FragmentFetch(
                    request: request, question: question,
                    answering: answering(cluster, horizon), seriesOrder: order))
        }
    }

    /// Whatever is computed is computed of ordered series.
    private func seriesOrder(of plan: Plan) -> QueryRequest.SeriesOrder {
        plan.isOneFragment ? request.seriesOrder : .byLabels
    }

    /// What the cluster's answers depend on, written once for all fragments.
    private mutating func sourceText(
        of cluster: Cluster, _ capabilities: Capabilities, _ state: ClusterState
    ) -> String {
        if let text = sourceTexts[cluster.id] { return text }
        let text = cluster.sourceText(
            capabilities, outOfOrderWindow: state.delays?.outOfOrderWindow ?? 0)
        sourceTexts[cluster.id] = text
        return text
    }

    private func answering(_ cluster: Cluster, _ horizon: SettledHorizon) -> QuestionAnswering {
        var client = ClusterClient(
            upstream: service.upstream, cluster: cluster, requestDeadline: clusterDeadline,
            settings: service.settings)
        client.memory = memory
        return QuestionAnswering(
            client: client,
            fetches: service.fetches, gate: service.gates.gate(of: cluster),
            cache: service.cache, use: request.cacheUse, horizon: horizon)
    }

    /// One child task for each cluster and fragment. A rejected question stops the others.
    private func replies(to fetches: [Fetch]) async -> [Reply] {
        await withTaskGroup(of: Reply.self) { group in
            for (place, fetch) in fetches.enumerated() {
                group.addTask { await fetch.reply(at: place) }
            }
            var result: [Reply] = []
            for await reply in group {
                if reply.isRejection { group.cancelAll() }
                result.append(reply)
            }
            // Of what has come, the same is told whatever came first: rejections before all else,
            // then in the order in which was asked.
            return result.sorted {
                $0.isRejection != $1.isRejection ? $0.isRejection : $0.place < $1.place
            }
        }
    }

    /// Servers before 2.43 would ignore the parameter and answer something else.
    private func requireLookbackSupport(_ plan: Plan) throws(QueryFailure) {
        guard request.lookbackDelta != nil else { return }
        for cluster in clustersAsked(by: plan)
        where !(capabilities[cluster]?.isAtLeast(2, 43) ?? true) {
            throw .execution(
                "lookback_delta: cluster \(cluster) runs a Prometheus before 2.43, which ignores it"
            )
        }
    }

    private func requireCoverage(_ plan: Plan) throws(QueryFailure) {
        // Most plans lose no cluster, and need not be looked at further.
        guard clustersAsked(by: plan).contains(where: { missing[$0] != nil }) else { return }
        let refusal = coverage(of: plan).refusal(
            unless: request.partialResponse, hasObservations: observed.answerAlone(plan))
        if let refusal { throw refusal }
    }

    // MARK: What came back

    /// The clusters that the plan asks anything, in inventory order.
    private func clustersAsked(by plan: Plan) -> [ClusterID] {
        // Mostly all fragments ask the same clusters, of a thousand perhaps.
        let lists = plan.fragments.map { $0.requests.map(\.cluster) }
        guard let first = lists.first, lists.contains(where: { $0 != first }) else {
            return lists.first ?? []
        }
        return Set(lists.joined()).sorted()
    }

    /// What the plan is computed from. The gateway's own series are looked at within `limits`.
    mutating func inputs(
        for plan: Plan, limits: EvaluationLimits
    ) throws(EvaluationFailure) -> EvaluationInputs {
        var inputs = EvaluationInputs(fragments: [])
        inputs.keepsFragmentsOrder = seriesOrder(of: plan) == .asTold
        for fragment in plan.fragments {
            let present = presentParts(of: fragment)
            var answer = FragmentAnswer(
                parts: present.map { part in
                    inputs.keepsFragmentsOrder ? part.part.series : part.part.orderedSeries
                }, samples: present.flatMap(\.part.samples),
                remarks: fragment.annotations(of: present.map { ($0.request, $0.part.remarks) }))
            try observed.add(to: &answer, of: fragment, limits: limits)
            inputs.fragments.append(answer)
        }
        return inputs
    }

    /// What is to be said of the gateway's own series in the answer to a plan.
    func observationWarnings(of plan: Plan) -> [String] { observed.warnings(of: plan) }

    /// The parts of clusters that are not missing, in inventory order.
    private func presentParts(
        of fragment: Fragment
    ) -> [(request: Fragment.Request, part: FragmentPart)] {
        guard let known = parts[fragment] else { return [] }
        return fragment.requests.compactMap { request in
            guard missing[request.cluster] == nil, let part = known[request.cluster] else {
                return nil
            }
            return (request, part)
        }
    }

    /// How much was remembered, in the order in which was asked.
    var fragmentUses: [QueryStatistics.FragmentUse] {
        parts.keys.sorted { ($0.text, $0.grid.start) < ($1.text, $1.grid.start) }
            .flatMap { fragment in
                (reports[fragment] ?? []).filter { $0.outcome == .answered }.map {
                    .init(text: fragment.text, cluster: $0.cluster, cache: $0.cache)
                }
            }
    }

    func sampleCount(for plan: Plan) -> Int {
        plan.fragments.flatMap(presentParts(of:)).reduce(0) { $0 + $1.part.sampleCount }
    }

    func seriesCount(for plan: Plan) -> Int {
        plan.fragments.flatMap(presentParts(of:)).reduce(0) {
            $0 + $1.part.series.count + $1.part.samples.count
        }
    }

    /// Which clusters the answer is about, and for which times it lacks their data.
    func coverage(of plan: Plan) -> Coverage {
        var coverage = Coverage()
        for id in clustersAsked(by: plan) {
            if let cause = missing[id] {
                coverage.missing.append(.init(cluster: id, cause, now: service.now()))
                continue
            }
            coverage.present.append(id)
            guard let reach, let cluster = snapshot.inventory[id] else { continue }
            coverage.gaps += snapshot.state(of: id).gaps(
                in: reach, cluster: cluster, now: service.now())
        }
        return coverage
    }
}
