/// One row of the table of modifiers: what can be written behind selectors, operators and
/// aggregations.
public struct Modifier: Hashable, Sendable {
    /// As it is written.
    public let text: String
    /// The release that brought it; nil for what every supported server has.
    public let since: PrometheusVersion?
    /// Behind `query: {experimental_functions: true}`.
    public let isExperimental: Bool
    /// What it does, in one line.
    public let meaning: String

    private init(
        _ text: String, since: (Int, Int)? = nil, isExperimental: Bool = false, _ meaning: String
    ) {
        self.text = text
        self.since = since.map { PrometheusVersion($0.0, $0.1) }
        self.isExperimental = isExperimental
        self.meaning = meaning
    }

    public static let all: [Modifier] = [
        Modifier("x[5m]", "The samples of a window, open at its older end"),
        Modifier("x[1h:5m]", "A window of evaluations, the second duration apart"),
        Modifier("x offset 5m", "Data from so long before; from after where negative"),
        Modifier("x @ 1700000000", since: (2, 25), "Data as of one time, in Unix seconds"),
        Modifier("x @ start()", since: (2, 25), "Data as of the first time of the query"),
        Modifier("x @ end()", since: (2, 25), "Data as of the last time of the query"),
        Modifier("x[2 * step()]", since: (3, 14), "A computed duration: + - * / % ^, parentheses"),
        Modifier("x[step()]", since: (3, 14), "The distance of the query's evaluations"),
        Modifier("x[range()]", since: (3, 14), "The length of the query's range"),
        Modifier("x[min_of(1m, step())]", since: (3, 14), "The smaller of two durations"),
        Modifier("x[max_of(1m, step())]", since: (3, 14), "The larger of two durations"),
        Modifier(
            "x[5m] anchored", since: (3, 7), isExperimental: true,
            "A window that begins with the sample before it"),
        Modifier(
            "x[5m] smoothed", since: (3, 7), isExperimental: true,
            "A window with values interpolated at its edges"),
        Modifier("by (a, b)", "Aggregation: one group for the values of these labels"),
        Modifier("without (a, b)", "Aggregation: one group for the values of all other labels"),
        Modifier("on (a, b)", "Operator: sides match by these labels"),
        Modifier("ignoring (a, b)", "Operator: sides match by all other labels"),
        Modifier("group_left (a, b)", "Operator: many of the left to one of the right"),
        Modifier("group_right (a, b)", "Operator: one of the left to many of the right"),
        Modifier("bool", "Comparison: 1 or 0 instead of the value or nothing"),
        Modifier(
            "fill (0)", since: (3, 10), isExperimental: true,
            "Operator: a value for what either side lacks"),
        Modifier(
            "fill_left (0)", since: (3, 10), isExperimental: true,
            "Operator: a value for what the left side lacks"),
        Modifier(
            "fill_right (0)", since: (3, 10), isExperimental: true,
            "Operator: a value for what the right side lacks"),
    ]
}
