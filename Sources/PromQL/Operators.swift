/// What is to be known of one aggregation.
public struct AggregationFacts: Sendable {
    /// The type of the first argument where the operator has two.
    public var parameterType: ValueType?
    /// The release that brought it; nil for what every supported server has.
    public var since: PrometheusVersion?
    /// Behind `query: {experimental_functions: true}`.
    public var isExperimental = false
    /// What it gives for each group, in one line.
    public var meaning: String

    fileprivate init(
        _ meaning: String, parameter: ValueType? = nil, experimentalSince: (Int, Int)? = nil
    ) {
        self.meaning = meaning
        parameterType = parameter
        since = experimentalSince.map { PrometheusVersion($0.0, $0.1) }
        isExperimental = experimentalSince != nil
    }
}

extension AggregationOperator {
    /// The rows of the table.
    public var facts: AggregationFacts {
        switch self {
        case .sum: .init("Sum of the values")
        case .avg: .init("Mean of the values")
        case .count: .init("Number of series")
        case .min: .init("Smallest value")
        case .max: .init("Largest value")
        case .group: .init("1, whatever the values")
        case .stddev: .init("Standard deviation of the values")
        case .stdvar: .init("Variance of the values")
        case .topk: .init("The series of the so many largest values", parameter: .scalar)
        case .bottomk: .init("The series of the so many smallest values", parameter: .scalar)
        case .quantile: .init("Quantile of the values, interpolated", parameter: .scalar)
        case .countValues:
            .init("Number of series of each value, which becomes a label", parameter: .string)
        case .limitk:
            .init("So many of the series", parameter: .scalar, experimentalSince: (2, 54))
        case .limitRatio:
            .init(
                "A share of the series, by the hash of their labels", parameter: .scalar,
                experimentalSince: (2, 54))
        }
    }

    /// The type of the first argument where the operator has two.
    public var parameterType: ValueType? { facts.parameterType }

    /// Whether it has two arguments.
    public var takesParameter: Bool { parameterType != nil }

    public var isExperimental: Bool { facts.isExperimental }

    /// The release that brought it; nil for what every supported server has.
    public var since: PrometheusVersion? { facts.since }
}

/// What is to be known of one binary operator.
public struct BinaryOperatorFacts: Sendable {
    public enum Kind: String, Hashable, Sendable {
        /// Computes a number from two.
        case arithmetic
        /// Keeps what compares, or gives 1 and 0 with `bool`.
        case comparison
        /// Keeps series by whether the other side has them.
        case set
        /// Cuts the observations of histograms at a value.
        case trimming
    }

    /// How strongly it binds; higher is stronger.
    public var precedence: Int
    public var kind: Kind
    /// The release that brought it; nil for what every supported server has.
    public var since: PrometheusVersion?
    /// What it gives, in one line.
    public var meaning: String

    fileprivate init(
        _ precedence: Int, _ kind: Kind, since: (Int, Int)? = nil, _ meaning: String
    ) {
        self.precedence = precedence
        self.kind = kind
        self.since = since.map { PrometheusVersion($0.0, $0.1) }
        self.meaning = meaning
    }
}

extension BinaryOperator {
    /// The rows of the table.
    public var facts: BinaryOperatorFacts {
        switch self {
        case .or: .init(1, .set, "All of the left, and of the right what the left has not")
        case .and: .init(2, .set, "What of the left the right has too")
        case .unless: .init(2, .set, "What of the left the right has not")
        case .equal: .init(3, .comparison, "Equal")
        case .notEqual: .init(3, .comparison, "Not equal")
        case .greater: .init(3, .comparison, "Greater")
        case .less: .init(3, .comparison, "Less")
        case .greaterOrEqual: .init(3, .comparison, "Greater or equal")
        case .lessOrEqual: .init(3, .comparison, "Less or equal")
        case .trimUpper:
            .init(3, .trimming, since: (3, 9), "Histograms without the observations above a value")
        case .trimLower:
            .init(3, .trimming, since: (3, 9), "Histograms without the observations below a value")
        case .add: .init(4, .arithmetic, "Sum")
        case .subtract: .init(4, .arithmetic, "Difference")
        case .multiply: .init(5, .arithmetic, "Product")
        case .divide: .init(5, .arithmetic, "Quotient")
        case .modulo: .init(5, .arithmetic, "Remainder, with the sign of the left")
        case .atan2: .init(5, .arithmetic, since: (2, 31), "Angle of the point (right, left)")
        case .power: .init(6, .arithmetic, "Power; binds to the right")
        }
    }

    /// How strongly it binds; higher is stronger.
    public var precedence: Int { facts.precedence }

    public var isRightAssociative: Bool { self == .power }

    public var isComparison: Bool { facts.kind == .comparison }

    public var isSet: Bool { facts.kind == .set }

    /// Whether it computes a number from two: everything but comparisons, sets and the trimming of
    /// histograms.
    public var isArithmetic: Bool { facts.kind == .arithmetic }
}
