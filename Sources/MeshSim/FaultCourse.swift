import Synchronization

/// When one fault is on for one workload: the only thing of the simulation that is not known
/// beforehand.
///
/// Only the times at which it is switched are kept. So what a scrape shows is still a function of
/// the time, and of those times; switching changes nothing of the past.
final class FaultCourse: Sendable {
    private let times = Mutex<[Double]>([])

    /// The times it was switched, in seconds since the origin, rising: on, off, on, ….
    var switches: [Double] { times.withLock { $0 } }

    /// Since when it is on, if it was not switched off by that time.
    func begin(at seconds: Double) -> Double? {
        let past = switches.prefix { $0 <= seconds }
        return past.count.isMultiple(of: 2) ? nil : past.last
    }

    func isOn(at seconds: Double) -> Bool { begin(at: seconds) != nil }

    /// Whether it has been on before that time.
    func hasBegun(by seconds: Double) -> Bool {
        guard let first = switches.first else { return false }
        return first <= seconds
    }

    /// For how many seconds it was on before that time, all in all.
    func duration(until seconds: Double) -> Double {
        let past = switches.prefix { $0 < seconds } + [seconds]
        var sum = 0.0
        for index in stride(from: 0, to: past.count - 1, by: 2) {
            sum += past[index + 1] - past[index]
        }
        return sum
    }

    /// Switches it at that time, if it is not so already.
    func turn(on isOn: Bool, at seconds: Double) {
        times.withLock { times in
            guard times.count.isMultiple(of: 2) == isOn else { return }
            // Two requests may come in the wrong order, by a millisecond.
            times.append(max(seconds, times.last ?? 0))
        }
    }
}

/// How a fault changes a flow: the share of it that there is.
struct Gate: Sendable {
    var course: FaultCourse
    var shareWhileOn: Double
    var shareWhileOff: Double
}
