import PromQL

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
