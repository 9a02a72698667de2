import TimeSeries

// Windows whose edges have values of their own: those of the histograms just outside (`anchored`),
// or of the straight lines to them (`smoothed`).
extension HistogramWindow {
    /// The difference of the edges, for counters with what was lost by resets. The histograms are
    /// those of the window and of the lookback around it.
    mutating func extendedDifference(
        isCounter: Bool, isSmoothed: Bool, _ window: WindowFacts
    ) -> NativeHistogram? {
        let edges = Edges(times, window, isSmoothed: isSmoothed)
        guard let edges, haveOneLayout(edges.first...edges.last, isCounter: isCounter) else {
            return nil
        }
        do {
            let left = try edge(
                edges.first, edges.interpolatesLeft, at: window.start, isCounter: isCounter)
            let right = try edge(
                edges.interpolatesRight ? edges.last - 1 : edges.last, edges.interpolatesRight,
                at: window.end, isCounter: isCounter)
            if !isCounter, left.resetHint != .gauge || right.resetHint != .gauge {
                remark(.noGauge)
            }
            var result = try subtract(left, from: right)
            if isCounter, let lost = try lost(from: left, to: right, edges) {
                result = try add(lost, to: result)
            }
            return result.withHint(.gauge).compacted()
        } catch {
            remark(.mixedSchemas)
            return nil
        }
    }

    /// What lies between the only two histograms; nil where their layouts do not go together.
    func between(at time: Int64) -> NativeHistogram? {
        var window = self
        return try? window.edge(histograms.startIndex, true, at: time, isCounter: false)
    }

    /// Which histograms the edges of a window are made of.
    private struct Edges {
        /// The last one at or before the start, else the first.
        let first: Int
        let last: Int
        /// Whether the value at the start is between `first` and the next one.
        let interpolatesLeft: Bool
        /// Whether the value at the end is between the one before `last` and `last`.
        let interpolatesRight: Bool

        /// Nil where there is nothing behind the window's start.
        init?(_ times: ArraySlice<Int64>, _ window: WindowFacts, isSmoothed: Bool) {
            guard !times.isEmpty else { return nil }
            var last = times.endIndex - 1
            let behind = times[..<last].firstIndex { $0 > window.start } ?? last
            first = max(times.startIndex, behind - 1)
            if isSmoothed { last = times[..<last].firstIndex { $0 >= window.end } ?? last }
            self.last = last
            guard times[last] > window.start, !isSmoothed || times[first] <= window.end else {
                return nil
            }
            interpolatesLeft = isSmoothed && times[first] < window.start
            interpolatesRight =
                isSmoothed && last > times.startIndex && times[last] > window.end
        }
    }

    private mutating func haveOneLayout(_ range: ClosedRange<Int>, isCounter: Bool) -> Bool {
        for index in range {
            guard histograms[range.lowerBound].hasSameKindOfLayout(as: histograms[index]) else {
                remark(.mixedSchemas)
                return false
            }
            if isCounter, histograms[index].resetHint == .gauge { remark(.noCounter) }
        }
        return true
    }

    /// A histogram, or what lies between it and the next one.
    private mutating func edge(
        _ index: Int, _ isInterpolated: Bool, at time: Int64, isCounter: Bool
    ) throws(IncompatibleHistograms) -> NativeHistogram {
        let before = histograms[index]
        guard isInterpolated, times[index] != time else { return before }
        let after = histograms[index + 1]
        if times[index + 1] == time { return after }
        let share = Double(time - times[index]) / Double(times[index + 1] - times[index])
        // A counter that began anew is taken to have risen from zero.
        if isCounter, after.isReset(after: before) { return after.multiplied(by: share) }
        return try add(before, to: try subtract(before, from: after).multiplied(by: share))
    }

    /// What a counter had reached each time before it began anew; nil where it never did.
    private mutating func lost(
        from left: NativeHistogram, to right: NativeHistogram, _ edges: Edges
    ) throws(IncompatibleHistograms) -> NativeHistogram? {
        var first = edges.first + 1
        var previous = left
        if edges.interpolatesLeft, histograms[first].isReset(after: histograms[edges.first]) {
            // The line to the start has taken this reset into account.
            previous = histograms[first]
            first += 1
        }
        guard first <= edges.last else { return nil }
        var result: NativeHistogram?
        for histogram in Array(histograms[first..<edges.last]) + [right] {
            if histogram.isReset(after: previous) {
                if let sum = result {
                    result = try add(previous, to: sum)
                } else {
                    result = previous
                }
            }
            previous = histogram
        }
        return result
    }
}
