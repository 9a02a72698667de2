import Clusters
import Federation
import Meshes
import TimeSeries
import Upstream

/// One question about signals, on its way to the answer.
///
/// A cluster that lacks one answer is left out of all that are made after it: both sides of a ratio
/// are about the same clusters.
struct SignalRound: Sendable {
    private let query: GraphService.Query
    private let question: SignalQuestion
    private let clusters: [ClusterDialects]
    private let top: Int
    private let settings: SignalSettings
    private let deadline: ContinuousClock.Instant
    private let cacheUse: CacheUse

    private var union: CoverageUnion
    private var warnings: [String] = []

    init(
        query: @escaping GraphService.Query, question: SignalQuestion,
        clusters: [ClusterDialects], top: Int, settings: SignalSettings,
        deadline: ContinuousClock.Instant, cacheUse: CacheUse
    ) {
        self.query = query
        self.question = question
        self.clusters = clusters
        self.top = top
        self.settings = settings
        self.deadline = deadline
        self.cacheUse = cacheUse
        union = CoverageUnion(clusters)
    }

    mutating func answer() async throws(QueryFailure) -> MeshAnswer<SignalReport> {
        var report = try await report()
        report.clusters = union.told(clusters)
        return MeshAnswer(
            value: report, coverage: union.coverage,
            warnings: union.warnings + warnings + report.warnings)
    }

    private mutating func report() async throws(QueryFailure) -> SignalReport {
        guard var ranking = SignalRanking(question, clusters: answering) else {
            return try await namedReport()
        }
        let replies = try await replies(
            to: ranking.plan, at: .instant(question.end), by: firstDeadline)
        for (query, series) in replies { ranking.add(series, of: query) }
        let ranked = ranking.ranked()
        let asked = ranking.plan.queries.map { query in
            AskedQuery(signal: "top", query: query.text, clusters: query.clusters)
        }
        guard !answering.isEmpty else { return emptyReport }
        var report =
            ranked.subjects.count > top
            ? try await report(of: ranked)
            : try await part(question).shown(top: top, first: ranked.subjects)
        report.queries = asked + report.queries
        return report
    }

    /// Whoever does not answer the first question is not waited for until the end.
    private var firstDeadline: ContinuousClock.Instant {
        let now = ContinuousClock.now
        return now + now.duration(to: deadline) / 2
    }

    /// Of few subjects: all at once, where need be by further names of a service.
    private mutating func namedReport() async throws(QueryFailure) -> SignalReport {
        guard var naming = SignalNaming(question, clusters: answering) else {
            return try await part(question).shown(top: top)
        }
        let replies = try await replies(
            to: naming.plan, at: .instant(question.end), by: firstDeadline)
        for (query, series) in replies { naming.add(series, of: query) }
        guard !answering.isEmpty else { return emptyReport }
        var report = try await part(naming.named()).shown(top: top)
        let asked = naming.plan.queries.map { query in
            AskedQuery(signal: "names", query: query.text, clusters: query.clusters)
        }
        report.queries = asked + report.queries
        return report
    }

    /// Of the first so many of many subjects, as far as there is time.
    private mutating func report(
        of ranked: SignalRanking.Ranked
    ) async throws(QueryFailure) -> SignalReport {
        var report = emptyReport
        var left = 0
        for batch in ranked.batches(top: top, rows: rowsAtATime) {
            if answering.isEmpty { break }
            guard ContinuousClock.now < deadline else {
                left += batch.subjects.count
                continue
            }
            var question = question
            question.choice = batch.choice
            report.add(try await part(question), only: batch.subjects)
        }
        if left > 0 {
            warnings.append(
                "there was no time for \(left) of the \(min(top, ranked.subjects.count)) busiest: "
                    + "ask for fewer (top), or for fewer times")
        }
        report.totals = SignalReport.Totals(
            subjects: ranked.subjects.count,
            shown: Set(report.subjects.map(\.subject.everywhere)).count)
        return report
    }

    private var rowsAtATime: Int { max(1, settings.valuesAtATime / question.grid.count) }

    private var emptyReport: SignalReport {
        SignalReport(
            grid: question.grid, hasSeries: question.range != nil, window: question.window,
            clusters: clusters)
    }

    // MARK: Asking

    /// The clusters that have not failed to answer yet.
    private var answering: [ClusterDialects] {
        let missing = union.missing
        return clusters.filter { missing[$0.cluster] == nil }
    }

    /// What one plan's answers tell.
    private mutating func part(
        _ question: SignalQuestion
    ) async throws(QueryFailure) -> SignalReport {
        let plan = SignalPlan(question, clusters: answering)
        let replies = try await replies(to: plan, at: question.times, by: deadline)
        var assembly = SignalAssembly(plan, grid: question.grid)
        for (query, series) in replies { assembly.add(series, of: query) }
        if let further = assembly.furtherPlan() {
            let count = union.missing.count
            let replies = try await self.replies(to: further, at: question.times, by: deadline)
            // Without a cluster other reports count, so that something else is to be asked.
            guard union.missing.count == count else { return try await part(question) }
            for (query, series) in replies { assembly.add(series, of: query) }
        }
        let missing = union.missing
        return assembly.report(
            missing: clusters.map(\.cluster).filter { missing[$0] != nil })
    }

    /// The answers to a plan's queries, of the clusters that answer all of them.
    private mutating func replies(
        to plan: SignalPlan, at times: QueryRequest.Times, by deadline: ContinuousClock.Instant
    ) async throws(QueryFailure) -> [(SignalQuery, [GridSeries])] {
        let querying = MeshQuerying(
            query: query, times: times, deadline: deadline, cacheUse: cacheUse)
        let results = await plan.queries.answers { query in
            await querying.answer(to: query.text)
        }
        if Task.isCancelled { throw .cancelled }
        for result in results { try union.note(result) }
        let missing = union.missing
        var replies: [(SignalQuery, [GridSeries])] = []
        for (query, result) in zip(plan.queries, results) {
            guard case .success(let answer) = result,
                case .vector(let series, let grid) = answer.value,
                grid.count == times.count
            else { continue }
            replies.append(
                (
                    query,
                    missing.isEmpty
                        ? series
                        : series.filter { missing[$0.labels[Cluster.label] ?? ""] == nil }
                ))
        }
        return replies
    }
}

extension QueryRequest.Times {
    fileprivate var count: Int {
        switch self {
        case .instant: 1
        case .range(let start, let end, let step):
            TimeGrid(start: start, end: end, step: step).count
        }
    }
}

extension SignalQuestion {
    /// When is asked; the last time is the question's end.
    fileprivate var times: QueryRequest.Times {
        guard range != nil else { return .instant(end) }
        return .range(start: grid.start, end: end, step: step)
    }

    fileprivate var grid: TimeGrid {
        guard let range else { return TimeGrid(instant: end) }
        return TimeGrid(start: end - range / step * step, end: end, step: step)
    }
}
