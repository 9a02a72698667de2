/// The times at which a query is evaluated: `start`, `start + step`, … An instant query has one.
public struct TimeGrid: Hashable, Sendable {
    /// The first time, milliseconds since the Unix epoch.
    public let start: Int64
    /// The distance of neighbours, milliseconds, above zero (1 where there is a single time).
    public let step: Int64
    /// The number of times, above zero.
    public let count: Int
    /// The end that was asked for: the last time, or after it by less than a step. Grids of the same
    /// times are equal whatever it is.
    public let limit: Int64

    /// The grid from `start` in steps of `step` while not past `end`. A grid always has its start.
    /// `limit` is the end that was asked for where it is another one.
    public init(start: Int64, end: Int64, step: Int64, limit: Int64? = nil) {
        precondition(step > 0, "a grid moves forward")
        self.start = start
        self.step = step
        count = end < start ? 1 : Int((end - start) / step) + 1
        self.limit = max(start, limit ?? end)
    }

    /// The single time of an instant query.
    public init(instant: Int64) {
        start = instant
        step = 1
        count = 1
        limit = instant
    }

    public static func == (left: TimeGrid, right: TimeGrid) -> Bool {
        left.start == right.start && left.step == right.step && left.count == right.count
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(start)
        hasher.combine(step)
        hasher.combine(count)
    }

    /// The last time on the grid.
    public var end: Int64 { start + step * Int64(count - 1) }

    public func time(at index: Int) -> Int64 { start + step * Int64(index) }

    /// The place of a time on the grid, or nil where the grid does not hold it.
    public func index(of time: Int64) -> Int? {
        let distance = time - start
        guard distance >= 0, distance % step == 0 else { return nil }
        let index = Int(distance / step)
        return index < count ? index : nil
    }
}
