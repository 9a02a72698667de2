import PromQL

/// Where a call and its arguments stand in the query: what annotations point at. Parentheses around
/// an argument do not count, as they do not for Prometheus.
public struct CallSources: Hashable, Sendable {
    public var whole: SourceRange
    private var arguments: [SourceRange]

    public init(whole: SourceRange = SourceRange(), arguments: [SourceRange] = []) {
        self.whole = whole
        self.arguments = arguments
    }

    public init(of call: Call) {
        self.init(
            whole: call.source, arguments: call.arguments.map(\.unparenthesized.source))
    }

    /// Where an argument stands.
    public func argument(_ index: Int) -> SourceRange {
        index < arguments.count ? arguments[index] : whole
    }
}

/// Where an aggregation and its parts stand in the query.
public struct AggregationSources: Hashable, Sendable {
    public var whole: SourceRange
    public var input: SourceRange
    public var parameter: SourceRange

    public init(
        whole: SourceRange = SourceRange(), input: SourceRange = SourceRange(),
        parameter: SourceRange = SourceRange()
    ) {
        self.whole = whole
        self.input = input
        self.parameter = parameter
    }

    public init(of aggregation: Aggregation) {
        self.init(
            whole: aggregation.source, input: aggregation.expression.unparenthesized.source,
            parameter: aggregation.parameter?.unparenthesized.source ?? SourceRange())
    }
}

extension SourceRange {
    /// The bytes of the query, or nil where they are not known.
    public var bytes: Range<Int>? { lower < upper ? lower..<upper : nil }
}
