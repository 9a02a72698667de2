import Clusters
import Federation
import PromQL
import Rules
import TimeSeries

/// Asks the fleet what rules want to know, and says whose data the answers lack.
package struct RuleQueries: Sendable {
    package typealias Query =
        @Sendable (QueryRequest) async throws(QueryFailure) -> QueryAnswer

    let query: Query
    let fleet: Fleet
    let reachability: ClusterReachability

    /// The answer to a rule's question. `earlier` is what the rule's last answer lacked: a cluster
    /// that is missing again is so since then.
    func answer(
        to question: RuleQuestion, at time: Int64, within patience: Duration,
        earlier: RuleCoverage
    ) async -> RuleAnswer {
        let request = QueryRequest(
            expression: question.expression.text(), times: .instant(question.time),
            timeout: patience, partialResponse: true)
        do throws(QueryFailure) {
            let answer = try await query(request)
            reachability.note(answer.coverage)
            return RuleAnswer(
                answer.value,
                coverage: coverage(answer.coverage, of: question, at: time, earlier: earlier))
        } catch {
            guard case .unavailable(_, let coverage) = error else {
                return .failure(error.sentence)
            }
            // Nobody answered, which is no mistake of the rule's: nothing is known of anything.
            reachability.note(coverage)
            var known = self.coverage(coverage, of: question, at: time, earlier: earlier)
            known.hasAnswers = false
            return .elements([], known)
        }
    }

    /// What a template or a proof asks.
    func answer(to lookup: RuleLookup, within patience: Duration) async -> TemplateAnswer {
        let request = QueryRequest(
            expression: lookup.query, times: .instant(lookup.time), timeout: patience,
            partialResponse: true)
        do throws(QueryFailure) {
            let answer = try await query(request)
            guard
                case .elements(let elements, _) = RuleAnswer(
                    answer.value, coverage: .complete)
            else { return .failure("query result is not a vector or scalar") }
            return .samples(
                elements.map { TemplateSample(labels: $0.labels, value: $0.value) })
        } catch {
            return .failure(error.sentence)
        }
    }

    /// Whose data an answer lacks. Clusters that are down on purpose lack nothing.
    package func coverage(
        _ coverage: Coverage, of question: RuleQuestion, at time: Int64, earlier: RuleCoverage
    ) -> RuleCoverage {
        var missing = coverage.missing.filter { !$0.isMaintenance }.map(\.cluster)
        // A server that has stopped scraping answers, but with nothing of now.
        for gap in coverage.gaps
        where gap.start <= question.time && gap.end >= question.time
            && !missing.contains(gap.cluster)
        {
            missing.append(gap.cluster)
        }
        let inventory = fleet.current.inventory
        return RuleCoverage(
            missing: missing.map { id in
                MissingCluster(
                    id: id,
                    externalLabels: inventory[id]?.externalLabels ?? [Cluster.label: id.name],
                    since: earlier.missing.first { $0.id == id }?.since ?? time)
            })
    }
}

extension QueryFailure {
    /// What went wrong, in one sentence.
    package var sentence: String {
        switch self {
        case .badData(let message), .execution(let message), .timeout(let message),
            .unavailable(let message, _), .overloaded(let message, _), .internal(let message):
            message
        case .cancelled: "the query was cancelled"
        }
    }
}
