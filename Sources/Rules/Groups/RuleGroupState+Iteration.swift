import TimeSeries

/// What a whole evaluation of a group asks of its surroundings, where these answer at once.
public struct RuleSurroundings {
    public var answer: (RuleQuestion) -> RuleAnswer
    public var lookUp: (RuleLookup) -> TemplateAnswer
    public var append: ([RuleSample]) -> Void

    public init(
        answer: @escaping (RuleQuestion) -> RuleAnswer,
        lookUp: @escaping (RuleLookup) -> TemplateAnswer,
        append: @escaping ([RuleSample]) -> Void
    ) {
        self.answer = answer
        self.lookUp = lookUp
        self.append = append
    }
}

extension RuleGroupState {
    /// How often what an evaluation asks may lead to further queries: templates that ask with what
    /// they were answered.
    public static let maximumLookupRounds = 10

    /// Why an evaluation fails that asks more often.
    public static let tooManyLookups =
        "templates ask more than \(maximumLookupRounds) times in a row"

    /// Evaluates a rule whose evaluation is given up.
    public mutating func failed(_ index: Int, at time: Int64, _ reason: String) -> RuleOutcome {
        guard case .done(let outcome) = evaluate(index, at: time, answer: .failure(reason)) else {
            preconditionFailure("a failure needs nothing")
        }
        return outcome
    }

    /// Evaluates all rules in their order; what one gives is appended before the next is asked.
    public mutating func iterate(
        at time: Int64, _ surroundings: RuleSurroundings
    ) -> [RuleOutcome] {
        var outcomes: [RuleOutcome] = []
        for index in rules.indices {
            let answer = surroundings.answer(question(index, at: time))
            let outcome = evaluate(index, at: time, answer: answer, surroundings)
            surroundings.append(outcome.samples)
            outcomes.append(outcome)
        }
        surroundings.append(finish(at: time))
        return outcomes
    }

    private mutating func evaluate(
        _ index: Int, at time: Int64, answer: RuleAnswer, _ surroundings: RuleSurroundings
    ) -> RuleOutcome {
        var lookups: [RuleLookup: TemplateAnswer] = [:]
        for _ in 0..<Self.maximumLookupRounds {
            switch evaluate(index, at: time, answer: answer, lookups: lookups) {
            case .done(let outcome): return outcome
            case .needs(let wanted):
                for lookup in wanted { lookups[lookup] = surroundings.lookUp(lookup) }
            }
        }
        return failed(index, at: time, Self.tooManyLookups)
    }
}
