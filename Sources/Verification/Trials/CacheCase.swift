import Caching
import PromQL
import TimeSeries

/// A server, questions about its data, and what happens one after the other.
struct CacheCase: Sendable {
    var seed: UInt64
    var server: SimulatedServer
    /// Vectors, or windows of samples.
    var questions: [Expression]
    var operations: [Operation]
    /// Each with its clock's error, milliseconds.
    var gatewaySkews: [Int64]
    /// How old data are that do not change any more, by any gateway's clock; milliseconds.
    var freshness: Int64
    /// When the first operation takes place.
    var start: Int64
    var limits: CachingLimits
    var maximumPoints: Int
    /// Milliseconds.
    var lookback: Int64

    enum Operation: Hashable, Sendable {
        /// Time goes by, milliseconds.
        case advance(Int64)
        case ask(Ask)
        /// From now on, the server fails after so many answers.
        case fail(after: Int)
        /// From now on, the server answers a part and warns of it.
        case answerInPart
        case recover
        /// The store loses some entries.
        case evict(seed: UInt64)
        /// Bytes of some entries change.
        case corrupt(seed: UInt64)
        /// Some entries stand under each other's keys.
        case swap(seed: UInt64)
        /// A gateway begins anew.
        case restart(gateway: Int)
        /// Data before a time are deleted.
        case retain(from: Int64)
        /// The server gets another configuration.
        case reconfigure
    }

    struct Ask: Hashable, Sendable {
        var gateway: Int
        var question: Int
        /// How far the last time is before the present, about; milliseconds.
        var age: Int64
        var count: Int
        var step: Int64
        var phase: Int64
        var isInstant = false
        /// So many operations later what is to be kept arrives in the store.
        var writeDelay = 0

        /// On steps that are multiples since the epoch, moved by the phase.
        func grid(at now: Int64) -> TimeGrid {
            let rest = (now - age - phase) % step
            let end = now - age - (rest < 0 ? rest + step : rest)
            return TimeGrid(start: end - step * Int64(count - 1), end: end, step: step)
        }
    }
}
