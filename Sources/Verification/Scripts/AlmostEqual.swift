import TimeSeries

/// Equality as Prometheus's tests have it: within a millionth.
enum AlmostEqual {
    private static let tolerance = 1e-6

    static func floats(_ left: Double, _ right: Double) -> Bool {
        if Absent.isAbsent(left) || Absent.isAbsent(right) {
            return Absent.isAbsent(left) && Absent.isAbsent(right)
        }
        if left == right || (left.isNaN && right.isNaN) { return true }
        let sum = left.magnitude + right.magnitude
        let difference = (left - right).magnitude
        // Relative errors mean nothing beside zero.
        if left == 0 || right == 0 || sum < .leastNormalMagnitude {
            return difference < tolerance * .leastNormalMagnitude
        }
        return difference / min(sum, .greatestFiniteMagnitude) < tolerance
    }

    /// The first is what is expected: only what it says of a histogram's counter is compared, and
    /// in an instant query's answer `_` stands for 0.
    static func points(_ wanted: SequencePoint, _ found: SequencePoint) -> Bool {
        switch (wanted, found) {
        case (.float(let wanted), .float(let found)): floats(wanted, found)
        case (.omitted, .float(let found)): floats(0, found)
        case (.histogram(let wanted, let hasHint), .histogram(let found, _)):
            histograms(wanted, found, comparesHints: hasHint)
        default: false
        }
    }

    /// Layouts exactly, counts within a millionth; buckets that hold nothing do not count.
    static func histograms(
        _ wanted: NativeHistogram, _ found: NativeHistogram, comparesHints: Bool
    ) -> Bool {
        haveEqualData(wanted, found, floats)
            && (!comparesHints || wanted.resetHint == found.resetHint)
    }

    private static func haveEqualData(
        _ wanted: NativeHistogram, _ found: NativeHistogram,
        _ areEqual: (Double, Double) -> Bool
    ) -> Bool {
        let wanted = wanted.compacted()
        let found = found.compacted()
        return wanted.layout == found.layout && wanted.zeroThreshold == found.zeroThreshold
            && areEqual(wanted.count, found.count) && areEqual(wanted.sum, found.sum)
            && areEqual(wanted.zeroCount, found.zeroCount)
            && wanted.positive.indices == found.positive.indices
            && wanted.negative.indices == found.negative.indices
            && zip(wanted.positive.counts, found.positive.counts).allSatisfy(areEqual)
            && zip(wanted.negative.counts, found.negative.counts).allSatisfy(areEqual)
    }
}
