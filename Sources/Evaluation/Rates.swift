import TimeSeries

/// How values change inside a window.
enum Rates {
    /// `rate`, `increase` and `delta`: the difference of the last and the first sample, continued
    /// to the window's edges unless the series seems to begin or end inside, and never below zero
    /// for counters.
    static func extrapolated(_ window: Window, isCounter: Bool, isRate: Bool) -> Double? {
        guard window.values.count > 1, let first = window.values.first,
            let last = window.values.last, let firstTime = window.times.first,
            let lastTime = window.times.last
        else { return nil }
        var result = last - first
        if isCounter {
            var previous = first
            for value in window.values.dropFirst() {
                // A counter that falls has begun anew at zero.
                if value < previous { result += previous }
                previous = value
            }
        }
        var toStart = Double(firstTime - window.start) / 1000
        var toEnd = Double(window.end - lastTime) / 1000
        let sampled = Double(lastTime - firstTime) / 1000
        let average = sampled / Double(window.values.count - 1)
        let threshold = average * 1.1
        if toStart >= threshold { toStart = average / 2 }
        if isCounter {
            var toZero = toStart
            if result > 0, first >= 0 { toZero = sampled * (first / result) }
            if toZero < toStart { toStart = toZero }
        }
        if toEnd >= threshold { toEnd = average / 2 }
        var factor = (sampled + toStart + toEnd) / sampled
        if isRate { factor /= window.lengthSeconds }
        return result * factor
    }

    /// `irate` and `idelta`: of the last two samples.
    static func instant(_ window: Window, isRate: Bool) -> Double? {
        guard window.values.count > 1 else { return nil }
        let values = Array(window.values.suffix(2))
        let times = Array(window.times.suffix(2))
        guard times[1] > times[0] else { return nil }
        guard isRate else { return values[1] - values[0] }
        let change = values[1] < values[0] ? values[1] : values[1] - values[0]
        return change / (Double(times[1] - times[0]) / 1000)
    }

    /// The line of least squares, its intercept at `origin` (milliseconds).
    static func regression(
        _ window: Window, origin: Int64
    ) -> (slope: Double, intercept: Double) {
        var sumX = CompensatedSum()
        var sumY = CompensatedSum()
        var sumXY = CompensatedSum()
        var sumXX = CompensatedSum()
        let first = window.values.first ?? .nan
        var isConstant = true
        for (time, value) in zip(window.times, window.values) {
            if value != first { isConstant = false }
            let x = Double(time - origin) / 1000
            sumX.add(x)
            sumY.add(value)
            sumXY.add(x * value)
            sumXX.add(x * x)
        }
        if isConstant { return first.isInfinite ? (.nan, .nan) : (0, first) }
        let count = Double(window.values.count)
        let covariance = sumXY.value - sumX.value * sumY.value / count
        let variance = sumXX.value - sumX.value * sumX.value / count
        let slope = covariance / variance
        return (slope, sumY.value / count - slope * sumX.value / count)
    }

    /// Double exponential smoothing (Holt's linear method).
    static func smoothed(_ values: [Double], _ level: Double, _ trend: Double) -> Double? {
        guard values.count > 1 else { return nil }
        var before = 0.0
        var smooth = values[0]
        var slope = values[1] - values[0]
        for index in 1..<values.count {
            if index > 1 { slope = trend * (smooth - before) + (1 - trend) * slope }
            let next = level * values[index] + (1 - level) * (smooth + slope)
            before = smooth
            smooth = next
        }
        return smooth
    }
}
