import Federation
import PromQL
import Rules
import TimeSeries
import Upstream

/// Finds the alerts of a group by evaluating its rules over the past: with one range query a rule,
/// at the times at which the group would have been evaluated.
package struct BackFill: Sendable {
    package struct Settings: Hashable, Sendable {
        /// The longest time that is looked back.
        package var maximumLength: Duration = .seconds(21_600)
        /// The most evaluations that are made up for.
        package var maximumEvaluations: Int64 = 10_000
        /// For all rules of a group together.
        package var timeout: Duration = .seconds(30)
        /// Rules that are asked at once.
        package var concurrentQuestions = 8

        package init() {}
    }

    private let queries: RuleQueries
    private let settings: Settings

    package init(
        query: @escaping RuleQueries.Query, fleet: Fleet, settings: Settings = Settings()
    ) {
        // Who answers is of no interest here: it is not about now.
        queries = RuleQueries(query: query, fleet: fleet, reachability: ClusterReachability())
        self.settings = settings
    }

    /// Brings a group to where it would be before its evaluation at `time`. A rule whose past cannot
    /// be had begins anew. Returns whether any rule's past was found.
    package func run(_ state: inout RuleGroupState, before time: Int64) async -> Bool {
        let deadline = ContinuousClock.now + settings.timeout
        let answers = await answers(of: state, before: time, until: deadline)
        for answer in answers {
            await replay(answer, &state, until: deadline)
        }
        return !answers.isEmpty
    }

    // MARK: Asking

    private struct Past: Sendable {
        var rule: Int
        var grid: TimeGrid
        /// Nil where the query failed.
        var answer: QueryAnswer?
    }

    private func answers(
        of state: RuleGroupState, before time: Int64, until deadline: ContinuousClock.Instant
    ) async -> [Past] {
        let wanted = state.rules.indices.compactMap { rule in
            grid(of: rule, state, before: time).map { Past(rule: rule, grid: $0) }
        }
        return await wanted.answers(atOnce: settings.concurrentQuestions) { past in
            await self.asked(past, state.question(past.rule, at: 0), until: deadline)
        }.filter { $0.answer != nil }
    }

    /// The evaluations of a rule that would have been.
    private func grid(
        of rule: Int, _ state: RuleGroupState, before time: Int64
    ) -> TimeGrid? {
        guard let length = state.replayLength(rule) else { return nil }
        let longest = min(
            settings.maximumLength.components.seconds * 1000,
            settings.maximumEvaluations * state.interval)
        let count = (min(length, longest) + state.interval - 1) / state.interval
        guard count > 0 else { return nil }
        return TimeGrid(
            start: time - count * state.interval, end: time - state.interval,
            step: state.interval)
    }

    /// `question` is that of the epoch, whose time is the query offset before it.
    private func asked(
        _ past: Past, _ question: RuleQuestion, until deadline: ContinuousClock.Instant
    ) async -> Past {
        var past = past
        let timeout = ContinuousClock.now.duration(to: deadline)
        guard timeout > .zero else { return past }
        let (start, step) = (past.grid.start + question.time, past.grid.step)
        let request = QueryRequest(
            expression: question.expression.text(),
            times: .range(start: start, end: start + step * Int64(past.grid.count - 1), step: step),
            timeout: timeout, partialResponse: true)
        do throws(QueryFailure) {
            past.answer = try await queries.query(request)
        } catch {
            // Nothing is known of the past then, and the rule begins anew.
        }
        return past
    }

    // MARK: Evaluating

    private func replay(
        _ past: Past, _ state: inout RuleGroupState, until deadline: ContinuousClock.Instant
    ) async {
        guard let answer = past.answer else { return }
        for place in 0..<past.grid.count {
            let time = past.grid.start + Int64(place) * past.grid.step
            // Each time by itself: since when a cluster is missing is not known of the past, and
            // none is given up in it.
            let coverage = queries.coverage(
                answer.coverage, of: state.question(past.rule, at: time), at: time,
                earlier: .complete)
            guard let elements = Self.elements(of: answer.value, at: place) else { return }
            let found = RuleAnswer.elements(elements, coverage)
            var lookups: [RuleLookup: TemplateAnswer] = [:]
            for _ in 0..<RuleGroupState.maximumLookupRounds {
                let wanted = state.replay(past.rule, at: time, answer: found, lookups: lookups)
                if wanted.isEmpty { break }
                for lookup in wanted {
                    // Texts are those of the last evaluation; what else is asked proves that an
                    // alert is over, and without the proof it is held.
                    lookups[lookup] =
                        place == past.grid.count - 1
                        ? await queries.answer(
                            to: lookup, within: ContinuousClock.now.duration(to: deadline))
                        : .failure("not asked of the past")
                }
            }
        }
    }

    /// The elements at one time; nil for an answer that has none.
    private static func elements(of value: QueryValue, at place: Int) -> [RuleElement]? {
        switch value {
        case .vector(let series, _):
            series.compactMap { one in
                if let point = one.histograms.first(where: { $0.index == place }) {
                    return RuleElement(labels: one.labels, value: .histogram(point.histogram))
                }
                guard place < one.values.count, !Absent.isAbsent(one.values[place]) else {
                    return nil
                }
                return RuleElement(labels: one.labels, value: .float(one.values[place]))
            }
        case .scalar(let values, _):
            values.indices.contains(place)
                ? [RuleElement(labels: Labels(), value: .float(values[place]))] : []
        case .samples, .string: nil
        }
    }
}
