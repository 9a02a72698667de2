// Histograms as the scripts of Prometheus's tests write them:
// `{{schema:1 count:3.1 sum:-0.3 z_bucket:2 z_bucket_w:0.05 offset:-3 buckets:[1 0 2]}}`.

/// Why a text is no histogram.
public enum HistogramTextFailure: Error, Hashable, Sendable {
    /// This should have come next.
    case expected(String)
    case unknownKey(String)
    case repeatedKey(String)
    /// The text under a key is not what belongs there.
    case badValue(key: String, text: String)
    /// Keys that do not go with the schema, or buckets beyond the custom bounds.
    case badLayout
    /// A sum of exponential and custom buckets, or one that would make buckets coarser.
    case incompatible
}

extension NativeHistogram {
    /// Reads a histogram, which has to be all of the text.
    public init(text: Substring) throws(HistogramTextFailure) {
        var reader = HistogramTextReader(text)
        self = try reader.readHistogram()
        guard reader.rest.isEmpty else { throw .expected("nothing more") }
    }

    /// How often a histogram may be repeated, at most.
    public static let maximumRepetitions = 1_000_000

    /// Reads one item of a series' description from the begin of a text and takes it away: one
    /// histogram, one many times (`{{…}}x3`), or one and each time another more or less
    /// (`{{…}}+{{…}}x3`). The number is that of repetitions, so there is one histogram more.
    public static func readSeriesItem(
        from text: inout Substring
    ) throws(HistogramTextFailure) -> [NativeHistogram] {
        var reader = HistogramTextReader(text)
        let first = try reader.readHistogram()
        var step: NativeHistogram?
        var isAdded = true
        if reader.take("+{{") {
            step = try reader.readHistogram(isOpened: true)
        } else if reader.take("-{{") {
            isAdded = false
            step = try reader.readHistogram(isOpened: true)
        }
        var result = [first]
        if reader.take("x") {
            let count = try reader.readRepetitions()
            result.reserveCapacity(count + 1)
            for _ in 0..<count {
                try result.append(first.next(after: result[result.count - 1], step, isAdded))
            }
        } else if step != nil {
            throw .expected("x")
        }
        text = reader.rest
        return result
    }

    private func next(
        after last: NativeHistogram, _ step: NativeHistogram?, _ isAdded: Bool
    ) throws(HistogramTextFailure) -> NativeHistogram {
        guard let step else { return self }
        guard last.schema <= step.schema else { throw .incompatible }
        do {
            return try isAdded
                ? last.adding(step).histogram : last.subtracting(step).histogram
        } catch { throw .incompatible }
    }
}

extension NativeHistogram: CustomStringConvertible {
    /// The text of a script, without what has its default.
    public var description: String {
        var parts: [String] = []
        func add(_ key: String, _ value: Double) {
            if value != 0 { parts.append("\(key):\(NumberText.general(value))") }
        }
        if schema != 0 { parts.append("schema:\(schema)") }
        add("count", count)
        add("sum", sum)
        add("z_bucket", zeroCount)
        add("z_bucket_w", zeroThreshold)
        if case .custom(let bounds) = layout {
            parts.append("custom_values:\(Self.list(bounds))")
        }
        switch resetHint {
        case .unknown: break
        case .reset: parts.append("counter_reset_hint:reset")
        case .notReset: parts.append("counter_reset_hint:not_reset")
        case .gauge: parts.append("counter_reset_hint:gauge")
        }
        for (buckets, name, offset) in [
            (positive.compacted(), "buckets", "offset"),
            (negative.compacted(), "n_buckets", "n_offset"),
        ] {
            guard let first = buckets.indices.first else { continue }
            if first != 0 { parts.append("\(offset):\(first)") }
            parts.append("\(name):\(Self.list(buckets.filled))")
        }
        return "{{\(parts.joined(separator: " "))}}"
    }

    private static func list(_ numbers: [Double]) -> String {
        "[\(numbers.map(NumberText.general).joined(separator: " "))]"
    }

    /// The text that `count_values` makes of a histogram: `{count:3, sum:1.5, (0.5,1]:3}`.
    public var intervalText: String {
        var parts = ["count:\(NumberText.general(count))", "sum:\(NumberText.general(sum))"]
        var buckets = negative.indices.indices.reversed().map(negativeBucket)
        buckets.append(zeroBucket)
        buckets += positive.indices.indices.map(positiveBucket)
        for bucket in buckets where bucket.count != 0 {
            let opening = bucket.boundaries.isClosedLeft ? "[" : "("
            let closing = bucket.boundaries.isClosedRight ? "]" : ")"
            let bounds = [bucket.lower, bucket.upper].map(NumberText.general)
            parts.append(
                opening + bounds.joined(separator: ",") + closing
                    + ":\(NumberText.general(bucket.count))")
        }
        return "{\(parts.joined(separator: ", "))}"
    }
}

extension NativeHistogram.Boundaries {
    var isClosedLeft: Bool { self == .openRight || self == .closedBoth }
    var isClosedRight: Bool { self == .openLeft || self == .closedBoth }
}

extension HistogramBuckets {
    /// The counts from the first bucket to the last, zeros between.
    fileprivate var filled: [Double] {
        guard let first = indices.first, let last = indices.last else { return [] }
        var result = [Double](repeating: 0, count: last - first + 1)
        for (index, count) in zip(indices, counts) { result[index - first] = count }
        return result
    }
}
