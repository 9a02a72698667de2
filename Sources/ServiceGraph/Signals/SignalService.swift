// The first file to read in Signals: the life of a question about signals. Which dialects the
// clusters speak is looked up. Where there can be many subjects, their rates alone are asked first,
// which tells which are shown. Then the plan (Meshes/Signals) says what is asked about these; its
// queries are asked through the same planner as everybody's, and the answers become one report.

import Federation
import Meshes
import TimeSeries

/// Answers how services, edges, clusters and the whole mesh do.
package final class SignalService: Sendable {
    private let query: GraphService.Query
    private let dialects: GraphService.Dialects
    private let settings: SignalSettings
    private let metrics: MeshMetrics

    package init(
        query: @escaping GraphService.Query, dialects: @escaping GraphService.Dialects,
        settings: SignalSettings = SignalSettings(), metrics: MeshMetrics = MeshMetrics()
    ) {
        self.query = metrics.counting(query, for: .signals)
        self.dialects = dialects
        self.settings = settings
        self.metrics = metrics
    }

    /// The signals. Without `partialResponse` a missing cluster is a failure.
    package func signals(
        _ question: SignalQuestion, partialResponse: Bool = true,
        cacheUse: CacheUse = .allowed
    ) async throws(QueryFailure) -> MeshAnswer<SignalReport> {
        let asked = metrics.asked(.signals)
        do {
            let answer = try await answer(
                question, partialResponse: partialResponse, cacheUse: cacheUse)
            asked.end(.success(answer.coverage))
            return answer
        } catch {
            asked.end(.failure(error))
            throw error
        }
    }

    private func answer(
        _ question: SignalQuestion, partialResponse: Bool, cacheUse: CacheUse
    ) async throws(QueryFailure) -> MeshAnswer<SignalReport> {
        let top = question.top ?? settings.shownSubjects
        guard (1...settings.maximumSubjects).contains(top) else {
            throw .badData(
                "invalid parameter \"top\": a number from 1 to \(settings.maximumSubjects) is "
                    + "expected (mesh.limits.max_subjects)")
        }
        let deadline = ContinuousClock.now + settings.timeout
        let clusters = await dialects(deadline)
        var question = question
        question.tolerances = settings.health
        var round = SignalRound(
            query: query, question: question, clusters: clusters, top: top, settings: settings,
            deadline: deadline, cacheUse: cacheUse)
        let answer = try await round.answer()
        try answer.coverage.require(partialResponse: partialResponse)
        return answer
    }
}

extension Coverage {
    /// Throws where nobody answered, or not all and all were wanted.
    func require(partialResponse: Bool) throws(QueryFailure) {
        guard !missing.isEmpty else { return }
        guard present.isEmpty || !partialResponse else { return }
        let names = missing.map { "\($0.cluster): \($0.message)" }
        throw .unavailable(
            (present.isEmpty ? "no cluster answered: " : "clusters are missing: ")
                + names.joined(separator: "; "), self)
    }
}
