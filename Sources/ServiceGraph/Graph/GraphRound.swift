import Clusters
import Federation
import Meshes
import Spans
import TimeSeries
import Traces

/// One question about the service graph, on its way to the answer.
struct GraphRound: Sendable {
    let service: GraphService
    /// With a time.
    let question: GraphQuestion
    let time: Int64
    let deadline: ContinuousClock.Instant

    init(_ service: GraphService, _ question: GraphQuestion, by deadline: ContinuousClock.Instant) {
        self.service = service
        self.question = question
        time = question.time ?? service.now()
        self.deadline = deadline
    }

    /// Of the time, so much may pass until the reports are there: the rest is for what is asked of the
    /// edges that are shown.
    private var passDeadline: ContinuousClock.Instant {
        let now = ContinuousClock.now
        return now + now.duration(to: deadline) * 3 / 5
    }

    func answer() async throws(QueryFailure) -> MeshAnswer<GraphAnswer> {
        let clusters = await service.dialects(passDeadline)
        let subject = subject(of: question, clusters)
        if !question.skipsMemory, !question.streamsDetails,
            let known = service.known.value(of: subject)
        {
            return known
        }
        var answer = try await drawn(of: clusters)
        if wantsDetails {
            try await addDetails(to: &answer)
            try answer.coverage.require(partialResponse: question.partialResponse)
            if !question.streamsDetails { keep(answer, of: subject) }
        } else {
            try answer.coverage.require(partialResponse: question.partialResponse)
        }
        return answer
    }

    private var wantsDetails: Bool {
        question.evidence != .traces
            && (question.percentiles != .none || !question.timedEdges.isEmpty)
    }

    private func subject(
        of question: GraphQuestion, _ clusters: [ClusterDialects]
    ) -> KnownGraphs.Subject {
        KnownGraphs.Subject(
            question: question, generation: service.fleet.current.inventory.generation,
            clusters: clusters)
    }

    private func keep(_ answer: MeshAnswer<GraphAnswer>, of subject: KnownGraphs.Subject) {
        service.known.keep(answer, of: subject, for: service.settings.kept(answer.coverage))
    }

    /// The graph without details, which questions with several of them share.
    private func drawn(
        of clusters: [ClusterDialects]
    ) async throws(QueryFailure) -> MeshAnswer<GraphAnswer> {
        var bare = question
        bare.percentiles = .none
        bare.timedEdges = []
        bare.streamsDetails = false
        bare.tellsDetailQueries = false
        bare.partialResponse = true
        bare.skipsMemory = false
        let subject = subject(of: bare, clusters)
        if !question.skipsMemory, let known = service.known.value(of: subject) { return known }
        let answer = try await made(of: clusters)
        keep(answer, of: subject)
        return answer
    }

    private func made(
        of clusters: [ClusterDialects]
    ) async throws(QueryFailure) -> MeshAnswer<GraphAnswer> {
        async let present = pass(at: time, of: clusters)
        async let earlier = earlierPass(of: clusters)
        async let traced = traced()
        let pass = try await present.get()
        let (before, calls) = (try await earlier?.get(), await traced)

        var union = CoverageUnion(order: clusters.map { ClusterID($0.cluster) })
        union.note(pass.coverage)
        if let calls { union.note(calls.coverage) }
        var evidence = GraphEvidence(
            usesMetrics: question.evidence != .traces, traces: calls?.calls,
            changes: service.settings.changes)
        evidence.earlier = before?.ledger
        let mapped = pass.graph(question.shape.view).map(
            question.shape, evidence: evidence, tolerances: service.settings.health)
        return MeshAnswer(
            value: GraphAnswer(
                map: mapped.map, time: time, range: question.range,
                clusters: union.told(clusters),
                queries: pass.queries, places: mapped.places),
            coverage: union.coverage,
            warnings: pass.warnings + (calls?.warnings ?? []) + (before?.earlierWarnings ?? []))
    }

    // MARK: Reports

    private func earlierPass(of clusters: [ClusterDialects]) async -> SharedPasses.Outcome? {
        guard let compare = question.compare, question.evidence != .traces else { return nil }
        return await pass(at: time - compare, of: clusters)
    }

    private func pass(at time: Int64, of clusters: [ClusterDialects]) async -> SharedPasses.Outcome
    {
        guard question.evidence != .traces else {
            return .success(
                CallPass(
                    ledger: CallLedger(clusters: clusters.map(\.cluster)), coverage: Coverage(),
                    warnings: [], queries: [], clusters: clusters))
        }
        let subject = SharedPasses.Subject(
            time: time, window: question.range,
            generation: service.fleet.current.inventory.generation, clusters: clusters)
        // Who asks about one service, namespace or cluster shares the pass too. Less would be another
        // answer: a node's numbers are those of all its calls, also of those that are not shown; a
        // caller is shown as the service that others call it by; where a service is, and what a
        // destination counts for callers that it cannot name, follows from all reports of it; and which
        // edges are critical from all paths.
        // The pass is remembered as a whole, for all who ask, as are the details with their graph. To
        // keep the clusters' answers too takes longer than to read them, and twice the memory.
        let asking = CallAsking(
            query: MeshQuerying(
                query: service.query, times: .instant(time), deadline: passDeadline,
                cacheUse: .bypass),
            clusters: clusters, window: question.range,
            maximumReports: service.settings.maximumReports)
        return await service.passes.pass(
            of: subject, skipsMemory: question.skipsMemory, by: passDeadline
        ) { await asking.outcome() }
    }

