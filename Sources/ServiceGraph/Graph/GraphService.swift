// The first file to read in Graph: the life of a question about the service graph. Which dialects
// the clusters speak is looked up; one pass of queries gives what they report of calls, which is
// remembered for a moment; the map is drawn from it (Meshes/Graph); and the edges that are shown get
// their percentiles, principals and the proxies' own statistics.

import Clusters
import Federation
import Meshes
import ServiceLifecycle
import Traces

/// Answers who calls whom in the fleet, how much and how well.
///
/// It runs as a service, which does what several askers share; it answers before and after too.
package final class GraphService: ServiceLifecycle.Service {
    package typealias Query =
        @Sendable (QueryRequest) async throws(QueryFailure) -> QueryAnswer
    /// Gives what is known of the clusters' dialects, in inventory order, by a deadline.
    package typealias Dialects =
        @Sendable (ContinuousClock.Instant) async -> [ClusterDialects]

    let fleet: Fleet
    let query: Query
    let dialects: Dialects
    /// Nil where no cluster's traces are asked.
    let traces: TraceService?
    let settings: GraphSettings
    /// Milliseconds since the Unix epoch.
    let now: @Sendable () -> Int64
    let metrics: MeshMetrics
    let passes: SharedPasses
    let known: KnownGraphs

    package init(
        fleet: Fleet, query: @escaping Query, dialects: @escaping Dialects, traces: TraceService?,
        settings: GraphSettings = GraphSettings(), metrics: MeshMetrics = MeshMetrics(),
        now: @escaping @Sendable () -> Int64
    ) {
        self.fleet = fleet
        self.query = metrics.counting(query, for: .graph)
        self.dialects = dialects
        self.traces = traces
        self.settings = settings
        self.metrics = metrics
        self.now = now
        passes = SharedPasses(settings, metrics)
        known = KnownGraphs(settings)
    }

    package func run() async throws { await passes.run() }

    /// The graph, by the deadline where there is one and by the settings' timeout anyway.
    package func graph(
        _ question: GraphQuestion, by deadline: ContinuousClock.Instant? = nil
    ) async throws(QueryFailure) -> MeshAnswer<GraphAnswer> {
        let end = ContinuousClock.now + settings.timeout
        let round = GraphRound(self, settled(question), by: min(deadline ?? end, end))
        let asked = metrics.asked(.graph)
        do {
            var answer = try await round.answer()
            metrics.drawn(edges: answer.value.map.totals.edges)
            if let details = answer.value.details {
                // Which clusters it is about, and how long it took, is known at its end.
                answer.value.details = details.ending { remarks in
                    asked.end(.success(remarks.coverage))
                }
            } else {
                asked.end(.success(answer.coverage))
            }
            return answer
        } catch {
            asked.end(.failure(error))
            throw error
        }
    }

    /// The question with a time: that of now is the same for all who ask at about the same time.
    private func settled(_ question: GraphQuestion) -> GraphQuestion {
        guard question.time == nil else { return question }
        var question = question
        let now = now()
        question.time = now - now % max(1, settings.refresh.wholeMilliseconds)
        return question
    }
}
