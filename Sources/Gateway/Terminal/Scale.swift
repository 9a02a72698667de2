import PrometheusAPI
import TimeSeries

/// The round numbers beside a vertical axis.
struct ValueScale {
    let lower: Double
    let upper: Double
    let step: Double

    private static let most = 1e300

    /// A scale that holds all values, with at most about `count` steps.
    init(_ values: some Sequence<Double>, steps count: Int) {
        var least = Double.infinity
        var most = -Double.infinity
        for value in values where value.isFinite {
            least = min(least, value)
            most = max(most, value)
        }
        if least > most { (least, most) = (0, 1) }
        if least == most {
            let room = least == 0 ? 1 : least.magnitude / 2
            (least, most) = (least - room, most + room)
        }
        // Nobody tells such numbers apart, and the distance of the largest ones is infinite.
        least = max(least, -Self.most)
        most = min(most, Self.most)
        let step = Self.roundStep((most - least) / Double(max(1, count)))
        self.step = step
        lower = (least / step).rounded(.down) * step
        upper = (most / step).rounded(.up) * step
    }

    /// The round numbers, from the lowest.
    var ticks: [Double] {
        let count = Int(min(((upper - lower) / step).rounded(), 100))
        return (0...max(1, count)).map { lower + Double($0) * step }
    }

    /// Where a value lies: 0 at the lower end, 1 at the upper.
    func place(of value: Double) -> Double {
        let bounded = min(max(value, lower), upper)
        return (bounded - lower) / (upper - lower)
    }

    /// The least 1, 2 or 5 times a power of ten that is not below `step`.
    private static func roundStep(_ step: Double) -> Double {
        var power = 1.0
        while power * 10 <= step { power *= 10 }
        while power > step, power > 1e-300 { power /= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= step * 0.999_999 } ?? step
    }

    /// All ticks with one unit and as many decimals as tell them apart.
    var labels: [String] {
        let largest = max(lower.magnitude, upper.magnitude)
        guard largest < 1e18, step > 1e-9 else { return ticks.map(NumberText.literal) }
        let units = ["", "", "M", "G", "T", "P"]
        var unit = 0
        var divisor = 1.0
        while unit + 1 < units.count, largest / divisor >= 10_000 {
            divisor *= 1000
            unit += 1
        }
        let suffix = unit == 1 ? "k" : units[unit]
        var decimals = 0
        var rest = step / divisor
        while rest < 0.999_999, decimals < 12 {
            rest *= 10
            decimals += 1
        }
        return ticks.map { tick in
            let number = tick / divisor
            // What is left of zero after adding steps up is zero.
            let cleaned = number.magnitude < step / divisor / 1000 ? 0 : number
            return NumberText.decimals(cleaned, decimals) + suffix
        }
    }
}

/// The round times below a horizontal axis.
struct TimeScale {
    let grid: TimeGrid

    /// Milliseconds.
    private static let steps: [Int64] =
        [1, 2, 5, 10, 20, 50, 100, 200, 500]
        + [1, 2, 5, 10, 15, 30].map { $0 * 1000 } + [1, 2, 5, 10, 15, 30].map { $0 * 60_000 }
        + [1, 2, 3, 6, 12].map { $0 * 3_600_000 }
        + [1, 2, 5, 10, 20, 50, 100, 365, 1000, 3650].map { $0 * 86_400_000 }

    /// Round times with their texts, at most about `count`.
    func ticks(atMost count: Int) -> [(time: Int64, text: String)] {
        let span = max(1, grid.end - grid.start)
        let step = Self.steps.first { span / $0 <= Int64(max(1, count)) } ?? span
        var time = grid.start - ((grid.start % step) + step) % step
        if time < grid.start { time += step }
        var ticks: [(time: Int64, text: String)] = []
        while time <= grid.end {
            ticks.append((time, Self.text(time, step: step)))
            time += step
        }
        return ticks
    }

    /// As much of the time as the step changes: a date, hours and minutes, or seconds.
    private static func text(_ time: Int64, step: Int64) -> String {
        let full = APITime.text(time)
        if step >= 86_400_000 { return String(full.prefix(10)) }
        let clock = full.dropFirst(11).dropLast()
        if step >= 60_000 { return String(clock.prefix(5)) }
        return String(clock)
    }
}
