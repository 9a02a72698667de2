import Planning
import PromQL
import TimeSeries

/// A query's way from plan to plan until there is an answer. Mostly there is one plan; but a scalar
/// may be worth knowing before the rest is asked, and partial answers may turn out not to hold what
/// is needed. Whoever fetches asks for the next plan, fetches it, and gives the answers back.
public struct QueryCourse {
    private let expression: Expression
    private let grid: TimeGrid
    private let fleet: FleetScope
    private let toldLookback: Int64?
    private var exactAggregations: Set<String> = []
    private var known: [ScalarQuestion: [Double]] = [:]
    /// What the plan at hand is to answer; nil for the query itself.
    private var question: ScalarQuestion?
    /// What was remarked while questions were answered.
    private var annotations = Annotations()
    /// How many plans were given up for what their answers did not hold.
    public private(set) var replanCount = 0

    /// `expression` is resolved. `toldLookback` is how far back the servers are told to look,
    /// milliseconds, where they are.
    public init(
        _ expression: Expression, on grid: TimeGrid, fleet: FleetScope, toldLookback: Int64? = nil
    ) {
        self.expression = expression
        self.grid = grid
        self.fleet = fleet
        self.toldLookback = toldLookback
    }

    /// The query's own plan as far as is known now.
    public func plan() throws(PlanningFailure) -> Plan {
        try plan(expression, on: grid)
    }

    private func plan(
        _ expression: Expression, on grid: TimeGrid
    ) throws(PlanningFailure) -> Plan {
        var planner = Planner(
            fleet: fleet, exactAggregations: exactAggregations, known: known,
            toldLookback: toldLookback)
        return try planner.plan(expression, grid: grid)
    }

    /// The plan to fetch next.
    public mutating func nextPlan() throws(PlanningFailure) -> Plan {
        let plan = try plan()
        question = plan.questions.first
        guard let question else { return plan }
        return try self.plan(question.expression, on: question.grid)
    }

    /// What the answers to a plan make: the outcome of the query, or nil where another plan is due.
    public mutating func outcome(
        of plan: Plan, inputs: EvaluationInputs, limits: EvaluationLimits = EvaluationLimits()
    ) throws(EvaluationFailure) -> EvaluationOutcome? {
        var evaluator = Evaluator(inputs: inputs, limits: limits)
        let result: Result<QueryValue, EvaluationFailure>
        do {
            result = .success(try evaluator.value(of: plan))
        } catch {
            result = .failure(error)
        }
        // What is not to be trusted may have failed where all series would not.
        let inexact = evaluator.cancelledSums
            .union(plan.originsOfPartials { inputs.fragments[$0].remarks.speaksOfHistograms })
            .subtracting(exactAggregations)
        if !inexact.isEmpty, !result.isForGood {
            exactAggregations.formUnion(inexact)
            replanCount += 1
            return nil
        }
        let value = try result.get()
        guard let question else {
            var remarks = annotations
            remarks.add(evaluator.annotations)
            return EvaluationOutcome(
                value: value, annotations: remarks, cancelledSums: evaluator.cancelledSums)
        }
        guard case .scalar(let values, _) = value else {
            preconditionFailure("only scalars are asked")
        }
        known[question] = values
        annotations.add(evaluator.annotations)
        return nil
    }

    /// Forgets what questions gave: a cluster that took part in it is missing now. Returns whether
    /// there was anything.
    public mutating func forgetAnswers() -> Bool {
        guard !known.isEmpty else { return false }
        known = [:]
        annotations = Annotations()
        return true
    }
}

extension Annotations {
    /// Whether an aggregation left histograms out, or dropped a group for them: then a group's
    /// partial answer is not about all its series.
    fileprivate var speaksOfHistograms: Bool {
        warnings.contains {
            $0.contains(Remarks.mixedAggregation) || $0.contains(Remarks.mixedSchemasPrefix)
        }
            || infos.contains { $0.contains(Remarks.histogramsIgnoredPrefix) }
    }
}

extension Result where Success == QueryValue, Failure == EvaluationFailure {
    /// Whether no other plan is worth trying.
    fileprivate var isForGood: Bool {
        switch self {
        case .failure(.stopped), .failure(.tooManySamples): true
        default: false
        }
    }
}
