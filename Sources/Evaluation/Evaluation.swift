// The first file to read in Evaluation: a plan and what the clusters answered become a value. All
// inputs are exact points on a grid, so nothing here looks back or fills gaps; and nothing here
// knows that there are clusters, only that a fragment's answer comes in ordered parts.

import Planning
import TimeSeries

/// What was answered to one fragment of a plan.
public struct FragmentAnswer: Sendable {
    /// One list of series for each part, in the order in which sums are added. Every series has a
    /// column as long as the fragment's grid, and the labels of a part's series differ.
    public var parts: [[GridSeries]]
    /// For fragments that want samples.
    public var samples: [SampleColumns]
    /// What was remarked on the answers, with places in the query.
    public var remarks: Annotations

    public init(
        parts: [[GridSeries]], samples: [SampleColumns] = [], remarks: Annotations = Annotations()
    ) {
        self.parts = parts
        self.samples = samples
        self.remarks = remarks
    }
}

/// The answers to a plan's fragments, by their index.
public struct EvaluationInputs: Sendable {
    public var fragments: [FragmentAnswer]

    /// When names are dropped; it has to be as the clusters do.
    public var nameRemoval: NameRemoval

    /// Whether the series of a plan that is one fragment (`Plan.isOneFragment`) stay in the order in
    /// which they are given here. No two of them may have the same labels then.
    public var keepsFragmentsOrder = false

    public init(fragments: [FragmentAnswer], nameRemoval: NameRemoval = .atOnce) {
        self.fragments = fragments
        self.nameRemoval = nameRemoval
    }
}

/// How much an evaluation may do.
public struct EvaluationLimits: Sendable {
    /// Places for values in all vectors that it reads and makes.
    public var maximumSamples: Int
    /// Asked every some ten thousand places; true ends the evaluation.
    public var shouldStop: @Sendable () -> Bool
    /// Told of every some thousand further places for values; false ends the evaluation.
    public var holds: @Sendable (Int) -> Bool

    public init(
        maximumSamples: Int = 50_000_000, shouldStop: @escaping @Sendable () -> Bool = { false },
        holds: @escaping @Sendable (Int) -> Bool = { _ in true }
    ) {
        self.maximumSamples = maximumSamples
        self.holds = holds
        self.shouldStop = shouldStop
    }
}

/// What an evaluation gives.
public struct EvaluationOutcome: Sendable {
    /// Series are ordered by their labels, but where the query itself orders them: an instant query
    /// that is a `sort`, `topk` or `bottomk`. No series is empty.
    public var value: QueryValue
    public var annotations: Annotations
    /// Origins of merged sums whose parts cancelled each other out so far that the result may be
    /// wrong: to be planned again without partial sums.
    public var cancelledSums: Set<String>
}

/// Computes the value of a plan from its fragments' answers.
public func evaluate(
    _ plan: Plan, inputs: EvaluationInputs, limits: EvaluationLimits = EvaluationLimits()
) throws(EvaluationFailure) -> EvaluationOutcome {
    var evaluator = Evaluator(inputs: inputs, limits: limits)
    let value = try evaluator.value(of: plan)
    return EvaluationOutcome(
        value: value, annotations: evaluator.annotations, cancelledSums: evaluator.cancelledSums)
}
