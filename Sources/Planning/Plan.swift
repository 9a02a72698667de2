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
    /// Scalars worth knowing first: with their values the query is planned again and the clusters
    /// have less to answer. The plan is whole without them.
    public var questions: [ScalarQuestion]

    /// What is computed from the fragments' answers.
    public enum Remainder: Hashable, Sendable {
        /// A value at each time of the grid.
        case value(PlanNode)
        /// The samples that the clusters answer, side by side: a root `x[5m]`.
        case samples(fragment: Int)
        /// All points of `input` on its own grid: a root `sum(x)[5m:1m]`.
        case points(input: PlanNode, grid: TimeGrid)
    }

    public init(
        fragments: [Fragment], remainder: Remainder, grid: TimeGrid,
        questions: [ScalarQuestion] = []
    ) {
        self.fragments = fragments
        self.remainder = remainder
        self.grid = grid
        self.questions = questions
    }

    /// Whether the answer is what the clusters answer to one fragment, side by side.
    public var isOneFragment: Bool {
        if case .value(.fragment) = remainder { true } else { false }
    }
}

/// A scalar that is computed from the clusters' data: the `scalar(sum(y))` of
/// `x > scalar(sum(y))`.
public struct ScalarQuestion: Hashable, Sendable {
    public var expression: Expression
    /// The times for which it is asked.
    public var grid: TimeGrid

    public init(expression: Expression, grid: TimeGrid) {
        self.expression = expression
        self.grid = grid
    }
}

/// One question that clusters are asked, each in its own words.
public struct Fragment: Hashable, Sendable {
    /// The question as the union would read it.
    public var text: String
    /// The same as expressions, one for each piece that is packed.
    public var questions: [Expression]
    /// What clusters are asked, as expressions; their parts know where in the query they stand.
    /// Values of external labels may be missing from them.
    public var wordings: [Expression]
    /// The times that it is asked for.
    public var grid: TimeGrid
    /// Whether the answer is windows of samples rather than values on the grid.
    public var wantsSamples: Bool
    /// Whether the gateway's own series are asked too, in the union's words.
    public var includesObservations: Bool
    /// One for each cluster that can have an answer, in inventory order. A cluster that no selector
    /// can match is not listed, and not missing either.
    public var requests: [Request]
    /// The clusters that are not asked, with the reason.
    public var pruned: [Pruned]

    /// Clusters that cannot have an answer.
    public struct Pruned: Hashable, Sendable {
        /// The conditions on external labels that they do not meet.
        public var matchers: [Matcher]
        public var clusters: [ClusterID]

        public init(matchers: [Matcher], clusters: [ClusterID]) {
            self.matchers = matchers
            self.clusters = clusters
        }
    }

    public struct Request: Hashable, Sendable {
        public var cluster: ClusterID
        /// The question in the cluster's own words: matchers on external labels are gone.
        public var query: String
        /// The place of the same among the fragment's wordings.
        public var wording: Int
        /// The external labels that each series of the answer gets.
        public var addedLabels: Labels
        /// External labels whose names the series may carry themselves: where their value is
        /// another one, it moves to `exported_…` before the external labels are added.
        public var renamedLabels: Labels

        // Of two requests that ask the same, it does not matter where the words are kept.
        public static func == (left: Request, right: Request) -> Bool {
            left.cluster == right.cluster && left.query == right.query
                && left.addedLabels == right.addedLabels
                && left.renamedLabels == right.renamedLabels
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(cluster)
            hasher.combine(query)
        }

        public init(
            cluster: ClusterID, query: String, wording: Int = 0, addedLabels: Labels,
            renamedLabels: Labels = Labels()
        ) {
            self.cluster = cluster
            self.query = query
            self.wording = wording
            self.addedLabels = addedLabels
            self.renamedLabels = renamedLabels
        }
    }

    public init(
        text: String, grid: TimeGrid, wantsSamples: Bool = false,
        includesObservations: Bool = false, questions: [Expression] = [],
        wordings: [Expression] = [], requests: [Request], pruned: [Pruned] = []
    ) {
        self.text = text
        self.questions = questions
        self.wordings = wordings
        self.grid = grid
        self.wantsSamples = wantsSamples
        self.includesObservations = includesObservations
        self.requests = requests
        self.pruned = pruned
    }

    // Fragments with equal texts and grids are asked the same; a thousand requests need not be
    // looked at to tell two apart.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(text)
        hasher.combine(grid)
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
    /// A vector: the clusters' answers side by side (their labels differ by cluster), and what the
    /// gateway's own series give.
    case fragment(Int)
    /// A vector: series that each cluster chose of its own, side by side; enough to choose from
    /// here. Where there is an `origin`, remarks on histograms make it planned again with all
    /// series.
    case candidates(fragment: Int, origin: String?)
    /// A vector: the clusters' partial answers, those with equal labels put together. `origin` is
    /// the text of the aggregation; where partial sums cancel out, the evaluation names it, and it
    /// is planned again without partial sums. `input` is where its series stand in the query.
    case merged(
        fragment: Int, MergeOperation, origin: String, input: SourceRange = SourceRange())
    /// A vector: an aggregation computed from several partial ones, which come packed in one
    /// fragment (`PackedPieces`).
    case composed(
        fragment: Int, Composition, origin: String, input: SourceRange = SourceRange())
    /// A vector: the `quantile` of each group, from how many of its series have which value.
    case quantile(QuantileNode)
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
    /// The same at all times: `node` is evaluated once, at a time of its own (milliseconds).
    case repeated(PlanNode, at: Int64)
    /// `info(v)`: series with labels of info series that match them.
    case info(InfoNode)
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
