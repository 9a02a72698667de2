/// Which samples of a series a window holds, as it moves forward (or stays).
struct SlidingWindow {
    private(set) var range = 0..<0

    /// The window is open where the range begins and holds where it ends.
    mutating func move(to window: Range<Int64>, over times: [Int64]) {
        var lower = range.lowerBound
        while lower < times.count, times[lower] <= window.lowerBound { lower += 1 }
        var upper = max(lower, range.upperBound)
        while upper < times.count, times[upper] <= window.upperBound { upper += 1 }
        range = lower..<upper
    }
}
