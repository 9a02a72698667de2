import Clusters
import Federation
import Meshes
import TimeSeries
import Upstream

/// What all clusters report of calls at one time.
struct CallPass: Sendable {
    var ledger: CallLedger
    var coverage: Coverage
    var warnings: [String]
    var queries: [AskedQuery]
    /// In inventory order.
    var clusters: [ClusterDialects]
    let graphs = WholeGraphs()

    /// The whole graph in a view.
    func graph(_ view: GraphView) -> WholeGraph {
        if let known = graphs.graph(view) { return known }
        let graph = WholeGraph(ledger, view: view)
        graphs.keep(graph)
        return graph
    }
}

/// One pass of queries over all clusters: for each dialect and fact one query of the clusters that
/// have the same metric of it, all at once.
struct CallAsking: Sendable {
    let query: MeshQuerying
    /// In inventory order.
    let clusters: [ClusterDialects]
    let window: Int64
    let maximumReports: Int

    private static let facts: [Fact] = [
        .requests, .tcpRequestBytes, .tcpResponseBytes, .tcpConnections,
    ]

    func pass() async throws(QueryFailure) -> CallPass {
        let questions = questions
        let replies = await questions.answers { question in await reply(to: question) }
        if Task.isCancelled { throw .cancelled }
        var union = CoverageUnion(clusters)
        for reply in replies { try union.note(reply.result) }
        let missing = union.missing
        let batches = replies.flatMap(\.batches)
        var ledger = CallLedger(
            clusters: clusters.map(\.cluster), missing: missing.mapValues(\.message),
            clusterNames: ClusterNames.joined(batches.flatMap(\.clusterNames)),
            maximumReports: maximumReports)
        ledger.reserveCapacity(batches.reduce(0) { $0 + $1.reportCount })
        var warnings = union.warnings
        // A cluster that lacks any answer is left out of all: rates without bytes are no graph.
        let omitted = Set(missing.keys)
        for batch in batches { ledger.add(batch, omitting: omitted) }
        if ledger.rejected > 0 {
            warnings.append(
                "\(ledger.rejected) reports of calls were left out: more than \(maximumReports), or "
                    + "of rates that are none")
        }
        return CallPass(
            ledger: ledger, coverage: union.coverage, warnings: warnings,
            queries: questions.map(\.asked), clusters: clusters)
    }

    // MARK: What is asked

    private struct Question: Sendable {
        var fact: Fact
        var text: FactQuery

        var asked: AskedQuery {
            AskedQuery(signal: fact.graphName, query: text.text, clusters: text.clusters)
        }
    }

    private var questions: [Question] {
        Dialect.allCases.sorted { $0.rank < $1.rank }.flatMap { dialect in
            Self.facts.flatMap { fact in
                clusters.sources(of: fact, in: dialect, window: window).map { source, names in
                    Question(
                        fact: fact,
                        text: FactQuery(
                            dialect, fact, from: source, by: .everything, clusters: names,
                            window: window))
                }
            }
        }
    }

    // MARK: What comes back

    private struct Reply: Sendable {
        var result: Result<QueryAnswer, QueryFailure>
        /// In the order of the answer's rows.
        var batches: [CallBatch] = []
    }

    private func reply(to question: Question) async -> Reply {
        let result = await query.answer(to: question.text.text)
        guard case .success(var answer) = result else { return Reply(result: result) }
        var batches: [CallBatch] = []
        if case .vector(let series, let grid) = answer.value {
            // The batches hold all that is wanted of it.
            answer.value = .vector([], grid: grid)
            let (dialect, fact) = (question.text.dialect, question.fact)
            batches = await AnswerPieces.read(series) { rows in
                var batch = CallBatch(dialect, fact)
                for row in rows {
                    guard let rate = row.values.first, !Absent.isAbsent(rate) else { continue }
                    batch.add(row.labels, rate: rate)
                }
                return batch
            }
        }
        return Reply(result: .success(answer), batches: batches)
    }
}

extension Fact {
    /// What a query of the fact serves, for people.
    var graphName: String {
        switch self {
        case .requests: "requests"
        case .latency: "latency"
        case .tcpRequestBytes: "tcp sent"
        case .tcpResponseBytes: "tcp received"
        case .tcpConnections: "tcp connections"
        }
    }
}
