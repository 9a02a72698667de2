import PromQL
import TimeSeries

/// The queries that one evaluation of a script stands for.
struct ScriptQuery {
    var text: String
    var times: QueryTimes
    /// Whether the answer may also be read off the middle of a range query.
    var hasRangeForm = true
}

extension ScriptEvaluation {
    /// The query itself and, for an instant query, the same with `@` on all selectors at other
    /// times, where that cannot change the answer.
    func queries() -> [ScriptQuery] {
        switch times {
        case .range(let start, let end, let step):
            return [
                ScriptQuery(
                    text: query, times: .range(start: start, end: end, step: step),
                    hasRangeForm: false)
            ]
        case .instant(let time):
            let isInstantOnly =
                if case .string = expectation.value { true } else { expectation.window != nil }
            var result = [
                ScriptQuery(
                    text: query, times: .instant(time),
                    hasRangeForm: !isInstantOnly && !query.asksForItsTimes)
            ]
            guard let fixed = fixedQuery(at: time) else { return result }
            let others =
                time == 0 ? [-1000, 0, 1000] : [-10 * time, 0, time / 5, time, 10 * time]
            for other in others {
                result.append(
                    ScriptQuery(
                        text: fixed, times: .instant(other),
                        hasRangeForm: !isInstantOnly && !fixed.asksForItsTimes))
            }
            return result
        }
    }

    /// The query with `@` on all selectors; nil where its answer depends on the evaluation time all
    /// the same, or where it is no query.
    private func fixedQuery(at time: Int64) -> String? {
        let options = ParseOptions(experimentalFunctions: true, extendedRangeSelectors: true)
        guard let expression = try? parse(query, options: options),
            !expression.dependsOnEvaluationTime
        else { return nil }
        return expression.fixed(at: time).text()
    }
}

extension String {
    /// Whether a query speaks of its own times, so that in a range query it has another answer.
    fileprivate var asksForItsTimes: Bool {
        ["start()", "end()", "step()", "range()"].contains { contains($0) }
    }
}

extension PromQL.Expression {
    /// Functions whose results change with the evaluation time though their arguments do not
    /// (`AtModifierUnsafeFunctions` in Prometheus's `promql/functions.go`).
    private static let functionsOfTime: Set<String> = [
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month",
        "year", "predict_linear", "time", "timestamp", "start", "end", "step", "range",
    ]

    /// Whether such a function stands outside all subqueries: those get a time of their own.
    fileprivate var dependsOnEvaluationTime: Bool {
        switch self {
        case .subquery: return false
        case .call(let call) where Self.functionsOfTime.contains(call.function.name): return true
        default: return children.contains(where: \.dependsOnEvaluationTime)
        }
    }

    /// The same with `@ time` on every selector and subquery that has no literal `@`. What is
    /// inside a subquery stays as it is.
    fileprivate func fixed(at time: Int64) -> PromQL.Expression {
        switch self {
        case .selector(var selector):
            selector.time.fix(at: time)
            return .selector(selector)
        case .range(var range):
            range.selector.time.fix(at: time)
            return .range(range)
        case .subquery(var subquery):
            subquery.time.fix(at: time)
            return .subquery(subquery)
        default:
            return mapChildren { $0.fixed(at: time) }
        }
    }
}

extension TimeModifiers {
    fileprivate mutating func fix(at time: Int64) {
        if case .time = at { return }
        at = .time(time)
    }
}
