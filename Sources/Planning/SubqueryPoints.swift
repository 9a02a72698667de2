import PromQL
import TimeSeries

extension Subquery {
    /// The points of a resolved subquery that is evaluated on a grid: the multiples of its step
    /// since the epoch that any window holds. Where no window holds one, the grid is a single point
    /// outside all windows, and `hasNoPoints` says so.
    public func points(on outer: TimeGrid) -> TimeGrid {
        let (start, end, step) = bounds(on: outer)
        let offset = time.offset?.literalMilliseconds ?? 0
        var limit = outer.limit
        if case .time(let at)? = time.at { limit = at }
        return TimeGrid(
            start: start, end: max(start, end), step: step, limit: max(end, limit - offset))
    }

    /// Whether no window holds any point.
    public func hasNoPoints(on outer: TimeGrid) -> Bool {
        let (start, end, _) = bounds(on: outer)
        return end < start
    }

    private func bounds(on outer: TimeGrid) -> (start: Int64, end: Int64, step: Int64) {
        guard let step else { preconditionFailure("a resolved subquery has a step") }
        let length = max(1, step.literalMilliseconds)
        let offset = time.offset?.literalMilliseconds ?? 0
        var first = outer.start
        var last = outer.end
        if case .time(let at)? = time.at {
            first = at
            last = at
        }
        let behind = first - offset - range.literalMilliseconds
        return (
            floorDivided(behind, length) * length + length,
            floorDivided(last - offset, length) * length, length
        )
    }

    private func floorDivided(_ value: Int64, _ divisor: Int64) -> Int64 {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }
}

extension Expression {
    /// What `absent` and `absent_over_time` can say about a series that is not there: the labels
    /// that a selector requires to be equal to something. A label with a further condition behind
    /// its first equality says nothing, as in Prometheus.
    public var labelsOfAbsence: Labels {
        let matchers: [Matcher]
        switch unparenthesized {
        case .selector(let selector): matchers = selector.matchers
        case .range(let range): matchers = range.selector.matchers
        default: return Labels()
        }
        var builder = LabelsBuilder()
        var isSet: Set<String> = []
        for matcher in matchers where matcher.name != Labels.metricNameLabel {
            let counts = matcher.operator == .equal && isSet.insert(matcher.name).inserted
            builder.set(matcher.name, counts ? matcher.value : "")
        }
        return builder.labels()
    }
}
