import PromQL
import TimeSeries

/// A query and its times.
struct GeneratedQuery: Hashable, Sendable {
    var expression: Expression
    var times: QueryTimes

    var text: String { expression.text() }

    /// `at 5` or `from 0 to 60 step 15`.
    var timesText: String {
        if times.step == 0 { return "at \(NumberText.timestamp(times.start))" }
        return "from \(NumberText.timestamp(times.start)) to \(NumberText.timestamp(times.end)) "
            + "step \(NumberText.timestamp(times.step))"
    }
}
