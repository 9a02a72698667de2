import Clusters
import PromQL
import TimeSeries

/// An aggregation that is computed from several partial ones.
public enum Composition: String, Hashable, Sendable {
    /// Sums over counts.
    case avg
    /// Variances put together by Chan's rule.
    case stdvar
    /// The square root of `stdvar`.
    case stddev

    /// What each cluster is asked, in the order of the pieces.
    public var pieces: [AggregationOperator] {
        switch self {
        case .avg: [.sum, .count]
        case .stdvar, .stddev: [.stdvar, .avg, .count]
        }
    }
}

/// Several expressions in one request, so that they are computed from the same samples: the series
/// of each carry its number in a label.
public enum PackedPieces {
    public static let label = "__piece__"
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

public struct QuantileNode: Hashable, Sendable {
    /// The label that holds the value.
    public static let label = "__value__"

    /// Answers `count_values by … ("__value__", x)`.
    public var fragment: Int
    /// The quantile wanted, a scalar.
    public var parameter: PlanNode

    public var sources: AggregationSources

    public init(
        fragment: Int, parameter: PlanNode, sources: AggregationSources = AggregationSources()
    ) {
        self.fragment = fragment
        self.parameter = parameter
        self.sources = sources
    }
}

public struct InfoNode: Hashable, Sendable {
    /// The vector whose series get labels.
    public var input: PlanNode
    /// The info series.
    public var information: PlanNode
    /// The name of the info series where they come without it.
    public var name: String?
    /// Whether their values are the times of their samples, seconds: of several that match, the
    /// newest counts.
    public var hasTimes: Bool
    /// A fragment with the samples themselves, where only they tell the times.
    public var samples: Int?
    /// The text of the call: where the times are needed and not known, the evaluation names it, and
    /// it is planned again with the samples.
    public var origin: String
    /// The conditions that chose the info series, that on the name among them. Where others are
    /// there, only labels that they name are taken over.
    public var matchers: [Matcher]
    /// Which of their samples count, where these are not just the newest at each time.
    public var reach: InfoReach?

    /// The labels by which series and info series belong together.
    public static let identifyingLabels = ["instance", "job"]
    /// The info series where no condition is on the name.
    public static let defaultName = "target_info"

    public init(
        input: PlanNode, information: PlanNode, name: String? = nil, hasTimes: Bool = true,
        samples: Int? = nil, origin: String = "", matchers: [Matcher], reach: InfoReach? = nil
    ) {
        self.input = input
        self.information = information
        self.name = name
        self.hasTimes = hasTimes
        self.samples = samples
        self.origin = origin
        self.matchers = matchers
        self.reach = reach
    }
}

/// Which samples of info series count where the first selector of an `info()` has `offset` or `@`:
/// the series are looked at when the query is, but only what lies around the selector's own times is
/// there to be seen (`infoSelectHints` in Prometheus's `promql/info.go`). Milliseconds.
public struct InfoReach: Hashable, Sendable {
    /// Where the selector looks first: a sample that is as old by then as servers look back does not
    /// count.
    public var first: Int64
    /// Where it looks last: samples after it do not count.
    public var last: Int64
    /// The info series as they are at `last`, which are those of all times after it; nil where
    /// `InfoNode.information` is about these.
    public var latest: PlanNode?
    /// How far back servers look.
    public var lookback: Int64
    /// The same of clusters whose servers look elsewhere, by the cluster's name.
    public var lookbacks: [String: Int64]

    public init(
        first: Int64, last: Int64, latest: PlanNode? = nil, lookback: Int64,
        lookbacks: [String: Int64] = [:]
    ) {
        self.first = first
        self.last = last
        self.latest = latest
        self.lookback = lookback
        self.lookbacks = lookbacks
    }

    /// How far back the server looks that has a series, by its labels.
    public func lookback(of labels: Labels) -> Int64 {
        if lookbacks.isEmpty { return lookback }
        return labels[Cluster.label].flatMap { lookbacks[$0] } ?? lookback
    }
}
