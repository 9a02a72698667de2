/// The places within an answer that the reader knows, and how they follow from each other.
enum Place: UInt8 {
    /// Before the answer.
    case start
    /// The outermost object.
    case root
    /// The `data` of a query's answer.
    case data
    /// The `result`: a list of series, or a time with its value.
    case result
    case series
    /// A series' `metric`, or a label set in a list.
    case metric
    case labelSet
    /// A list of samples: `values` or `histograms`.
    case samples
    /// `[time, "value"]`, or `[time, {histogram}]`.
    case sample
    case histogram
    case buckets
    /// `[boundaries, "lower", "upper", "count"]`.
    case bucket
    /// `data` where label sets or texts were asked for.
    case labelSets
    case texts
    case warnings
    case infos
    /// Something unknown; what it holds is skipped.
    case skippedObject
    case skippedList
    /// After the answer.
    case end

    var isObject: Bool {
        switch self {
        case .root, .data, .series, .metric, .labelSet, .histogram, .skippedObject: true
        default: false
        }
    }
}

/// What the reader may meet next in a place.
enum Phase: UInt8 {
    /// A key, or the end of an object that has none.
    case firstKey
    case key
    case colon
    /// A value, or the end of a list that has none.
    case firstValue
    case value
    /// A comma, or the end.
    case separator
}

/// The keys with a meaning.
enum Key: UInt8 {
    case other
    case status, data, errorType, error, warnings, infos
    case resultType, result
    case metric, value, values, histogram, histograms
    case count, sum, buckets

    /// The key as it is written, where it has a meaning in some place.
    init(_ text: Span<UInt8>) {
        for (name, key) in Key.named where name.utf8CodeUnitCount == text.count {
            if text.equals(name) {
                self = key
                return
            }
        }
        self = .other
    }

    private static let named: [(StaticString, Key)] = [
        ("metric", .metric), ("value", .value), ("values", .values),
        ("histogram", .histogram), ("histograms", .histograms),
        ("count", .count), ("sum", .sum), ("buckets", .buckets),
        ("status", .status), ("data", .data), ("errorType", .errorType), ("error", .error),
        ("warnings", .warnings), ("infos", .infos),
        ("resultType", .resultType), ("result", .result),
    ]
}

extension Span<UInt8> {
    func equals(_ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        return text.withUTF8Buffer { wanted in
            for index in indices where self[index] != wanted[index] { return false }
            return true
        }
    }
}
