import Federation
import Meshes
import TimeSeries
import Upstream

/// Asks what the edges of a map that are shown have beside their rates: percentiles, who speaks to whom
/// by their certificates, and what Envoys count of retries, breakers and pools.
///
/// Edges are asked about in batches of so many reports, few of them at a time, so that memory is
/// bounded; of each batch everything is asked at once.
struct EdgeDetails: Sendable {
    let query: MeshQuerying
    let answer: GraphAnswer
    let edgesAtATime: Int

    /// What was found out.
    struct Told: Sendable {
        /// By their places in the map's edges.
        var edges: [Int: ServiceMap.Edge] = [:]
        var queries: [AskedQuery] = []
        var warnings: [String] = []
    }

    /// Of these edges, as far as there is time.
    func told(
        of edges: [Int], in union: inout CoverageUnion
    ) async throws(QueryFailure) -> Told {
        let batches = batches(of: edges)
        let replies = await batches.answers(atOnce: Self.batchesAtATime) { batch in
            await reply(about: batch)
        }
        if Task.isCancelled { throw .cancelled }
        var told = Told()
        var left = 0
        for (batch, reply) in zip(batches, replies) {
            guard let reply else {
                left += batch.count
                continue
            }
            for result in reply.results { try union.note(result) }
            told.edges.merge(reply.told.edges) { _, new in new }
            told.queries += reply.told.queries
        }
        if left > 0 { told.warnings.append(Self.lateWarning(left, of: edges.count)) }
        return told
    }

    static func lateWarning(_ count: Int, of all: Int) -> String {
        "there was no time for the percentiles of \(count) of \(all) edges"
    }

    /// So many edges at a time, in their order. Edges that are drawn as one may stand for thousands.
    func batches(of edges: [Int]) -> [[Int]] {
        var batches: [[Int]] = []
        var room = 0
        for edge in edges {
            let count = answer.places.reportCount(of: edge)
            if count > room || batches.isEmpty {
                batches.append([])
                // Each edge is reported by two sides at least.
                room = edgesAtATime * 2
            }
            batches[batches.count - 1].append(edge)
            room -= count
        }
        return batches
    }

    // MARK: Batches

    /// What was found out of a batch, and how it went.
    struct BatchReply: Sendable {
        var told = Told()
        /// Of the answers, without their values.
        var results: [Result<QueryAnswer, QueryFailure>] = []
    }

    /// How many batches are asked about at a time: while the clusters answer for one, the answers about
    /// another are read.
    private static let batchesAtATime = 2

    // MARK: One batch

    private struct Question: Sendable {
        let query: EdgeQuery
        /// Long, as it names many services.
        let text: String

        init(query: EdgeQuery) {
            self.query = query
            text = query.text
        }

        var isAboutPrincipals: Bool { query.fact != .latency }

        var asked: AskedQuery {
            AskedQuery(
                signal: isAboutPrincipals ? "principals" : "latency", query: text,
                clusters: query.clusters)
        }
    }

    private struct Reply: Sendable {
        var result: Result<QueryAnswer, QueryFailure>
        /// What the rows tell, in their order.
        var batches: [EdgeBatch] = []
    }

    /// What is told of some edges; nil where there is no time to ask.
    func reply(about batch: [Int]) async -> BatchReply? {
        guard !Task.isCancelled, ContinuousClock.now < query.deadline else { return nil }
        let edges = Set(batch)
        let questions = questions(about: edges)
        async let shaped = ShapingAsking(query: query, answer: answer).reply(about: edges)
        let replies = await questions.answers { question in await reply(to: question) }
        let shaping = await shaped
        var latencies = EdgeLatencies(of: edges, in: answer.places)
        var principals = EdgePrincipals()
        for (question, reply) in zip(questions, replies) {
            for batch in reply.batches {
                if question.isAboutPrincipals {
                    principals.add(batch)
                } else {
                    latencies.add(batch)
                }
            }
        }
        var told = Told(queries: questions.map(\.asked) + shaping.asked)
        for edge in batch {
            var changed = answer.map.edges[edge]
            changed.latency = latencies.latency(of: edge)
            changed.transit = latencies.transit(of: edge)
            principals.set(on: &changed, edge)
            changed.shaping = shaping.shapings.shaping(of: edge, byFlags: changed.shaping)
            told.edges[edge] = changed
        }
        return BatchReply(told: told, results: shaping.results + replies.map(\.result))
    }

    private func reply(to question: Question) async -> Reply {
        // Rates are added exactly, and what else is told of an edge is ordered at the end.
        let result = await query.answer(to: question.text, seriesOrder: .asTold)
        guard case .success(var told) = result, case .vector(let series, let grid) = told.value
        else { return Reply(result: result) }
        // The batches hold all that is wanted of it.
        told.value = .vector([], grid: grid)
        let places = answer.places
        let (dialect, factor) = (question.query.dialect, question.query.source.factor)
        let isAboutPrincipals = question.isAboutPrincipals
        let batches = await AnswerPieces.read(series) { rows in
            var batch = EdgeBatch(dialect, places)
            for row in rows {
                guard let rate = row.values.first, !Absent.isAbsent(rate) else { continue }
                if isAboutPrincipals {
                    batch.addPrincipals(row.labels)
                } else {
                    batch.addBucket(row.labels, rate: rate, factor: factor)
                }
            }
            return batch
        }
        return Reply(result: .success(told), batches: batches)
    }

    /// For each dialect that the edges are reported in, their buckets and their principals.
    private func questions(about edges: Set<Int>) -> [Question] {
        let reports = Dictionary(grouping: answer.places.reports(of: edges), by: \.dialect)
        var questions: [Question] = []
        for dialect in Dialect.allCases.sorted(by: { $0.rank < $1.rank }) {
            guard let reports = reports[dialect] else { continue }
            let names = EdgeQuery.Names(reports, in: dialect.row)
            let reporting = Set(reports.map(\.reportedBy))
            for (fact, grouping) in Self.asked(of: dialect) {
                let sources = answer.clusters.sources(of: fact, in: dialect, window: answer.range)
                for (source, clusters) in sources {
                    let clusters = clusters.filter(reporting.contains)
                    guard !clusters.isEmpty else { continue }
                    questions.append(
                        Question(
                            query: EdgeQuery(
                                dialect, fact, from: source, by: grouping, names: names,
                                clusters: clusters, window: answer.range)))
                }
            }
        }
        return questions
    }

    private static func asked(of dialect: Dialect) -> [(Fact, CallGrouping)] {
        let ends = CallGrouping(source: .whole, destination: .whole, outcome: false)
        var asked = [(Fact.latency, ends)]
        let hasPrincipals = dialect.row.witnesses.contains {
            !$0.source.principal.isEmpty || !$0.destination.principal.isEmpty
        }
        if hasPrincipals {
            var named = ends
            named.source.insert(.principal)
            named.destination.insert(.principal)
            asked.append((.requests, named))
        }
        return asked
    }
}
