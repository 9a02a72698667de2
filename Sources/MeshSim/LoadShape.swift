#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How a rate swings around its mean over the day, as a sum of sine waves.
///
/// The area under it is a formula. So a counter's value is a pure function of time, without a
/// state to carry from one scrape to the next, and it never falls as long as the amplitudes add
/// up to less than one.
struct LoadShape: Sendable {
    /// One swing: `amplitude` is a share of the mean rate, `phase` is in radians at time zero.
    struct Wave: Sendable {
        var amplitude: Double
        var periodSeconds: Double
        var phase: Double
    }

    private let waves: [Wave]

    /// A shape made of these waves, whose amplitudes together stay below one.
    init(_ waves: [Wave]) {
        precondition(
            waves.reduce(0) { $0 + abs($1.amplitude) } < 1,
            "A load that falls below zero would make its counters fall.")
        self.waves = waves
    }

    /// A rate that never changes.
    static let steady = LoadShape([])

    /// Busy in the afternoon of a place, quiet in its night, with ripples of minutes.
    static func daily(_ day: Day, dice: inout Dice) -> LoadShape {
        let secondsPerDay = 86_400.0
        // The wave is at its height a quarter of its period after it crosses zero.
        let peakUTC = (15 - day.hoursAheadOfUTC) * 3600
        let crossing = peakUTC - secondsPerDay / 4 - day.originSecondOfDay
        return LoadShape([
            Wave(
                amplitude: 0.40, periodSeconds: secondsPerDay,
                phase: -2 * .pi * crossing / secondsPerDay),
            ripple(amplitude: 0.12, periodSeconds: 1500...3600, dice: &dice),
            ripple(amplitude: 0.08, periodSeconds: 300...900, dice: &dice),
            ripple(amplitude: 0.05, periodSeconds: 60...180, dice: &dice),
        ])
    }

    /// Comes and goes: nearly nothing for some minutes, then nearly double.
    static func episodes(periodSeconds: ClosedRange<Double>, dice: inout Dice) -> LoadShape {
        LoadShape([ripple(amplitude: 0.9, periodSeconds: periodSeconds, dice: &dice)])
    }

    private static func ripple(
        amplitude: Double, periodSeconds: ClosedRange<Double>, dice: inout Dice
    ) -> Wave {
        Wave(
            amplitude: amplitude, periodSeconds: dice.number(in: periodSeconds),
            phase: dice.number(in: 0...(2 * .pi)))
    }

    /// The rate at a time, as a multiple of its mean; `seconds` since the simulation's origin.
    func factor(at seconds: Double) -> Double {
        waves.reduce(1) { sum, wave in
            sum + wave.amplitude * sin(2 * .pi * seconds / wave.periodSeconds + wave.phase)
        }
    }

    /// The area under `factor` from the origin to `seconds`: the mean rate's seconds so far.
    func area(to seconds: Double) -> Double {
        waves.reduce(seconds) { sum, wave in
            let turn = 2 * .pi / wave.periodSeconds
            let swing = cos(wave.phase) - cos(turn * seconds + wave.phase)
            return sum + wave.amplitude / turn * swing
        }
    }

    /// Where a day begins: what `daily` needs to know about a cluster's place and the origin.
    struct Day: Sendable {
        /// The place's local time minus UTC, in hours.
        var hoursAheadOfUTC: Double
        /// The origin's distance from midnight UTC, in seconds.
        var originSecondOfDay: Double
    }
}

/// Events that happen at a mean rate, more or less often as the load's shape and faults say.
struct Flow: Sendable {
    var perSecond: Double
    var shape: LoadShape
    /// The faults that change it. What they leave of it is multiplied, and is never negative, so
    /// that counters never fall.
    var gates: [Gate] = []

    /// How many events there have been since the origin, with their fraction.
    func amount(at seconds: Double) -> Double {
        guard !gates.isEmpty else { return perSecond * shape.area(to: seconds) }
        let switches = gates.map(\.course.switches)
        var amount = 0.0
        var begin = 0.0
        var areaBefore = 0.0
        for end in Set(switches.joined()).filter({ $0 < seconds }).sorted() + [seconds] {
            let area = shape.area(to: end)
            amount += (area - areaBefore) * perSecond * share(from: begin, switches)
            begin = end
            areaBefore = area
        }
        return amount
    }

    /// What the gates leave from that time on, until one of them is switched.
    private func share(from begin: Double, _ switches: [[Double]]) -> Double {
        zip(gates, switches).reduce(1) { share, gate in
            let past = gate.1.count { $0 <= begin }
            return share
                * (past.isMultiple(of: 2) ? gate.0.shareWhileOff : gate.0.shareWhileOn)
        }
    }

    /// How many whole events there have been since the origin.
    func count(at seconds: Double) -> Double {
        amount(at: seconds).rounded(.down)
    }

    /// How many events a second there are at that time.
    func rate(at seconds: Double) -> Double {
        perSecond * shape.factor(at: seconds)
            * (gates.isEmpty ? 1 : share(from: seconds, gates.map(\.course.switches)))
    }

    func scaled(by share: Double) -> Flow {
        Flow(perSecond: perSecond * share, shape: shape, gates: gates)
    }

    /// The part of it that a fault leaves.
    func gated(_ course: FaultCourse, whileOn: Double, whileOff: Double) -> Flow {
        var flow = self
        flow.gates.append(Gate(course: course, shareWhileOn: whileOn, shareWhileOff: whileOff))
        return flow
    }
}
