// The first file to read in Evaluation: a plan and what the clusters answered become a value. All
// inputs are exact points on a grid, so nothing here looks back or fills gaps; and nothing here
// knows that there are clusters, only that a fragment's answer comes in ordered parts.

import Planning
import PromQL
import TimeSeries

/// What was answered to one fragment of a plan.
public struct FragmentAnswer: Sendable {
    /// One list of series for each part, in the order in which sums are added. The labels of a
    /// part's series differ from each other.
    public var parts: [[GridSeries]]
    /// For fragments that want samples.
    public var samples: [SampledSeries]

    public init(parts: [[GridSeries]], samples: [SampledSeries] = []) {
        self.parts = parts
        self.samples = samples
    }
}

/// The answers to a plan's fragments, by their index.
public struct EvaluationInputs: Sendable {
    public var fragments: [FragmentAnswer]

    public init(fragments: [FragmentAnswer]) { self.fragments = fragments }
}

/// How much an evaluation may do.
public struct EvaluationLimits: Sendable {
    /// Places for values in all vectors that it makes.
    public var maximumSamples: Int
    /// Asked now and then; true ends the evaluation.
    public var shouldStop: @Sendable () -> Bool

    public init(
        maximumSamples: Int = 50_000_000, shouldStop: @escaping @Sendable () -> Bool = { false }
    ) {
        self.maximumSamples = maximumSamples
        self.shouldStop = shouldStop
    }
}

/// What an evaluation gives.
public struct EvaluationOutcome: Sendable {
    public var value: QueryValue
    public var annotations: Annotations
    /// Origins of merged sums whose parts cancelled each other out so far that the result may be
    /// wrong: to be planned again without partial sums.
    public var cancelledSums: Set<String>
}

/// Why a value cannot be computed, in Prometheus's words where it has some.
public enum EvaluationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Two series of a result would have the same labels.
    case duplicateLabels
    /// Several series of one side of an operator belong to one group.
    case duplicateMatch(group: Labels, side: Side, first: Labels, second: Labels)
    /// Several series match, and `group_left` or `group_right` was not written.
    case manyToOneNotExplicit
    /// Series of a grouped match would have the same labels.
    case groupingNotUnique
    case invalidLabelName(String)
    case invalidPattern(String)
    case invalidParameter(String)
    /// The operation does not handle native histograms yet.
    case nativeHistograms(operation: String)
    case unsupported(String)
    case tooManySamples
    case stopped

    public enum Side: String, Hashable, Sendable {
        case left, right
    }

    public var description: String {
        switch self {
        case .duplicateLabels:
            "vector cannot contain metrics with the same labelset"
        case .duplicateMatch(let group, let side, let first, let second):
            "found duplicate series for the match group \(group.bracketed) on the "
                + "\(side.rawValue) hand-side of the operation: [\(second.bracketed), "
                + "\(first.bracketed)];many-to-many matching not allowed: matching labels must be "
                + "unique on one side"
        case .manyToOneNotExplicit:
            "multiple matches for labels: many-to-one matching must be explicit "
                + "(group_left/group_right)"
        case .groupingNotUnique:
            "multiple matches for labels: grouping labels must ensure unique matches"
        case .invalidLabelName(let name): "invalid label name \(Labels.quoted(name))"
        case .invalidPattern(let text): "invalid regular expression in label_replace(): \(text)"
        case .invalidParameter(let text): text
        case .nativeHistograms(let operation):
            "\(operation) over native histograms of several clusters is not supported"
        case .unsupported(let text): text
        case .tooManySamples:
            "query processing would load too many samples into memory in query execution"
        case .stopped: "query was stopped during evaluation"
        }
    }
}

extension Labels {
    /// The labels with the metric's name among them, as Go prints a label set.
    var bracketed: String {
        "{" + pairs.map { "\($0.name)=\(Labels.quoted($0.value))" }.joined(separator: ", ") + "}"
    }
}

/// Computes the value of a plan from its fragments' answers.
public func evaluate(
    _ plan: Plan, inputs: EvaluationInputs, limits: EvaluationLimits = EvaluationLimits()
) throws(EvaluationFailure) -> EvaluationOutcome {
    var evaluator = Evaluator(inputs: inputs, limits: limits)
    let value: QueryValue
    switch plan.remainder {
    case .samples(let fragment):
        let samples = inputs.fragments[fragment].samples
        value = .samples(samples.sorted { $0.labels < $1.labels })
    case .points(let input, let grid):
        let vector = try evaluator.vector(input, on: grid)
        value = .samples(
            vector.filter { !$0.isEmpty }.map { sampled($0, on: grid) }
                .sorted { $0.labels < $1.labels })
    case .value(let node):
        switch try evaluator.value(of: node, on: plan.grid) {
        case .string(let text): value = .string(text, time: plan.grid.start)
        case .scalar(let values): value = .scalar(values, grid: plan.grid)
        case .vector(let series):
            value = .vector(
                try evaluator.finished(series, root: node, grid: plan.grid), grid: plan.grid)
        }
    }
    return EvaluationOutcome(
        value: value, annotations: evaluator.annotations, cancelledSums: evaluator.cancelledSums)
}

/// The points of a series with their times.
private func sampled(_ series: GridSeries, on grid: TimeGrid) -> SampledSeries {
    var samples: [SampledSeries.Sample] = []
    for (index, value) in series.values.enumerated() where !Absent.isAbsent(value) {
        samples.append(.init(time: grid.time(at: index), value: .float(value)))
    }
    for point in series.histograms {
        samples.append(
            .init(time: grid.time(at: point.index), value: .histogram(point.histogram)))
    }
    return SampledSeries(labels: series.labels, samples: samples.sorted { $0.time < $1.time })
}
