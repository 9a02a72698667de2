import Federation
import MeshHealth
import Upstream

/// Asks the clusters' metrics all that they are asked, as of one time.
struct MetricRound: Sendable {
    let query: ControlPlaneWatch.Query
    let settings: ControlPlaneSettings
    let metrics: ControlPlaneMetrics
    let clock: ControlPlaneClock
    /// As of when everything is asked, milliseconds since the Unix epoch.
    let time: Int64
    /// Over how long the questions are spread, so that they leave room for those of others;
    /// milliseconds.
    let spread: Int64

    /// A question, and when it is asked at the earliest.
    private struct Turn: Sendable {
        var question: MetricQuestion
        /// Milliseconds since the Unix epoch.
        var time: Int64
    }

    func replies() async -> [MetricReply] {
        let start = ContinuousClock.now
        let rules = settings.rules
        let first = await asked(MetricQuestion.first, rules)
        let others = await asked(
            MetricQuestion.about(rules, after: first) + MetricQuestion.certificates, rules)
        metrics.askedMetrics(start.duration(to: .now))
        return first + others
    }

    private func asked(
        _ questions: [MetricQuestion], _ rules: [HealthRule]
    ) async -> [MetricReply] {
        let start = clock.now()
        let all =
            MetricQuestion.first.count + rules.count + MetricQuestion.certificates.count
        let turns = questions.enumerated().map { place, question in
            Turn(question: question, time: start + spread * Int64(place) / Int64(all))
        }
        return await turns.answers(atOnce: settings.concurrentQueries) { turn in
            await reply(in: turn)
        }
    }

    private func reply(in turn: Turn) async -> MetricReply {
        if turn.time > clock.now() { await clock.sleep(turn.time) }
        return await reply(to: turn.question)
    }

    private func reply(to question: MetricQuestion) async -> MetricReply {
        var request = QueryRequest(
            expression: question.text, times: .instant(time), timeout: settings.queryTimeout,
            partialResponse: true, cacheUse: .bypass)
        // What is left is for telling of those that did answer.
        request.patience = settings.queryTimeout * 9 / 10
        do throws(QueryFailure) {
            let answer = try await query(request)
            metrics.queried(answer.coverage.missing.isEmpty ? .complete : .partial)
            return MetricReply(
                question: question, value: answer.value, coverage: answer.coverage)
        } catch {
            guard case .unavailable(_, let coverage) = error else {
                metrics.queried(.failed)
                return MetricReply(question: question, value: nil, coverage: Coverage())
            }
            metrics.queried(.unavailable)
            return MetricReply(question: question, value: nil, coverage: coverage)
        }
    }
}
