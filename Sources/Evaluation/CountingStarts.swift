/// When the counting of neighbouring samples began, as far as that is known; milliseconds, 0 where it
/// is not.
struct CountingStarts {
    private let times: ArraySlice<Int64>
    private let starts: ArraySlice<Int64>

    /// The samples' times, and their starts; none where nothing is known.
    init(_ times: ArraySlice<Int64>, _ starts: ArraySlice<Int64>) {
        self.times = times
        self.starts = starts
    }

    /// Whether the counting of a sample began after that of the one before it, which it then does
    /// not continue.
    func isAnew(_ index: Int) -> Bool {
        guard starts.indices.contains(index), starts.indices.contains(index - 1) else {
            return false
        }
        return Self.isAnew(
            start: starts[index], time: times[index],
            after: (start: starts[index - 1], time: times[index - 1]))
    }

    static func isAnew(
        start: Int64, time: Int64, after previous: (start: Int64, time: Int64)
    ) -> Bool {
        // A start that is no time before the sample says nothing.
        guard start != 0, start < time, start >= previous.time else { return false }
        if start > previous.time { return true }
        // A start at the sample before is that of a difference to it, if that sample has a start of
        // its own; else it means that the start is not known.
        return previous.start != 0 && previous.start < previous.time
    }

    /// When the counting of the first sample began, if that is inside the window and before it:
    /// there the counter was zero.
    func begin(in window: WindowFacts) -> Int64? {
        guard let start = starts.first, let time = times.first, start != 0,
            start > window.start, start < time
        else { return nil }
        return start
    }
}
