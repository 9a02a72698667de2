import Metrics
import Synchronization
import Telemetry
import Tracing

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

/// Counts values by size, and remembers for each bucket where a value comes from that belongs to a
/// trace.
final class HistogramCell: MetricCell, TimerHandler, RecorderHandler {
    /// The buckets' upper bounds, ascending; the last bucket, without a bound, is not among them.
    private let bounds: [Double]
    private let state: Mutex<State>

    private struct State {
        /// For each bucket, the one without a bound last.
        var counts: [UInt64]
        var sum = 0.0
        /// Beside the counts; empty until there is one.
        var origins: [Origin?] = []
    }

    private struct Origin {
        var trace: TraceContext
        var value: Double
        /// Milliseconds since the Unix epoch.
        var time: Int64

        var exemplar: MetricFamily.Exemplar {
            .init(traceID: trace.traceText, value: value, time: time)
        }
    }

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: [UInt64](repeating: 0, count: bounds.count + 1)))
    }

    var reading: MetricFamily.Value {
        let state = state.withLock { $0 }
        return .histogram(
            MetricFamily.Histogram(
                bounds: bounds, counts: state.counts, sum: state.sum,
                exemplars: state.origins.isEmpty
                    ? Array(repeating: nil, count: state.counts.count)
                    : state.origins.map { $0?.exemplar }))
    }

    func record(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        var origin: Origin?
        // Only a trace that is recorded can be looked up.
        if let trace = ServiceContext.current?.trace, trace.isSampled {
            origin = Origin(trace: trace, value: value, time: WallClock.now())
        }
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
            guard let origin else { return }
            if state.origins.isEmpty {
                state.origins = Array(repeating: nil, count: state.counts.count)
            }
            state.origins[bucket] = origin
        }
    }

    func record(_ value: Int64) { record(Double(value)) }

    /// Kept in seconds.
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
}
