extension Function {
    /// The function called `name`, or nil.
    public static func named(_ name: String) -> Function? { byName[name] }

    private static let byName: [String: Function] = {
        var result: [String: Function] = [:]
        for function in all { result[function.name] = function }
        return result
    }()

    private static func version(_ major: Int, _ minor: Int) -> PrometheusVersion {
        PrometheusVersion(major, minor)
    }

    /// Every function of Prometheus 3.14, one row each, ordered by name.
    public static let all: [Function] = [
        Function("abs", [.vector], returns: .vector, kind: .elementwise),
        Function("absent", [.vector], returns: .vector, kind: .absent),
        Function("absent_over_time", [.matrix], returns: .vector, kind: .absentOverTime),
        Function("acos", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("acosh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("asin", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("asinh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("atan", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("atanh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("avg_over_time", [.matrix], returns: .vector, kind: .overRange),
        Function("ceil", [.vector], returns: .vector, kind: .elementwise),
        Function("changes", [.matrix], returns: .vector, kind: .overRange),
        Function(
            "clamp", [.vector, .scalar, .scalar], returns: .vector, kind: .elementwise,
            since: version(2, 26)),
        Function("clamp_max", [.vector, .scalar], returns: .vector, kind: .elementwise),
        Function("clamp_min", [.vector, .scalar], returns: .vector, kind: .elementwise),
        Function("cos", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("cosh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("count_over_time", [.matrix], returns: .vector, kind: .overRange),
        Function("day_of_month", [.vector], variadic: 1, returns: .vector, kind: .calendar),
        Function("day_of_week", [.vector], variadic: 1, returns: .vector, kind: .calendar),
        Function(
            "day_of_year", [.vector], variadic: 1, returns: .vector, kind: .calendar,
            since: version(2, 37)),
        Function("days_in_month", [.vector], variadic: 1, returns: .vector, kind: .calendar),
        Function("deg", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("delta", [.matrix], returns: .vector, kind: .overRange),
        Function("deriv", [.matrix], returns: .vector, kind: .overRange),
        Function(
            "double_exponential_smoothing", [.matrix, .scalar, .scalar], returns: .vector,
            kind: .overRange, since: version(3, 0), isExperimental: true),
        Function(
            "end", [], returns: .scalar, kind: .query, since: version(3, 12),
            isExperimental: true),
        Function("exp", [.vector], returns: .vector, kind: .elementwise),
        Function(
            "first_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(3, 7), isExperimental: true),
        Function("floor", [.vector], returns: .vector, kind: .elementwise),
        Function(
            "histogram_avg", [.vector], returns: .vector, kind: .elementwise,
            since: version(2, 48)),
        Function(
            "histogram_count", [.vector], returns: .vector, kind: .elementwise,
            since: version(2, 40)),
        Function(
            "histogram_fraction", [.scalar, .scalar, .vector], returns: .vector, kind: .buckets,
            since: version(2, 40)),
        Function(
            "histogram_quantile", [.scalar, .vector], returns: .vector, kind: .buckets),
        Function(
            "histogram_quantiles", [.vector, .string, .scalar, .scalar], variadic: 9,
            returns: .vector, kind: .buckets, since: version(3, 11), isExperimental: true),
        Function(
            "histogram_stddev", [.vector], returns: .vector, kind: .elementwise,
            since: version(2, 47)),
        Function(
            "histogram_stdvar", [.vector], returns: .vector, kind: .elementwise,
            since: version(2, 47)),
        Function(
            "histogram_sum", [.vector], returns: .vector, kind: .elementwise,
            since: version(2, 40)),
        Function("hour", [.vector], variadic: 1, returns: .vector, kind: .calendar),
        Function("idelta", [.matrix], returns: .vector, kind: .overRange),
        Function("increase", [.matrix], returns: .vector, kind: .overRange),
        Function(
            "info", [.vector, .vector], variadic: 1, returns: .vector, kind: .info,
            since: version(3, 0), isExperimental: true),
        Function("irate", [.matrix], returns: .vector, kind: .overRange),
        Function(
            "label_join", [.vector, .string, .string, .string], variadic: -1, returns: .vector,
            kind: .labels),
        Function(
            "label_replace", [.vector, .string, .string, .string, .string], returns: .vector,
            kind: .labels),
        Function("last_over_time", [.matrix], returns: .vector, kind: .overRange),
        Function("ln", [.vector], returns: .vector, kind: .elementwise),
        Function("log10", [.vector], returns: .vector, kind: .elementwise),
        Function("log2", [.vector], returns: .vector, kind: .elementwise),
        Function(
            "mad_over_time", [.matrix], returns: .vector, kind: .overRange, since: version(2, 49),
            isExperimental: true),
        Function(
            "max_of", [.scalar, .scalar], returns: .scalar, kind: .scalarArithmetic,
            since: version(3, 13), isExperimental: true),
        Function("max_over_time", [.matrix], returns: .vector, kind: .overRange),
        Function(
            "min_of", [.scalar, .scalar], returns: .scalar, kind: .scalarArithmetic,
            since: version(3, 13), isExperimental: true),
        Function("min_over_time", [.matrix], returns: .vector, kind: .overRange),
        Function("minute", [.vector], variadic: 1, returns: .vector, kind: .calendar),
        Function("month", [.vector], variadic: 1, returns: .vector, kind: .calendar),
        Function("pi", [], returns: .scalar, kind: .constant, since: version(2, 31)),
        Function("predict_linear", [.matrix, .scalar], returns: .vector, kind: .overRange),
        Function(
            "present_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(2, 29)),
        Function("quantile_over_time", [.scalar, .matrix], returns: .vector, kind: .overRange),
        Function("rad", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function(
            "range", [], returns: .scalar, kind: .query, since: version(3, 12),
            isExperimental: true),
        Function("rate", [.matrix], returns: .vector, kind: .overRange),
        Function("resets", [.matrix], returns: .vector, kind: .overRange),
        Function(
            "round", [.vector, .scalar], variadic: 1, returns: .vector, kind: .elementwise),
        Function("scalar", [.vector], returns: .scalar, kind: .scalar),
        Function("sgn", [.vector], returns: .vector, kind: .elementwise, since: version(2, 26)),
        Function("sin", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("sinh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("sort", [.vector], returns: .vector, kind: .sort),
        Function(
            "sort_by_label", [.vector, .string], variadic: -1, returns: .vector, kind: .sort,
            since: version(2, 49), isExperimental: true),
        Function(
            "sort_by_label_desc", [.vector, .string], variadic: -1, returns: .vector, kind: .sort,
            since: version(2, 49), isExperimental: true),
        Function("sort_desc", [.vector], returns: .vector, kind: .sort),
        Function("sqrt", [.vector], returns: .vector, kind: .elementwise),
        Function(
            "start", [], returns: .scalar, kind: .query, since: version(3, 12),
            isExperimental: true),
        Function(
            "start_timestamp", [.vector], returns: .vector, kind: .sampleTime,
            since: version(3, 14), isExperimental: true),
        Function("stddev_over_time", [.matrix], returns: .vector, kind: .overRange),
        Function("stdvar_over_time", [.matrix], returns: .vector, kind: .overRange),
        Function(
            "step", [], returns: .scalar, kind: .query, since: version(3, 12),
            isExperimental: true),
        Function("sum_over_time", [.matrix], returns: .vector, kind: .overRange),
        Function("tan", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("tanh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31)),
        Function("time", [], returns: .scalar, kind: .constant),
        Function("timestamp", [.vector], returns: .vector, kind: .sampleTime),
        Function(
            "ts_of_first_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(3, 7), isExperimental: true),
        Function(
            "ts_of_last_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(3, 5), isExperimental: true),
        Function(
            "ts_of_max_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(3, 5), isExperimental: true),
        Function(
            "ts_of_min_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(3, 5), isExperimental: true),
        Function("vector", [.scalar], returns: .vector, kind: .vector),
        Function("year", [.vector], variadic: 1, returns: .vector, kind: .calendar),
    ]
}

extension AggregationOperator {
    /// The type of the first argument where the operator has two.
    public var parameterType: ValueType? {
        switch self {
        case .topk, .bottomk, .quantile, .limitk, .limitRatio: .scalar
        case .countValues: .string
        case .sum, .avg, .count, .min, .max, .group, .stddev, .stdvar: nil
        }
    }

    /// Whether it has two arguments.
    public var takesParameter: Bool { parameterType != nil }

    public var isExperimental: Bool { self == .limitk || self == .limitRatio }

    /// The release that brought it; nil for what every supported server has.
    public var since: PrometheusVersion? {
        isExperimental ? PrometheusVersion(2, 54) : nil
    }
}

extension BinaryOperator {
    /// How strongly it binds; higher is stronger.
    public var precedence: Int {
        switch self {
        case .or: 1
        case .and, .unless: 2
        case .equal, .notEqual, .greater, .less, .greaterOrEqual, .lessOrEqual, .trimUpper,
            .trimLower:
            3
        case .add, .subtract: 4
        case .multiply, .divide, .modulo, .atan2: 5
        case .power: 6
        }
    }

    public var isRightAssociative: Bool { self == .power }

    public var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .greater, .less, .greaterOrEqual, .lessOrEqual: true
        default: false
        }
    }

    public var isSet: Bool { self == .and || self == .or || self == .unless }

    /// Whether it computes a number from two: everything but comparisons, sets and the trimming of
    /// histograms.
    public var isArithmetic: Bool {
        switch self {
        case .add, .subtract, .multiply, .divide, .modulo, .power, .atan2: true
        default: false
        }
    }
}
