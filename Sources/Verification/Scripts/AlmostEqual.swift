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

    static func histograms(
        _ wanted: NativeHistogram, _ found: NativeHistogram, comparesHints: Bool
    ) -> Bool {
        if comparesHints, wanted.resetHint != found.resetHint { return false }
        return areEqual(wanted, found, floats)
    }

    static func histograms(
        _ wanted: NativeHistogram, _ found: NativeHistogram, within tolerance: Double
    ) -> Bool {
        areEqual(wanted, found) { left, right in
            left == right || (left.isNaN && right.isNaN)
                || (left - right).magnitude <= tolerance * max(left.magnitude, right.magnitude)
        }
    }

    /// Whether the buckets are the same and hold about the same.
    private static func areEqual(
        _ wanted: NativeHistogram, _ found: NativeHistogram, _ isEqual: (Double, Double) -> Bool
    ) -> Bool {
        let wanted = wanted.compacted()
        let found = found.compacted()
        return wanted.schema == found.schema
            && areEqual(wanted.bounds, found.bounds, isEqual)
            && isEqual(wanted.count, found.count) && isEqual(wanted.sum, found.sum)
            && isEqual(wanted.zeroThreshold, found.zeroThreshold)
            && isEqual(wanted.zeroCount, found.zeroCount)
            && wanted.positive.indices == found.positive.indices
            && wanted.negative.indices == found.negative.indices
            && areEqual(wanted.positive.counts, found.positive.counts, isEqual)
            && areEqual(wanted.negative.counts, found.negative.counts, isEqual)
    }

    private static func areEqual(
        _ wanted: [Double], _ found: [Double], _ isEqual: (Double, Double) -> Bool
    ) -> Bool {
        wanted.count == found.count && zip(wanted, found).allSatisfy(isEqual)
    }
}

extension NativeHistogram {
    /// Custom bounds, if there are any.
    fileprivate var bounds: [Double] {
        if case .custom(let bounds) = layout { bounds } else { [] }
    }
}
