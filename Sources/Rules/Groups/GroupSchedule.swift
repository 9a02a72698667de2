import Evaluation
import TimeSeries

/// When a group is evaluated: in steps of its interval, at a place in the interval that its name and
/// file decide, so that groups are spread and keep their places over restarts.
public struct GroupSchedule: Hashable, Sendable {
    /// Milliseconds.
    public let interval: Int64
    /// Milliseconds behind the multiples of the interval.
    public let offset: Int64

    public init(name: String, file: String, interval: Int64) {
        precondition(interval > 0, "a group is evaluated again")
        self.interval = interval
        // Prometheus's own hash, of its own labels, over nanoseconds.
        let hash = SeriesHash.hash(of: ["name": name, "file": file])
        offset = Int64(hash % UInt64(interval * 1_000_000)) / 1_000_000
    }

    /// The latest time of the schedule that is not after `time`.
    public func slot(notAfter time: Int64) -> Int64 {
        let adjusted = time - offset
        let remainder = adjusted % interval
        return adjusted - (remainder < 0 ? remainder + interval : remainder) + offset
    }

    /// The evaluation that is due at `time` after the one of `previous`, and how many between were
    /// missed. Missed evaluations are not made up for.
    public func next(after previous: Int64, at time: Int64) -> (time: Int64, missed: Int64) {
        let missed = max(0, (time - previous) / interval - 1)
        return (previous + (missed + 1) * interval, missed)
    }
}