    // MARK: Traces

    private struct Traced: Sendable {
        var calls: [Meshes.TraceCall]
        var coverage: Coverage
        var warnings: [String]
    }

    /// What traces tell of calls; nil where they are not asked.
    private func traced() async -> Traced? {
        guard question.evidence != .metrics else { return nil }
        guard let traces = service.traces else {
            return Traced(
                calls: [], coverage: Coverage(), warnings: ["no cluster's traces are known"])
        }
        let lookback = max(question.range, service.settings.tracesLookback.wholeMilliseconds)
        let answer = await traces.dependencies(
            end: time, lookback: lookback,
            Traces.TraceCall(deadline: passDeadline, skipsMemory: question.skipsMemory))
        var coverage = Coverage()
        coverage.present = answer.answered
        coverage.missing = answer.missing
        return Traced(
            calls: answer.value.edges.map { edge in
                Meshes.TraceCall(
                    caller: edge.parent, callee: edge.child, count: Int(clamping: edge.callCount))
            }, coverage: coverage,
            warnings: answer.warnings + [answer.refusal?.message].compactMap { $0 })
    }

    // MARK: Details

    private func addDetails(
        to answer: inout MeshAnswer<GraphAnswer>
    ) async throws(QueryFailure) {
        let chosen = detailedEdges(of: answer.value)
        let details = EdgeDetails(
            query: MeshQuerying(
                query: service.query, times: .instant(time), deadline: deadline, cacheUse: .bypass),
            answer: answer.value, edgesAtATime: service.settings.edgesAtATime)
        var union = CoverageUnion(
            order: answer.value.clusters.map { ClusterID($0.cluster) })
        union.note(answer.coverage)
        if question.streamsDetails {
            answer.value.details =
                EdgeStream(
                    details, of: chosen.edges, in: union, warnings: answer.warnings,
                    keepsQueries: question.tellsDetailQueries
                ).pieces
            return
        }
        let told = try await details.told(of: chosen.edges, in: &union)
        for (place, edge) in told.edges { answer.value.map.edges[place] = edge }
        answer.value.queries += told.queries
        answer.coverage = union.coverage
        answer.warnings += union.warnings.filter { !answer.warnings.contains($0) }
        answer.warnings += told.warnings + chosen.warnings
    }

    private struct Chosen {
        /// Places, in the order of the edges.
        var edges: [Int]
        var warnings: [String] = []
    }

    /// The edges that get details: all, or those with the most requests. Edges that are drawn as one may
    /// stand for thousands, whose buckets take their time; so of those only as many as fit.
    private func detailedEdges(of answer: GraphAnswer) -> Chosen {
        let edges = answer.map.edges
        let rates = edges.map { $0.traffic.requestRate ?? 0 }
        // Of TCP there is no latency to tell, but certificates and what its proxies did.
        let timed = edges.indices.filter { rates[$0] > 0 || edges[$0].traffic.tcp != nil }
        guard question.timedEdges.isEmpty else {
            return Chosen(
                edges: timed.filter { question.timedEdges.contains(answer.map.id(of: edges[$0])) })
        }
        guard question.percentiles != .all else { return Chosen(edges: timed) }
        let busiest = timed.sorted {
            rates[$0] == rates[$1] ? $0 < $1 : rates[$0] > rates[$1]
        }.prefix(service.settings.shownEdges)
        var room = service.settings.shownReports
        var chosen = Chosen(edges: [])
        for place in busiest {
            let count = answer.places.reportCount(of: place)
            guard count <= room else { continue }
            room -= count
            chosen.edges.append(place)
        }
        chosen.edges.sort()
        if chosen.edges.count < busiest.count {
            chosen.warnings.append(
                "\(busiest.count - chosen.edges.count) of the \(busiest.count) edges with the most "
                    + "requests are without percentiles: all together they stand for more than "
                    + "\(service.settings.shownReports) reports; percentiles=all gives them")
        }
        return chosen
    }
}

extension CallAsking {
    fileprivate func outcome() async -> SharedPasses.Outcome {
        do throws(QueryFailure) {
            return .success(try await pass())
        } catch {
            return .failure(error)
        }
    }
}

extension CallPass {
    /// What is to be said of a pass that another is compared with.
    fileprivate var earlierWarnings: [String] {
        coverage.missing.map {
            "of the earlier time cluster \($0.cluster) is missing: \($0.message)"
        }
    }
}

/// Whole answers that were given a moment ago.
final class KnownGraphs: Sendable {
    struct Subject: Hashable, Sendable {
        var question: GraphQuestion
        /// The inventory's.
        var generation: Int
        var clusters: [ClusterDialects]
    }

    private let recent: RecentAnswers<Subject, MeshAnswer<GraphAnswer>>

    init(_ settings: GraphSettings) { recent = RecentAnswers(atMost: settings.remembered) }

    func value(of subject: Subject) -> MeshAnswer<GraphAnswer>? { recent.value(of: subject) }

    func keep(
        _ answer: MeshAnswer<GraphAnswer>, of subject: Subject, for time: Duration
    ) { recent.keep(answer, of: subject, for: time) }
}
