import TimeSeries

/// How values change inside a window. Times are milliseconds; Absent.value means no result.
enum Rates {
    /// `rate`, `increase` and `delta`: the difference of the last and the first sample, continued
    /// to the window's edges unless the series seems to begin or end inside, and never below zero
    /// for counters.
    static func extrapolated(
        _ times: Span<Int64>, _ values: Span<Double>, _ window: WindowFacts, isCounter: Bool,
        isRate: Bool
    ) -> Double {
        let last = values.count - 1
        guard last > 0 else { return Absent.value }
        let first = values[0]
        var result = values[last] - first
        if isCounter {
            for index in 1...last where values[index] < values[index - 1] {
                // A counter that falls has begun anew at zero.
                result += values[index - 1]
            }
        }
        return result
            * extrapolation(
                of: result, from: first, times[0]...times[last], samples: values.count, window,
                isCounter: isCounter, isRate: isRate)
    }

    /// `rate` and `increase` of a counter of which it is known when its counting began.
    static func extrapolated(
        _ times: ArraySlice<Int64>, _ values: ArraySlice<Double>, _ starts: CountingStarts,
        _ window: WindowFacts, isRate: Bool
    ) -> Double {
        guard let first = values.first, let last = values.last, let firstTime = times.first,
            let lastTime = times.last
        else { return Absent.value }
        let begin = starts.begin(in: window)
        if values.count == 1, begin == nil { return Absent.value }
        var difference = last - first
        for index in values.indices.dropFirst()
        where values[index] < values[index - 1] || starts.isAnew(index) {
            difference += values[index - 1]
        }
        if begin != nil { difference += first }
        return difference
            * extrapolation(
                of: difference, from: first, firstTime...lastTime, samples: values.count, window,
                isCounter: true, isRate: isRate, begin: begin)
    }

    /// By how much a difference grows that is continued to the window's edges. A counter is taken
    /// to have been at zero where the line through its samples reaches it, or at `begin` where that
    /// is known.
    static func extrapolation(
        of difference: Double, from first: Double, _ sampledTimes: ClosedRange<Int64>,
        samples: Int, _ window: WindowFacts, isCounter: Bool, isRate: Bool, begin: Int64? = nil
    ) -> Double {
        var toStart = Double(sampledTimes.lowerBound - window.start) / 1000
        var toEnd = Double(window.end - sampledTimes.upperBound) / 1000
        var sampled = Double(sampledTimes.upperBound - sampledTimes.lowerBound) / 1000
        let average = samples > 1 ? sampled / Double(samples - 1) : 0
        // A sample that is a little late is still expected outside the window.
        let threshold = average * 1.1
        if toStart >= threshold { toStart = average / 2 }
        if let begin {
            toStart = 0
            sampled = Double(sampledTimes.upperBound - begin) / 1000
        } else if isCounter {
            var toZero = toStart
            if difference > 0, first >= 0 { toZero = sampled * (first / difference) }
            if toZero < toStart { toStart = toZero }
        }
        if toEnd >= threshold { toEnd = average / 2 }
        let factor = (sampled + toStart + toEnd) / sampled
        return isRate ? factor / (Double(window.end - window.start) / 1000) : factor
    }

    /// `irate` and `idelta`: of the last two samples.
    static func instant(
        _ times: Span<Int64>, _ values: Span<Double>, isRate: Bool
    ) -> Double {
        let last = values.count - 1
        guard last > 0 else { return Absent.value }
        guard isRate else { return values[last] - values[last - 1] }
        // A counter that falls has begun anew at zero.
        let change =
            values[last] < values[last - 1] ? values[last] : values[last] - values[last - 1]
        return change / (Double(times[last] - times[last - 1]) / 1000)
    }

    /// The line of least squares through the samples, its intercept at `origin`.
    static func regression(
        _ times: Span<Int64>, _ values: Span<Double>, origin: Int64
    ) -> (slope: Double, intercept: Double) {
        var sumX = CompensatedSum()
        var sumY = CompensatedSum()
        var sumXY = CompensatedSum()
        var sumXX = CompensatedSum()
        var isConstant = true
        for index in times.indices {
            let value = values[index]
            if index > 0, value != values[0] { isConstant = false }
            let x = Double(times[index] - origin) / 1000
            sumX.add(x)
            sumY.add(value)
            sumXY.add(x * value)
            sumXX.add(x * x)
        }
        if isConstant { return values[0].isInfinite ? (.nan, .nan) : (0, values[0]) }
        let count = Double(values.count)
        let covariance = sumXY.value - sumX.value * sumY.value / count
        let variance = sumXX.value - sumX.value * sumX.value / count
        let slope = covariance / variance
        return (slope, sumY.value / count - slope * sumX.value / count)
    }

    /// Double exponential smoothing (Holt's linear method).
    static func smoothed(_ values: Span<Double>, level: Double, trend: Double) -> Double {
        guard values.count > 1 else { return Absent.value }
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
