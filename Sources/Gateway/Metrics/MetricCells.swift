import Metrics
import Synchronization

/// One metric: where the numbers are kept.
protocol MetricCell: AnyObject, Sendable {
    var reading: MetricFamily.Value { get }
}

/// A number that counts up or is set. An increment is one atomic operation.
final class NumberCell: MetricCell, CounterHandler, FloatingPointCounterHandler, MeterHandler,
    RecorderHandler
{
    /// The number's bits.
    private let bits = Atomic<UInt64>(0)

    var reading: MetricFamily.Value {
        .number(Double(bitPattern: bits.load(ordering: .relaxed)))
    }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let attempt = bits.weakCompareExchange(
                expected: old, desired: new, ordering: .relaxed)
            if attempt.exchanged { return }
            old = attempt.original
        }
    }

    func decrement(by amount: Double) { increment(by: -amount) }

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func record(_ value: Int64) { set(Double(value)) }

    func record(_ value: Double) { set(value) }

    func reset() { set(0.0) }
}

/// Counts values by size.
final class HistogramCell: MetricCell, TimerHandler, RecorderHandler {
    /// The buckets' upper bounds, ascending; the last bucket, without a bound, is not among them.
    private let bounds: [Double]
    private let state: Mutex<State>

    private struct State {
        /// For each bucket, the one without a bound last.
        var counts: [UInt64]
        var sum = 0.0
    }

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: [UInt64](repeating: 0, count: bounds.count + 1)))
    }

    var reading: MetricFamily.Value {
        let state = state.withLock { $0 }
        return .histogram(
            MetricFamily.Histogram(bounds: bounds, counts: state.counts, sum: state.sum))
    }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func record(_ value: Int64) { record(Double(value)) }

    /// Kept in seconds.
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
