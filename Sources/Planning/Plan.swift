// The first file to read in Planning: what a query becomes. A plan says what each cluster is asked
// (fragments) and what the gateway computes from the answers (the remainder, a tree of `PlanNode`).
// It is a value: printable, comparable, without clients, addresses or clocks.

import Clusters
import PromQL
import TimeSeries

/// How a query is answered.
public struct Plan: Hashable, Sendable {
    /// What the clusters are asked; the remainder refers to them by their index.
    public var fragments: [Fragment]
    public var remainder: Remainder
    /// The times at which the query is evaluated.
    public var grid: TimeGrid

    /// What is computed from the fragments' answers.
    public enum Remainder: Hashable, Sendable {
        /// A value at each time of the grid.
        case value(PlanNode)
        /// The samples that the clusters answer, side by side: a root `x[5m]`.
        case samples(fragment: Int)
        /// All points of `input` on its own grid: a root `sum(x)[5m:1m]`.
        case points(input: PlanNode, grid: TimeGrid)
    }

    public init(fragments: [Fragment], remainder: Remainder, grid: TimeGrid) {
        self.fragments = fragments
        self.remainder = remainder
        self.grid = grid
    }
}

/// One question that clusters are asked, each in its own words.
public struct Fragment: Hashable, Sendable {
    /// The question as the union would read it.
    public var text: String
    /// The times that it is asked for.
    public var grid: TimeGrid
    /// Whether the answer is windows of samples rather than values on the grid.
    public var wantsSamples: Bool
    /// One for each cluster that can have an answer, in inventory order. A cluster that no selector
    /// can match is not listed, and not missing either.
    public var requests: [Request]

    public struct Request: Hashable, Sendable {
        public var cluster: ClusterID
        /// The question in the cluster's own words: matchers on external labels are gone.
        public var query: String
        /// The external labels that each series of the answer gets.
        public var addedLabels: Labels
        /// External labels whose names the series may carry themselves: where their value is
        /// another one, it moves to `exported_…` before the external labels are added.
        public var renamedLabels: Labels

        public init(
            cluster: ClusterID, query: String, addedLabels: Labels,
            renamedLabels: Labels = Labels()
        ) {
            self.cluster = cluster
            self.query = query
            self.addedLabels = addedLabels
            self.renamedLabels = renamedLabels
        }
    }

    public init(text: String, grid: TimeGrid, wantsSamples: Bool = false, requests: [Request]) {
        self.text = text
        self.grid = grid
        self.wantsSamples = wantsSamples
        self.requests = requests
    }
}

/// What the gateway computes, on the grid it is evaluated for. Scalars are one number at each time,
/// vectors are series. The answers of fragments are exact points: there is no lookback here.
public indirect enum PlanNode: Hashable, Sendable {
    /// A scalar.
    case number(Double)
    /// The text argument of a function.
    case string(String)
    /// The evaluation time in seconds, a scalar: `time()`.
    case time
    /// A vector: the clusters' answers side by side (their labels differ by cluster).
    case fragment(Int)
    /// A vector: the clusters' partial answers, those with equal labels put together. `origin` is
    /// the text of the aggregation; where partial sums cancel out, the evaluation names it, and it
    /// is planned again without partial sums.
    case merged(fragment: Int, MergeOperation, origin: String)
    /// A vector: sums over counts, put together from the clusters' partial answers.
    case average(sum: Int, count: Int, origin: String)
    /// Any function over values at one time (not over windows).
    case call(CallNode)
    case aggregation(AggregationNode)
    case binary(BinaryNode)
    /// `-x`, of a scalar or a vector.
    case negated(PlanNode)
    /// `absent(x)`: one series with `labels` and the value 1 wherever `input` has nothing.
    case absent(input: PlanNode, labels: Labels)
    /// A function over windows of a vector that is computed here: `max_over_time(sum(x)[1h:5m])`.
    case window(WindowNode)
}

/// How partial answers become one.
public enum MergeOperation: String, Hashable, Sendable {
    /// Compensated, in inventory order.
    case sum
    /// The smallest, NaN only where there is nothing else.
    case min
    /// The largest, NaN only where there is nothing else.
    case max
    /// 1 where any has something.
    case group
}

public struct CallNode: Hashable, Sendable {
    public var function: Function
    public var arguments: [PlanNode]
    public var sources: CallSources

