import Evaluation
import PromQL
import TimeSeries

/// A Prometheus in memory, for tests: samples, and PromQL over them by the gateway's own engine,
/// with the lookback that only servers have. What it answers is what one server would, so a fleet
/// of it can be held against one that has everything.
package struct MemoryServer: Sendable {
    package struct Series: Sendable {
        package var labels: Labels
        /// In time order, milliseconds; `Absent.value` is a stale marker.
        package var samples: [(time: Int64, value: Double)]

        package init(labels: Labels, samples: [(time: Int64, value: Double)]) {
            self.labels = labels
            self.samples = samples
        }
    }

    package var series: [Series]
    /// How far back an instant selector looks, milliseconds; its window is open on the left.
    package var lookback: Int64 = 300_000

    package init(series: [Series] = []) { self.series = series }

    /// What the server answers to a resolved expression.
    package func answer(
        _ expression: Expression, on grid: TimeGrid
    ) throws -> EvaluationOutcome {
        var store = SampleStore()
        for one in series {
            store.add(
                SampleColumns(
                    labels: one.labels, times: one.samples.map(\.time),
                    values: one.samples.map(\.value)))
        }
        return try evaluate(
            expression, over: store, on: grid, options: SampleOptions(lookback: lookback))
    }
}

/// What the test's server cannot do.
package struct NotInMemory: Error {
    package var reason: String

    package init(reason: String) { self.reason = reason }
}
