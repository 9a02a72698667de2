import TimeSeries

/// What an expression gives.
public enum ValueType: String, Hashable, Sendable {
    /// One number at each time.
    case scalar
    /// A set of series with at most one value each at each time; Prometheus says "instant vector".
    case vector
    /// A set of series with a window of samples each; Prometheus says "range vector".
    case matrix
    case string
}

/// A Prometheus release, by which a server's abilities are known.
public struct PrometheusVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    public var major: Int
    public var minor: Int
    public var patch: Int

    public init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    public static func < (left: PrometheusVersion, right: PrometheusVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }

    /// `3.14`, or `3.14.1` where there is a patch.
    public var description: String { "\(major).\(minor)" + (patch == 0 ? "" : ".\(patch)") }
}

/// One row of the function table.
public struct Function: Hashable, Sendable {
    public let name: String
    /// The types of the arguments; the last stands for all further ones where `optional` allows.
    public let arguments: [ValueType]
    /// How many arguments may be left out (positive), or −1 where the last may be repeated.
    public let variadic: Int
    public let returns: ValueType
    /// What the planner and the evaluator need to know of it.
    public let kind: FunctionKind
    /// The release that brought it; nil for what every supported server has.
    public let since: PrometheusVersion?
    /// Behind `query: {experimental_functions: true}`.
    public let isExperimental: Bool
    /// What it gives, in one line.
    public let meaning: String

    public init(
        _ name: String, _ arguments: [ValueType], variadic: Int = 0, returns: ValueType,
        kind: FunctionKind, since: PrometheusVersion? = nil, isExperimental: Bool = false,
        meaning: String
    ) {
        self.name = name
        self.arguments = arguments
        self.variadic = variadic
        self.returns = returns
        self.kind = kind
        self.since = since
        self.isExperimental = isExperimental
        self.meaning = meaning
    }

    // A name stands for its row: trees that hold functions are compared and hashed often.
    public static func == (left: Function, right: Function) -> Bool { left.name == right.name }
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// How a function relates to clusters and time; `distribution.md` C2 and C4 give the theory.
public enum FunctionKind: Hashable, Sendable, CaseIterable {
    /// Over a window of one series' samples: `rate`, `max_over_time`, `predict_linear`.
    case overRange
    /// Over a vector, element by element, further arguments scalars: `abs`, `clamp`, `round`,
    /// `histogram_count`.
    case elementwise
    /// Like `elementwise`, but without argument it is about the evaluation time: `hour`, `minute`.
    case calendar
    /// Buckets of one group together: `histogram_quantile`, `histogram_fraction` (and
    /// `histogram_quantiles`).
    case buckets
    /// Needs the sample's own time: `timestamp`, `start_timestamp`.
    case sampleTime
    /// `label_replace`, `label_join`.
    case labels
    /// `absent`.
    case absent
    /// `absent_over_time`.
    case absentOverTime
    /// `sort`, `sort_desc`, `sort_by_label`, `sort_by_label_desc`.
    case sort
    /// `scalar`.
    case scalar
    /// `vector`.
    case vector
    /// `time`, `pi`: the same number whatever the data.
    case constant
    /// `start`, `end`, `step`, `range`: facts of the query; literals once the query is known.
    case query
    /// `min_of`, `max_of`: scalars to a scalar.
    case scalarArithmetic
    /// `info`.
    case info

    /// Where it is computed, in a few words.
    public var place: String {
        switch self {
        case .overRange: "in the clusters"
        case .elementwise, .calendar, .sampleTime: "where its argument is"
        case .buckets: "where its groups are whole"
        case .labels: "where its argument is, external labels at the gateway"
        case .absent, .absentOverTime: "at the gateway, from presence in the clusters"
        case .sort, .scalar, .info: "at the gateway, unless one cluster holds all"
        case .vector, .constant, .query, .scalarArithmetic: "anywhere: it needs no data"
        }
    }
}

/// One row of the aggregation table; the raw value is the name in the language.
public enum AggregationOperator: String, Hashable, Sendable, CaseIterable {
    case sum, avg, count, min, max, group, stddev, stdvar, topk, bottomk, quantile
    case countValues = "count_values"
    case limitk
    case limitRatio = "limit_ratio"
}

/// One row of the operator table; the raw value is the text in the language.
public enum BinaryOperator: String, Hashable, Sendable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case modulo = "%"
    case power = "^"
    case atan2
    case equal = "=="
    case notEqual = "!="
    case greater = ">"
    case less = "<"
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case and, or, unless
    /// `</` and `>/`, trimming of histograms to below or above a value (Prometheus 3.9).
    case trimUpper = "</"
    case trimLower = ">/"
}

extension Function {
    /// `round(vector, [scalar])`: brackets around what may be left out, dots behind what may be
    /// repeated.
    public var signature: String {
        var words = arguments.map(\.rawValue)
        if variadic > 0, let last = words.popLast() {
            words.append(variadic == 1 ? "[\(last)]" : "[\(last)]…")
        } else if variadic < 0, let last = words.popLast() {
            words.append("[\(last)]…")
        }
        return "\(name)(\(words.joined(separator: ", "))) \(returns.rawValue)"
    }
}

extension AggregationOperator {
    /// `topk(scalar, vector)`.
    public var signature: String {
        let words = [parameterType?.rawValue, ValueType.vector.rawValue].compactMap { $0 }
        return "\(rawValue)(\(words.joined(separator: ", ")))"
    }
}
