import TimeSeries

/// A window whose edges have values of their own: those of the samples just outside (`anchored`),
/// or of the straight lines to them (`smoothed`).
struct ExtendedWindow {
    /// The value at the window's start.
    let left: Double
    /// The value at the window's end.
    let right: Double
    /// The samples strictly inside.
    let innerTimes: [Int64]
    let inner: [Double]

    /// `times` and `values` are the samples of the window and of the lookback around it. Nil where
    /// no sample is behind the window's start. A counter that falls is taken to have begun anew at
    /// zero where a line is drawn.
    init?(
        times: [Int64], values: [Double], start: Int64, end: Int64, isSmoothed: Bool,
        isCounter: Bool
    ) {
        guard !times.isEmpty else { return nil }
        var last = times.count - 1
        // The last sample at or before the start, else the first one.
        var first = max(0, (times[..<last].firstIndex { $0 > start } ?? last) - 1)
        if isSmoothed { last = times[..<last].firstIndex { $0 >= end } ?? last }
        guard times[last] > start, !isSmoothed || times[first] <= end else { return nil }
        func sample(_ index: Int) -> (Int64, Double) { (times[index], values[index]) }
        left =
            isSmoothed && times[first] < start
            ? Self.interpolated(
                sample(first), sample(first + 1), at: start, isCounter: isCounter)
            : values[first]
        right =
            isSmoothed && last > 0 && times[last] > end
            ? Self.interpolated(sample(last - 1), sample(last), at: end, isCounter: isCounter)
            : values[last]
        if times[first] <= start { first += 1 }
        if times[last] >= end { last -= 1 }
        innerTimes = first <= last ? Array(times[first...last]) : []
        inner = first <= last ? Array(values[first...last]) : []
    }

    /// The value at a time between two samples.
    static func interpolated(
        _ before: (time: Int64, value: Double), _ after: (time: Int64, value: Double),
        at time: Int64, isCounter: Bool = false
    ) -> Double {
        let from = isCounter && after.value < before.value ? 0 : before.value
        return from + (after.value - from) * Double(time - before.time)
            / Double(after.time - before.time)
    }

    // MARK: Functions

    /// The difference of the edges; for counters with what was lost by resets.
    func difference(isCounter: Bool) -> Double {
        guard isCounter else { return right - left }
        var result = right - left
        var previous = left
        for value in inner + [right] {
            if value < previous { result += previous }
            previous = value
        }
        return result
    }

    /// Values from edge to edge.
    var all: [Double] { [left] + inner + [right] }
}