    public init(function: Function, arguments: [PlanNode], sources: CallSources = CallSources()) {
        self.function = function
        self.arguments = arguments
        self.sources = sources
    }

    /// A call of the query whose arguments became nodes.
    public init(_ call: Call, arguments: [PlanNode]) {
        self.init(
            function: call.function, arguments: arguments, sources: CallSources(of: call))
    }
}

public struct AggregationNode: Hashable, Sendable {
    public var `operator`: AggregationOperator
    public var input: PlanNode
    public var parameter: PlanNode?
    public var grouping: Grouping
    public var sources: AggregationSources

    public init(
        operator: AggregationOperator, input: PlanNode, parameter: PlanNode?, grouping: Grouping,
        sources: AggregationSources = AggregationSources()
    ) {
        self.operator = `operator`
        self.input = input
        self.parameter = parameter
        self.grouping = grouping
        self.sources = sources
    }

    /// An aggregation of the query whose parts became nodes.
    public init(_ aggregation: Aggregation, input: PlanNode, parameter: PlanNode?) {
        self.init(
            operator: aggregation.operator, input: input, parameter: parameter,
            grouping: aggregation.grouping, sources: AggregationSources(of: aggregation))
    }
}

public struct BinaryNode: Hashable, Sendable {
    public var `operator`: BinaryOperator
    public var left: PlanNode
    public var right: PlanNode
    public var returnsBool: Bool
    /// Nil unless both sides are vectors.
    public var matching: VectorMatching?
    public var source: SourceRange

    public init(
        operator: BinaryOperator, left: PlanNode, right: PlanNode, returnsBool: Bool,
        matching: VectorMatching?, source: SourceRange
    ) {
        self.operator = `operator`
        self.left = left
        self.right = right
        self.returnsBool = returnsBool
        self.matching = matching
        self.source = source
    }
}

public struct WindowNode: Hashable, Sendable {
    public var function: Function
    /// The arguments in order; nil where the windows go.
    public var arguments: [PlanNode?]
    public var input: WindowInput
    public var window: Window
    public var sources: CallSources

    /// What the windows are cut from.
    public enum WindowInput: Hashable, Sendable {
        /// The points of a vector on a grid: multiples of a subquery's step, as many as any window
        /// needs.
        case points(PlanNode, grid: TimeGrid)
        /// The samples that a fragment answers.
        case samples(fragment: Int)
    }

    public init(
        function: Function, arguments: [PlanNode?], input: WindowInput, window: Window,
        sources: CallSources = CallSources()
    ) {
        self.function = function
        self.arguments = arguments
        self.input = input
        self.window = window
        self.sources = sources
    }

    /// A call of the query whose arguments became nodes.
    public init(_ call: Call, arguments: [PlanNode?], input: WindowInput, window: Window) {
        self.init(
            function: call.function, arguments: arguments, input: input, window: window,
            sources: CallSources(of: call))
    }
}

/// Which samples a function looks at. All times are milliseconds.
public struct Window: Hashable, Sendable {
    /// The window at time t is `(t − offset − range, t − offset]`.
    public var range: Int64
    public var offset: Int64
    /// Takes the place of t where it is set: `@ 1700000000`.
    public var at: Int64?
    /// How the edges are treated.
    public var sampling: Selector.Sampling
    /// How far beyond the edges `anchored` and `smoothed` look.
    public var lookback: Int64

    public init(
        range: Int64, offset: Int64 = 0, at: Int64? = nil, sampling: Selector.Sampling = .plain,
        lookback: Int64 = 0
    ) {
        self.range = range
        self.offset = offset
        self.at = at
        self.sampling = sampling
        self.lookback = lookback
    }

    /// The window of a resolved range selector.
    public init(_ range: RangeSelector, lookback: Int64 = 0) {
        self.init(
            range: range.range.literalMilliseconds, time: range.selector.time,
            sampling: range.selector.sampling, lookback: lookback)
    }

    /// The window of a resolved subquery.
    public init(_ subquery: Subquery) {
        self.init(range: subquery.range.literalMilliseconds, time: subquery.time)
    }

    private init(
        range: Int64, time: TimeModifiers, sampling: Selector.Sampling = .plain,
        lookback: Int64 = 0
    ) {
        var at: Int64?
        if case .time(let time)? = time.at { at = time }
        self.init(
            range: range, offset: time.offset?.literalMilliseconds ?? 0, at: at,
            sampling: sampling, lookback: lookback)
    }
}
