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
        Function(
            "abs", [.vector], returns: .vector, kind: .elementwise,
            meaning: "Each value without its sign"),
        Function(
            "absent", [.vector], returns: .vector, kind: .absent,
            meaning: "One series of value 1 where the vector has none"),
        Function(
            "absent_over_time", [.matrix], returns: .vector, kind: .absentOverTime,
            meaning: "One series of value 1 where no series has a sample in the window"),
        Function(
            "acos", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Arc cosine of each value, in radians"),
        Function(
            "acosh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Inverse hyperbolic cosine of each value"),
        Function(
            "asin", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Arc sine of each value, in radians"),
        Function(
            "asinh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Inverse hyperbolic sine of each value"),
        Function(
            "atan", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Arc tangent of each value, in radians"),
        Function(
            "atanh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Inverse hyperbolic tangent of each value"),
        Function(
            "avg_over_time", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Mean of the samples in the window"),
        Function(
            "ceil", [.vector], returns: .vector, kind: .elementwise,
            meaning: "Each value rounded up to a whole number"),
        Function(
            "changes", [.matrix], returns: .vector, kind: .overRange,
            meaning: "How often the value changes in the window"),
        Function(
            "clamp", [.vector, .scalar, .scalar], returns: .vector, kind: .elementwise,
            since: version(2, 26),
            meaning: "Each value, held between a lower and an upper bound"),
        Function(
            "clamp_max", [.vector, .scalar], returns: .vector, kind: .elementwise,
            meaning: "Each value, held below an upper bound"),
        Function(
            "clamp_min", [.vector, .scalar], returns: .vector, kind: .elementwise,
            meaning: "Each value, held above a lower bound"),
        Function(
            "cos", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Cosine of each value in radians"),
        Function(
            "cosh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Hyperbolic cosine of each value"),
        Function(
            "count_over_time", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Number of samples in the window"),
        Function(
            "day_of_month", [.vector], variadic: 1, returns: .vector, kind: .calendar,
            meaning: "Day of the month in UTC, from 1, of each value as Unix time"),
        Function(
            "day_of_week", [.vector], variadic: 1, returns: .vector, kind: .calendar,
            meaning: "Day of the week in UTC, 0 being Sunday, of each value as Unix time"),
        Function(
            "day_of_year", [.vector], variadic: 1, returns: .vector, kind: .calendar,
            since: version(2, 37),
            meaning: "Day of the year in UTC, from 1, of each value as Unix time"),
        Function(
            "days_in_month", [.vector], variadic: 1, returns: .vector, kind: .calendar,
            meaning: "Number of days of the month in UTC of each value as Unix time"),
        Function(
            "deg", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Each value in radians as degrees"),
        Function(
            "delta", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Difference of a gauge over the window, extrapolated to its edges"),
        Function(
            "deriv", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Slope per second of a gauge over the window, by linear regression"),
        Function(
            "double_exponential_smoothing", [.matrix, .scalar, .scalar], returns: .vector,
            kind: .overRange, since: version(3, 0), isExperimental: true,
            meaning: "Value of a gauge smoothed by a level and a trend factor"),
        Function(
            "end", [], returns: .scalar, kind: .query, since: version(3, 12), isExperimental: true,
            meaning: "When the query's range ends, in seconds since the Unix epoch"),
        Function(
            "exp", [.vector], returns: .vector, kind: .elementwise,
            meaning: "e to the power of each value"),
        Function(
            "first_over_time", [.matrix], returns: .vector, kind: .overRange, since: version(3, 7),
            meaning: "Oldest sample in the window"),
        Function(
            "floor", [.vector], returns: .vector, kind: .elementwise,
            meaning: "Each value rounded down to a whole number"),
        Function(
            "histogram_avg", [.vector], returns: .vector, kind: .elementwise, since: version(2, 48),
            meaning: "Mean of the observations in each native histogram"),
        Function(
            "histogram_count", [.vector], returns: .vector, kind: .elementwise,
            since: version(2, 40),
            meaning: "Number of observations in each native histogram"),
        Function(
            "histogram_fraction", [.scalar, .scalar, .vector], returns: .vector, kind: .buckets,
            since: version(2, 40),
            meaning: "Share of the observations between two values in each histogram"),
        Function(
            "histogram_quantile", [.scalar, .vector], returns: .vector, kind: .buckets,
            meaning: "Quantile of the observations in each histogram, classic or native"),
        Function(
            "histogram_quantiles", [.vector, .string, .scalar, .scalar], variadic: 9,
            returns: .vector, kind: .buckets, since: version(3, 11), isExperimental: true,
            meaning: "Several quantiles of each histogram, told apart by a label"),
        Function(
            "histogram_stddev", [.vector], returns: .vector, kind: .elementwise,
            since: version(2, 47),
            meaning: "Standard deviation of the observations in each native histogram, estimated"),
        Function(
            "histogram_stdvar", [.vector], returns: .vector, kind: .elementwise,
            since: version(2, 47),
            meaning: "Variance of the observations in each native histogram, estimated"),
        Function(
            "histogram_sum", [.vector], returns: .vector, kind: .elementwise, since: version(2, 40),
            meaning: "Sum of the observations in each native histogram"),
        Function(
            "hour", [.vector], variadic: 1, returns: .vector, kind: .calendar,
            meaning: "Hour of the day in UTC of each value as Unix time"),
        Function(
            "idelta", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Difference of the last two samples in the window"),
        Function(
            "increase", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Growth of a counter over the window, extrapolated to its edges"),
        Function(
            "info", [.vector, .vector], variadic: 1, returns: .vector, kind: .info,
            since: version(3, 0), isExperimental: true,
            meaning: "Each series with the labels of the info series that describes it"),
        Function(
            "irate", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Growth per second of a counter between the last two samples in the window"),
        Function(
            "label_join", [.vector, .string, .string, .string], variadic: -1, returns: .vector,
            kind: .labels,
            meaning: "Each series with a label made of other labels' values, joined"),
        Function(
            "label_replace", [.vector, .string, .string, .string, .string], returns: .vector,
            kind: .labels,
            meaning: "Each series with a label made of another label's value, by regular expression"
        ),
        Function(
            "last_over_time", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Newest sample in the window"),
        Function(
            "ln", [.vector], returns: .vector, kind: .elementwise,
            meaning: "Natural logarithm of each value"),
        Function(
            "log10", [.vector], returns: .vector, kind: .elementwise,
            meaning: "Decimal logarithm of each value"),
        Function(
            "log2", [.vector], returns: .vector, kind: .elementwise,
            meaning: "Binary logarithm of each value"),
        Function(
            "mad_over_time", [.matrix], returns: .vector, kind: .overRange, since: version(2, 49),
            isExperimental: true,
            meaning: "Median of the distances from the median in the window"),
        Function(
            "max_of", [.scalar, .scalar], returns: .scalar, kind: .scalarArithmetic,
            since: version(3, 13), isExperimental: true,
            meaning: "The larger of two scalars"),
        Function(
            "max_over_time", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Largest sample in the window"),
        Function(
            "min_of", [.scalar, .scalar], returns: .scalar, kind: .scalarArithmetic,
            since: version(3, 13), isExperimental: true,
            meaning: "The smaller of two scalars"),
        Function(
            "min_over_time", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Smallest sample in the window"),
        Function(
            "minute", [.vector], variadic: 1, returns: .vector, kind: .calendar,
            meaning: "Minute of the hour in UTC of each value as Unix time"),
        Function(
            "month", [.vector], variadic: 1, returns: .vector, kind: .calendar,
            meaning: "Month of the year in UTC, from 1, of each value as Unix time"),
        Function(
            "pi", [], returns: .scalar, kind: .constant, since: version(2, 31),
            meaning: "The number pi"),
        Function(
            "predict_linear", [.matrix, .scalar], returns: .vector, kind: .overRange,
            meaning: "Value of a gauge in so many seconds, by linear regression"),
        Function(
            "present_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(2, 29),
            meaning: "1 where the window has a sample"),
        Function(
            "quantile_over_time", [.scalar, .matrix], returns: .vector, kind: .overRange,
            meaning: "Quantile of the samples in the window"),
        Function(
            "rad", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Each value in degrees as radians"),
        Function(
            "range", [], returns: .scalar, kind: .query, since: version(3, 12),
            isExperimental: true,
            meaning: "Length of the query's range in seconds"),
        Function(
            "rate", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Growth per second of a counter over the window, extrapolated to its edges"),
        Function(
            "resets", [.matrix], returns: .vector, kind: .overRange,
            meaning: "How often a counter falls in the window"),
        Function(
            "round", [.vector, .scalar], variadic: 1, returns: .vector, kind: .elementwise,
            meaning: "Each value rounded to the nearest multiple, of 1 unless said"),
        Function(
            "scalar", [.vector], returns: .scalar, kind: .scalar,
            meaning: "The value of a vector's only series; NaN where there is not exactly one"),
        Function(
            "sgn", [.vector], returns: .vector, kind: .elementwise, since: version(2, 26),
            meaning: "Sign of each value: 1, 0 or -1"),
        Function(
            "sin", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Sine of each value in radians"),
        Function(
            "sinh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Hyperbolic sine of each value"),
        Function(
            "sort", [.vector], returns: .vector, kind: .sort,
            meaning: "The series by value, smallest first"),
        Function(
            "sort_by_label", [.vector, .string], variadic: -1, returns: .vector, kind: .sort,
            since: version(2, 49), isExperimental: true,
            meaning: "The series by the values of labels, in natural order"),
        Function(
            "sort_by_label_desc", [.vector, .string], variadic: -1, returns: .vector, kind: .sort,
            since: version(2, 49), isExperimental: true,
            meaning: "The series by the values of labels, in reverse natural order"),
        Function(
            "sort_desc", [.vector], returns: .vector, kind: .sort,
            meaning: "The series by value, largest first"),
        Function(
            "sqrt", [.vector], returns: .vector, kind: .elementwise,
            meaning: "Square root of each value"),
        Function(
            "start", [], returns: .scalar, kind: .query, since: version(3, 12),
            isExperimental: true,
            meaning: "When the query's range begins, in seconds since the Unix epoch"),
        Function(
            "start_timestamp", [.vector], returns: .vector, kind: .sampleTime,
            since: version(3, 14), isExperimental: true,
            meaning: "When each counter began to count, in seconds since the Unix epoch"),
        Function(
            "stddev_over_time", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Standard deviation of the samples in the window"),
        Function(
            "stdvar_over_time", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Variance of the samples in the window"),
        Function(
            "step", [], returns: .scalar, kind: .query, since: version(3, 12), isExperimental: true,
            meaning: "Distance of the query's evaluations in seconds"),
        Function(
            "sum_over_time", [.matrix], returns: .vector, kind: .overRange,
            meaning: "Sum of the samples in the window"),
        Function(
            "tan", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Tangent of each value in radians"),
        Function(
            "tanh", [.vector], returns: .vector, kind: .elementwise, since: version(2, 31),
            meaning: "Hyperbolic tangent of each value"),
        Function(
            "time", [], returns: .scalar, kind: .constant,
            meaning: "Time of the evaluation, in seconds since the Unix epoch"),
        Function(
            "timestamp", [.vector], returns: .vector, kind: .sampleTime,
            meaning: "When each sample was taken, in seconds since the Unix epoch"),
        Function(
            "ts_of_first_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(3, 7), isExperimental: true,
            meaning: "When the oldest sample in the window was taken"),
        Function(
            "ts_of_last_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(3, 5), isExperimental: true,
            meaning: "When the newest sample in the window was taken"),
        Function(
            "ts_of_max_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(3, 5), isExperimental: true,
            meaning: "When the largest sample in the window was taken, the last of several"),
        Function(
            "ts_of_min_over_time", [.matrix], returns: .vector, kind: .overRange,
            since: version(3, 5), isExperimental: true,
            meaning: "When the smallest sample in the window was taken, the last of several"),
        Function(
            "vector", [.scalar], returns: .vector, kind: .vector,
            meaning: "A scalar as a vector of one series without labels"),
        Function(
            "year", [.vector], variadic: 1, returns: .vector, kind: .calendar,
            meaning: "Year in UTC of each value as Unix time"),
    ]
}
